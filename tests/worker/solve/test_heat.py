"""The certified scale of heat processes, against permutations and dense grids."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prolong_worker.solve.heat import HeatPair
from prolong_worker.solve.matching import match
from prolong_worker.solve.objective import Interval

rates = st.floats(0.0, 8.0).map(lambda rate: rate if rate > 1e-6 else 0.0)


@st.composite
def heat_pairs(draw: st.DrawFn) -> HeatPair:
    coarse = draw(st.lists(rates, min_size=1, max_size=5))
    fine = draw(st.lists(rates, min_size=len(coarse), max_size=8))
    time = draw(st.sampled_from([1e-3, 0.1, 1.0, 20.0]))
    return HeatPair(*(np.array([0.0, *sorted(values)]) for values in (coarse, fine)), time)


def cost(pair: HeatPair, scale: float) -> float:
    return match(*pair.losses(scale)).cost


def by_permutations(pair: HeatPair, scale: float) -> float:
    coarse, fine = np.exp(-pair.time / scale * pair.coarse), np.exp(-pair.time * scale * pair.fine)
    choices = itertools.permutations(fine, coarse.size)
    return min(float(np.sum((coarse - np.array(chosen)) ** 2)) for chosen in choices)


@given(heat_pairs())
@settings(max_examples=60, deadline=None)
def test_no_scale_is_below_the_bound_and_none_better_than_the_best(pair: HeatPair) -> None:
    best = pair.best_scale()
    grid = min(cost(pair, math.exp(u)) for u in np.linspace(-12, 12, 401))
    assert best.lower <= grid + 1e-14
    assert best.cost <= grid + 1e-12
    assert best.lower <= best.cost


@given(heat_pairs())
@settings(max_examples=60, deadline=None)
def test_the_bound_meets_the_cost(pair: HeatPair) -> None:
    best = pair.best_scale()
    assert math.sqrt(best.cost) - math.sqrt(best.lower) <= 1e-7
    assert best.cost == pytest.approx(cost(pair, best.scale), rel=1e-9, abs=1e-28)


@given(heat_pairs().filter(lambda pair: pair.fine.size <= 6), st.floats(0.2, 5.0))
@settings(max_examples=40, deadline=None)
def test_the_matching_in_order_is_the_best_of_all(pair: HeatPair, scale: float) -> None:
    assert cost(pair, scale) == pytest.approx(by_permutations(pair, scale), abs=1e-13)


def test_equal_spectra_have_cost_zero_at_scale_one() -> None:
    values = np.array([0.0, 0.3, 1.1, 4.0])
    best = HeatPair(values, values, 0.7).best_scale()
    assert best.cost < 1e-30
    assert best.scale == pytest.approx(1.0, rel=1e-12)


def test_fine_rates_slower_by_a_factor_are_undone_by_the_scale() -> None:
    values = np.array([0.0, 0.3, 1.1, 4.0])
    best = HeatPair(values, values / 9, 2.0).best_scale()
    assert best.cost < 1e-29
    assert best.scale == pytest.approx(3.0, rel=1e-12)


def test_only_the_interval_is_searched_when_one_is_given() -> None:
    values = np.array([0.0, 0.3, 1.1, 4.0])
    pair = HeatPair(values, values, 0.7)
    best = pair.best_scale(Interval(2.0, 3.0))
    assert best.scale == pytest.approx(2.0)
    assert best.cost == pytest.approx(cost(pair, 2.0))
    assert best.lower == pytest.approx(best.cost, rel=1e-9)
    assert pair.best_scale(Interval.point(1.5)).cost == cost(pair, 1.5)


@pytest.mark.parametrize(
    ("coarse", "fine"), [([0.0], [0.0, 1.0, 3.0]), ([0.0, 2.0], [0.0, 0.0, 0.0]), ([0.0], [0.0])]
)
def test_without_edges_the_limit_is_reached(coarse: list[float], fine: list[float]) -> None:
    best = HeatPair(np.array(coarse), np.array(fine), 1.0).best_scale()
    assert best.cost < 1e-30


def test_many_minima_do_not_mislead() -> None:
    rng = np.random.default_rng(5)
    for _ in range(5):
        coarse, fine = (np.concatenate([[0.0], np.sort(rng.exponential(3, n))]) for n in (12, 30))
        pair = HeatPair(coarse, fine, 1.0)
        best = pair.best_scale()
        grid = min(cost(pair, math.exp(u)) for u in np.linspace(-5, 5, 501))
        assert best.lower <= grid
        assert best.cost <= grid * (1 + 1e-12)
        assert best.lower >= best.cost * (1 - 2e-9)
