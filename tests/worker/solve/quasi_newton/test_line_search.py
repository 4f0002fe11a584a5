import numpy as np
import pytest

from prolong_worker.solve.quasi_newton.line_search import Backtracking, Trial


def _search(function, slope, **options):
    return Backtracking().search(lambda t: Trial(t, t, function(t)), function(0.0), slope, **options)


def test_a_good_first_trial_is_taken():
    trial, count = _search(lambda t: (t - 1) ** 2, -2.0)
    assert (trial.length, count) == (1.0, 1)


def test_a_parabola_needs_one_interpolation():
    trial, count = _search(lambda t: (t - 0.2) ** 2, -0.4)
    assert trial.length == pytest.approx(0.2)
    assert count == 2


@pytest.mark.parametrize("far", [1e2, 1e6, np.inf, np.nan])
def test_steep_walls_are_backed_away_from(far):
    trial, _ = _search(lambda t: -t if t < 0.01 else far, -1.0)
    assert 0 < trial.length < 0.01


def test_cubic_interpolation_is_safeguarded():
    trial, _ = _search(lambda t: -t + 50 * t**2 + 400 * t**3, -1.0)
    assert -trial.length + 50 * trial.length**2 + 400 * trial.length**3 <= -1e-4 * trial.length


def test_a_function_that_only_rises_has_no_step():
    trial, count = _search(lambda t: t, -1.0)
    assert trial is None
    assert count == 25


def test_equal_costs_pass_where_the_decrease_is_below_rounding():
    trial, _ = _search(lambda t: 1.0, -1e-17)
    assert trial.length == 1.0
