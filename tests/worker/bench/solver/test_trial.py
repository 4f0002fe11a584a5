"""Budgets and curves."""

from __future__ import annotations

import numpy as np
import pytest

from prolong import Problem, graphs
from prolong_worker.bench.solver.trial import BudgetSpent, Trial
from prolong_worker.solve.setting import setting_of

PROBLEM = Problem(coarse=graphs.path(3), fine=graphs.path(6), locality=0.5, alpha=1.0, beta=0.25)


class Clock:
    """Says what it is told to say."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def trial(clock: Clock) -> Trial:
    return Trial(PROBLEM, 10.0, clock)


def test_only_improvements_count_and_only_the_last_within_two_percent_of_time(trial, clock):
    for seconds, value in [(1.0, 9.0), (2.0, 9.5), (3.0, 8.0), (3.001, 7.0), (6.0, 6.0)]:
        clock.now = 100.0 + seconds
        trial.observe(value)
    assert trial.value == 6.0
    assert [value for _, value in trial.curve] == [9.0, 7.0, 6.0]
    assert [seconds for seconds, _ in trial.curve] == pytest.approx([1.0, 3.001, 6.0])


def test_the_best_evaluation_is_kept(trial):
    objective, rng = setting_of(PROBLEM).objective, np.random.default_rng(1)
    points = [np.linalg.qr(rng.standard_normal((6, 3)))[0] for _ in range(20)]
    values = [trial.evaluate(objective, point).value for point in points]
    assert trial.value == min(values)
    assert trial.best.point is points[int(np.argmin(values))]
    assert trial.evaluations == 20


def test_a_point_is_evaluated_once(trial):
    point = np.eye(6, 3)
    objective = setting_of(PROBLEM).objective
    assert trial.evaluate(objective, point) is trial.evaluate(objective, point)
    assert trial.evaluations == 1


def test_what_comes_after_the_budget_does_not_count(trial, clock):
    objective = setting_of(PROBLEM).objective
    bad, good = np.linalg.qr(np.random.default_rng(1).standard_normal((6, 3)))[0], np.eye(6, 3)
    trial.evaluate(objective, bad)
    assert objective.value(good) < trial.value
    clock.now += 10.0
    with pytest.raises(BudgetSpent):
        trial.evaluate(objective, good)
    assert trial.best.point is bad


def test_the_first_point_counts_even_when_it_is_late(trial, clock):
    clock.now += 11.0
    assert trial.evaluate(setting_of(PROBLEM).objective, np.eye(6, 3)).value == trial.value
