import numpy as np
import pytest

from prolong_worker.solve.manifold import GramStiefel, orthonormalised
from prolong_worker.solve.preconditioner import AdaptivePreconditioner, SpectralPreconditioner
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


def test_diagonal_is_that_of_the_dominant_part_less_the_constraints(place):
    made = SpectralPreconditioner.at(place)
    gram = place.point.T @ place.gradient
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
        constraint = made.right[:, j] @ gram @ made.right[:, j]
        expected = max(curvature - constraint, 0.1 * curvature)
        assert made.diagonal[i, j] == pytest.approx(expected, rel=1e-6, abs=1e-8 * made.diagonal.max())


def test_the_adaptive_one_is_that_of_the_latest_point(small, rng):
    objective = setting_of(small).objective
    evaluations = {}

    def visit(point):
        return evaluations.setdefault(id(point), objective.at(point))

    adaptive = AdaptivePreconditioner(visit)
    points = [orthonormalised(rng.standard_normal(objective.shape)) for _ in range(3)]
    for point in points:
        tangent = GramStiefel(*point.shape).projection(point, rng.standard_normal(point.shape))
        first = adaptive(point, tangent)
        assert np.vdot(first, tangent) > 0
        if point is points[0]:
            np.testing.assert_allclose(first, SpectralPreconditioner.at(visit(point))(point, tangent), rtol=1e-9)
        else:
            fresh = AdaptivePreconditioner(visit)
            assert np.vdot(fresh(point, tangent), first) > 0
