import numpy as np
import pytest

from prolong import Problem, graphs
from prolong.certificate import Outcome
from prolong_worker.solve.control import Control, Watch
from prolong_worker.solve.descent import finish, sprint
from prolong_worker.solve.search import Search, gradient_norm
from prolong_worker.solve.setting import setting_of
from prolong_worker.solve.starts import random_point


def _search(problem):
    setting = setting_of(problem)
    return Search(setting.objective, -np.inf, 0.0, Watch(Control(), np.inf))


def _random(search, seed=0):
    return random_point(search.objective.shape, np.random.default_rng(seed))


def test_a_path_is_descended_within_few_iterations():
    search = _search(Problem(coarse=graphs.path(32), fine=graphs.path(64), locality=0.5, alpha=1.0, beta=0.25))
    last = search.visit(sprint(search, _random(search), rounds=5))
    assert search.iterations <= 200
    assert last.value < 3.34
    assert np.abs(last.point.T @ last.point - np.eye(32)).max() < 1e-13


@pytest.mark.parametrize("tolerance", [1e-6, 1e-9])
def test_finishing_reaches_the_tolerance(small, tolerance):
    search = _search(small)
    sprint(search, _random(search), rounds=1)
    assert finish(search, tolerance) == Outcome.CONVERGED
    assert gradient_norm(search.found) <= tolerance * search.found.value


@pytest.mark.parametrize("scale", ["joint", 0.7])
def test_weak_locality_near_the_kink_converges(scale):
    # At s = 0 the diffusion term of this pair is zero: the weights of the two terms differ by orders of magnitude.
    search = _search(Problem(coarse=graphs.path(8), fine=graphs.path(16), locality=0.01, alpha=1.0, beta=scale))
    sprint(search, _random(search), rounds=10)
    assert finish(search, 1e-6) == Outcome.CONVERGED


@pytest.mark.parametrize(("n_coarse", "n_fine"), [(1, 5), (5, 5)])
def test_extreme_shapes(n_coarse, n_fine):
    search = _search(Problem(coarse=graphs.path(n_coarse), fine=graphs.wheel(n_fine), locality=0.3))
    start = _random(search)
    last = search.visit(sprint(search, start, rounds=3))
    assert last.value <= search.objective.value(start)
    assert finish(search, 1e-6) in {Outcome.CONVERGED, Outcome.STALLED}


def test_equal_starts_give_equal_bytes(small):
    points = []
    for _ in range(2):
        search = _search(small)
        points.append(sprint(search, _random(search), rounds=3).tobytes())
    assert points[0] == points[1]
