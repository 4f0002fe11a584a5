import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prolong import graphs
from prolong_worker.solve.axis_spectra import distance_values, laplacian_values
from prolong_worker.solve.matching import match
from prolong_worker.solve.objective import Interval
from prolong_worker.solve.scaling import best_scale, resolve_scale, scale_interval
from prolong_worker.solve.spectra import Spectrum


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 6))
def test_best_scale_is_the_global_minimum(seed, n_coarse, more):
    rng = np.random.default_rng(seed)
    coarse, fine = (np.sort(rng.exponential(size=n)) for n in (n_coarse, n_coarse + more))
    interval = scale_interval(coarse, fine)
    found = best_scale(coarse, fine, interval)
    grid = min(match(coarse, fine, float(a)).cost for a in np.geomspace(*interval, 300))
    assert interval.low <= found.scale <= interval.high
    assert found.cost <= grid + 1e-9
    assert found.lower <= min(grid, found.cost) + 1e-9
    assert found.lower == pytest.approx(found.cost, abs=1e-6)


def test_the_interval_is_a_factor_two_around_the_ratio_of_the_largest_eigenvalues():
    low, high = scale_interval(np.array([-3.0, 2.0]), np.array([0.0, 6.0]))
    assert (low, high) == pytest.approx((0.25, 1.0))


def test_a_zero_matrix_has_scale_one():
    assert scale_interval(np.zeros(1), np.array([0.0, 2.0])) == Interval.point(1.0)


def test_paths_get_the_known_scales():
    coarse, fine = graphs.path(32).axes(), graphs.path(64).axes()
    laplacians = best_scale(*(pair := (laplacian_values(coarse), laplacian_values(fine))), scale_interval(*pair))
    assert laplacians.scale == pytest.approx(1.0, abs=1e-9)
    distances = best_scale(*(pair := (distance_values(coarse), distance_values(fine))), scale_interval(*pair))
    assert distances.scale == pytest.approx(0.25, abs=1e-3)


def test_choices():
    coarse, fine = Spectrum(np.diag([0.0, 1.0])), Spectrum(np.diag([0.0, 1.0, 3.0]))
    given_scale = resolve_scale(0.5, coarse, fine)
    auto, joint = resolve_scale("auto", coarse, fine), resolve_scale("joint", coarse, fine)
    assert given_scale.allowed == Interval.point(0.5)
    assert auto.allowed.is_point
    assert not joint.allowed.is_point
    assert joint.allowed.low <= auto.start <= joint.allowed.high
    assert joint.minimum <= auto.minimum + 1e-12
