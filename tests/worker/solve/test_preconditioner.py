import numpy as np
import pytest

from prolong_worker.solve.manifold import GramStiefel, orthonormalised
from prolong_worker.solve.preconditioner import SpectralPreconditioner
from prolong_worker.solve.setting import setting_of


@pytest.fixture
def place(small, rng):
    setting = setting_of(small)
    return setting.objective.at(orthonormalised(rng.standard_normal(setting.shape)))


def test_symmetric_positive_definite_on_the_tangent_space(place, rng):
    manifold = GramStiefel(*place.point.shape)
    apply = SpectralPreconditioner.at(place)
    one, two = (manifold.projection(place.point, rng.standard_normal(place.point.shape)) for _ in range(2))
    image = apply(place.point, one)
    np.testing.assert_allclose(manifold.projection(place.point, image), image, atol=1e-12)
    assert np.vdot(image, two) == pytest.approx(np.vdot(apply(place.point, two), one), rel=1e-9)
    assert np.vdot(image, one) > 0


def test_diagonal_is_that_of_the_dominant_part(place):
    made = SpectralPreconditioner.at(place)
    for i, j in ((0, 0), (3, 2), (8, 4)):
        unit = np.outer(made.left[:, i], made.right[:, j])
        curvature = sum(
            value.term.weight
            / value.norm
            * np.linalg.norm(
                unit @ value.term.coarse / value.scale**0.5 - value.scale**0.5 * value.term.fine @ unit
            )
            ** 2
            for value in place.terms
        )
        assert made.diagonal[i, j] == pytest.approx(curvature + 1e-6 * made.diagonal.max(), rel=1e-6)
