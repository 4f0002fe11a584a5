"""Goals from records made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from prolong_worker.bench.solver.targets import goals_of

OURS, CG = "prolong", "pymanopt CG"


def values(records: list[dict[str, Any]]) -> dict[str, tuple[float | None, bool]]:
    """Value and success by the beginning of the goal's name."""
    names = ["worse", "reach15", "reach600", "small", "all", "wrong", "ends", "inner", "wall", "memory"]
    goals = goals_of(records, seconds=15)
    return {name: (goal.value, goal.met) for name, goal in zip(names, goals, strict=True)}


def ours(record: Any, value: float = 1.0, seconds: float = 0.01, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = record(OURS, [(seconds, value)], **{"gap": 0.0, "lower_bound": value, **fields})
    return made


def test_without_records_nothing_is_measured():
    assert set(values([]).values()) == {(None, False)}


def test_a_run_that_reaches_everything(record):
    records = [
        ours(record),
        record(CG, [(2.0, 1.0)]),
        ours(record, kind="long", n_fine=512),
        record(CG, [(500.0, 1.0)], kind="long", n_fine=512),
        ours(record, kind="exact", locality=0.0),
        ours(record, kind="exact", locality=0.5),
        ours(record, kind="large", seconds_=1),
    ]
    records[-1].update(seconds=599.0, peak_memory_gib=3.9)
    goals = goals_of(records, seconds=15)
    assert all(goal.met for goal in goals), [goal.line for goal in goals if not goal.met]
    assert values(records)["reach15"] == (pytest.approx(200, rel=1e-3), True)
    assert "after 15 s" in goals[0].name


def test_one_worse_value_misses_the_first_goal(record):
    good, bad = {"pair": "x"}, {"pair": "y"}
    records = [
        ours(record, 1.0, **good), record(CG, [(2.0, 1.0)], **good),
        ours(record, 1.1, **bad), record(CG, [(2.0, 1.0)], **bad),
    ]  # fmt: skip
    assert values(records)["worse"] == (1.0, False)


def test_pairs_above_128_do_not_count_against_cg(record):
    records = [ours(record, 1.1, n_fine=129), record(CG, [(2.0, 1.0)], n_fine=129)]
    assert values(records)["worse"] == (None, False)


def test_gaps_are_medians_in_percent_and_small_pairs_count_apart(record):
    gaps = {"a": (0.0005, 32), "b": (0.05, 250), "c": (0.01, 251)}
    records = [
        ours(record, pair=name, gap=gap, n_coarse=32, n_fine=n_fine) for name, (gap, n_fine) in gaps.items()
    ]
    found = values(records)
    assert found["small"] == (pytest.approx(2.525), False)
    assert found["all"] == (pytest.approx(1.0), True)


def test_a_bound_above_what_another_method_reached_is_found(record):
    records = [ours(record, 1.0, lower_bound=0.95), record("pymanopt TR", [(1.0, 0.9)])]
    assert values(records)["wrong"] == (1.0, False)


def test_exactness_counts_what_has_a_gap(record):
    exact = {"kind": "exact"}
    records = [
        ours(record, locality=0.0, **exact),
        ours(record, locality=1.0, gap=1e-3, **exact),
        ours(record, locality=0.5, gap=1e-9, **exact),
    ]
    found = values(records)
    assert found["ends"] == (1.0, False)
    assert found["inner"] == (1.0, False)
