import numpy as np
import pytest

from prolong_worker.solve.control import Control, Watch
from prolong_worker.solve.manifold import GramStiefel, orthonormalised
from prolong_worker.solve.matching import match
from prolong_worker.solve.quadratic import Quadratic, minimise_quadratic
from prolong_worker.solve.setting import setting_of


@pytest.fixture
def setting(small):
    return setting_of(small)


def _watch():
    return Watch(Control(), np.inf)


def test_value_and_derivatives(setting, rng):
    quadratic = Quadratic(setting.objective, (0.3, 1.7))
    point = orthonormalised(rng.standard_normal(setting.shape))
    at = quadratic.at(point)
    assert at.value == pytest.approx(0.3 * at.terms[0].norm ** 2 + 1.7 * at.terms[1].norm ** 2)
    direction, step = rng.standard_normal(point.shape), 1e-5
    ahead, behind = (quadratic.at(point + sign * step * direction) for sign in (1, -1))
    assert np.vdot(at.gradient, direction) == pytest.approx((ahead.value - behind.value) / (2 * step), rel=1e-7)
    np.testing.assert_allclose(
        at.hessian(direction), (ahead.gradient - behind.gradient) / (2 * step), rtol=1e-6, atol=1e-6
    )
    tangent = GramStiefel(*point.shape).projection(point, direction)
    assert np.vdot(at.riemannian_gradient, tangent) == pytest.approx(np.vdot(at.gradient, tangent))


@pytest.mark.parametrize("weights", [(1.0, 1.0), (1.0, 0.01), (0.0, 1.0)])
def test_minimisers_are_stationary_and_below_their_start(setting, weights, rng):
    start = orthonormalised(rng.standard_normal(setting.shape))
    quadratic = Quadratic(setting.objective, weights)
    found = quadratic.at(minimise_quadratic(setting, weights, start, watch=_watch(), tolerance=1e-9))
    assert found.value < quadratic.at(start).value
    assert np.linalg.norm(found.riemannian_gradient) <= 1e-9 * quadratic.at(start).value


def test_one_term_alone_never_falls_below_its_matching(setting, rng):
    term = setting.diffusion
    least = match(term.coarse.values, term.fine.values, term.scale.start).cost
    for _ in range(5):
        start = orthonormalised(rng.standard_normal(setting.shape))
        point = minimise_quadratic(setting, (1.0, 0.0), start, watch=_watch())
        assert term.term.at(point).norm ** 2 >= least * (1 - 1e-12)
