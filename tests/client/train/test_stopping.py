from __future__ import annotations

import math

import pytest

from prolong.train import Budget, Hierarchy, Iterations, Stagnation, TrainingOutcome, Work


@pytest.fixture
def hierarchy(make):
    return Hierarchy.of({"a": (8, 16), "b": (16, 8)}, make.pairs(16, 8, 4), depth=2)


def _steps(watch, losses):
    for count, loss in enumerate(losses, start=1):
        if watch.done(loss):
            return count
    return None


def test_iterations_count(hierarchy):
    assert _steps(Iterations(7).watch(hierarchy, 1), [1.0] * 20) == 7


def test_a_flat_loss_is_left_after_two_windows_of_finer_work(hierarchy):
    ratio = hierarchy.relative_size(0) / hierarchy.relative_size(1)
    window = math.ceil(10 * ratio)
    assert _steps(Stagnation(10, 0.05).watch(hierarchy, 1), [1.0] * 500) == 2 * window


def test_a_falling_loss_is_not_left_until_it_stagnates(hierarchy):
    falling = [0.98**step for step in range(200)]
    rule = Stagnation(10, 0.05, max_finer_steps=1000)
    assert _steps(rule.watch(hierarchy, 1), falling) is None
    stopped = _steps(rule.watch(hierarchy, 1), falling + [falling[-1]] * 300)
    assert 200 < stopped < 300


def test_a_slowly_falling_loss_is_bounded(hierarchy):
    ratio = hierarchy.relative_size(1) / hierarchy.relative_size(2)
    falling = [0.9**step for step in range(1000)]
    assert _steps(Stagnation(10, 0.05, max_finer_steps=50).watch(hierarchy, 2), falling) == math.ceil(50 * ratio)


def test_the_finest_level_is_never_left(hierarchy):
    assert _steps(Stagnation().watch(hierarchy, 0), [1.0] * 5000) is None


@pytest.mark.parametrize(
    ("budget", "outcome"),
    [
        (Budget(), None),
        (Budget(cost=10), TrainingOutcome.BUDGET_SPENT),
        (Budget(cost=11), None),
        (Budget(cpu_seconds=2), TrainingOutcome.BUDGET_SPENT),
        (Budget(wall_seconds=3), TrainingOutcome.BUDGET_SPENT),
        (Budget(target=0.5), TrainingOutcome.TARGET_REACHED),
        (Budget(target=0.4), None),
    ],
)
def test_budgets(budget, outcome):
    assert budget.outcome(Work(1, 10.0, 1.0, 2.0, 3.0), 0.5) == outcome
