"""Numbers from records."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prolong_worker.bench.solver.measures import by_problem, geometric_mean, profile, reached, speedup, worse_by


def test_records_are_sorted_by_problem_and_method(record):
    rows = [record("a", [(1, 2)]), record("b", [(1, 3)]), record("a", [(1, 4)], locality=0.7)]
    found = by_problem([*rows, record("a", [(1, 9)], kind="exact")])
    assert found == {("a -> b", 0.3): {"a": rows[0], "b": rows[1]}, ("a -> b", 0.7): {"a": rows[2]}}


def test_reached_is_the_first_time_at_or_below_the_target():
    curve = [(0.5, 9.0), (1.0, 4.0), (2.0, 1.0)]
    assert [reached(curve, target) for target in (10, 9, 8, 4, 1, 0.5)] == [0.5, 0.5, 1.0, 1.0, 2.0, inf]


def test_worse_is_more_than_rounding(record):
    theirs = record("b", [(1.0, 2.0)])
    assert worse_by(record("a", [(1.0, 2.0000001)]), theirs) == 0
    assert worse_by(record("a", [(1.0, 1.0)]), theirs) == 0
    assert worse_by(record("a", [(1.0, 2.2)]), theirs) == pytest.approx(0.1)
    assert worse_by(record("a", [(1.0, 1e-13)]), record("b", [(1.0, 0.0)])) == 0


def test_speedup_compares_the_times_to_their_last_value(record):
    theirs = record("b", [(1.0, 9.0), (8.0, 2.0)])
    assert speedup(record("a", [(0.1, 5.0), (0.2, 1.9)]), theirs) == pytest.approx(40)
    assert speedup(record("a", [(0.1, 2.0)]), theirs) == pytest.approx(80)


def test_where_we_never_get_there_our_budget_counts(record):
    assert speedup(record("a", [(0.1, 3.0)]), record("b", [(8.0, 2.0)])) == pytest.approx(0.8)


def test_the_geometric_mean():
    assert geometric_mean([1.0, 100.0]) == pytest.approx(10)
    assert geometric_mean([]) is None


def test_profiles_by_hand(record):
    problems = [
        {"a": record("a", [(1.0, 10.0)]), "b": record("b", [(0.5, 50.0), (4.0, 10.001)])},
        {"a": record("a", [(3.0, 2.0)]), "b": record("b", [(1.0, 1.0)])},
        {"b": record("b", [(1.0, 0.0)])},
    ]
    assert profile(problems, ["a", "b"], within=1e-3) == {"a": [1.0, inf, inf], "b": [1.0, 1.0, 4.0]}
    assert profile(problems[1:2], ["a", "b"], within=1.0) == {"a": [3.0], "b": [1.0]}


curves = st.lists(st.tuples(st.floats(0.01, 100), st.floats(0.1, 100)), min_size=1, max_size=6).map(
    lambda points: list(
        zip(sorted(t for t, _ in points), sorted((v for _, v in points), reverse=True), strict=True)
    )
)


@given(st.lists(st.tuples(curves, curves), min_size=1, max_size=5))
def test_somebody_is_fastest_on_every_problem_and_nobody_faster(pairs):
    problems = [
        {arm: {"curve": curve, "objective": curve[-1][1]} for arm, curve in zip("ab", both, strict=True)}
        for both in pairs
    ]
    ratios = profile(problems, "ab", within=1e-3)
    assert all(len(found) == len(pairs) and found == sorted(found) and found[0] >= 1 for found in ratios.values())
    assert sum(ratio == 1 for found in ratios.values() for ratio in found) >= len(pairs)
