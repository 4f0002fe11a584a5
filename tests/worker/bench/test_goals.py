"""Goals: met, missed, unmeasured."""

from __future__ import annotations

import pytest

from prolong_worker.bench.goals import Goal


@pytest.mark.parametrize(
    ("value", "sense", "met"),
    [(1.0, "<=", True), (2.0, "<=", True), (2.5, "<=", False), (2.5, ">=", True), (1.9, ">=", False)],
)
def test_a_goal_is_met_on_its_side_and_at_its_border(value, sense, met):
    goal = Goal("time", value, 2.0, "s", sense)
    assert goal.met is met
    assert goal.line.startswith("met " if met else "MISSED ")
    assert f"time: {value:g} s (goal {sense} 2 s)" in goal.line


@pytest.mark.parametrize("sense", ["<=", ">="])
def test_what_was_not_measured_is_not_met(sense):
    goal = Goal("memory", None, 4, "GiB", sense)
    assert not goal.met
    assert goal.line == f"unmeasured  memory (goal {sense} 4 GiB)"
    assert goal.document() == {"name": "memory", "value": None, "goal": 4, "unit": "GiB", "met": False}
