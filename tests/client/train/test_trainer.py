from __future__ import annotations

import math

import pytest

from prolong.train import AbstractScheme, Budget, Hierarchy, Iterations, Trainer, TrainingOutcome, Visit, nested


class ScriptedScheme(AbstractScheme):
    """Says what it is told to; remembers what it was asked."""

    batch = 10

    def __init__(self, hierarchy, losses):
        self.hierarchy, self._losses = hierarchy, iter(losses)
        self.entered, self.last = [], 1.0

    def enter(self, level):
        self.entered.append(level)

    def step(self):
        self.last = next(self._losses)
        return self.last

    def evaluate(self):
        return self.last

    def merge(self):
        return {}


@pytest.fixture
def hierarchy(make):
    return Hierarchy.of({"a": (8, 8)}, make.pairs(8), depth=1)


def test_the_schedule_is_followed_and_recorded(hierarchy):
    scheme = ScriptedScheme(hierarchy, [0.5] * 100)
    history = Trainer(Budget()).run(scheme, [Visit(1, 3), Visit(0, 2)], label="run", settings={"k": 1})
    assert scheme.entered == [1, 0]
    assert [(visit.level, visit.steps) for visit in history.visits] == [(1, 3), (0, 2)]
    assert history.outcome is TrainingOutcome.SCHEDULE_ENDED
    assert (history.label, history.settings) == ("run", {"k": 1})
    assert history.evaluations[0].work.steps == 0
    assert history.evaluations[-1].work.steps == 5
    assert history.evaluations[-1].work.cost == pytest.approx(10 * (2 + 3 * hierarchy.relative_size(1)))


def test_open_visits_last_until_the_rule_ends_them(hierarchy):
    scheme = ScriptedScheme(hierarchy, [0.5] * 100)
    history = Trainer(Budget(), stopping=Iterations(4)).run(scheme, nested(1), label="")
    assert [(visit.level, visit.steps) for visit in history.visits] == [(1, 4), (0, 4)]


def test_the_budget_ends_the_run_inside_a_visit(hierarchy):
    scheme = ScriptedScheme(hierarchy, [0.5] * 100)
    history = Trainer(Budget(cost=60)).run(scheme, [Visit(0, 50)], label="")
    assert history.outcome is TrainingOutcome.BUDGET_SPENT
    assert history.evaluations[-1].work.cost == 60


def test_the_target_ends_the_run_at_an_evaluation(hierarchy):
    scheme = ScriptedScheme(hierarchy, [0.5, 0.4, 0.1, 0.1, 0.1])
    history = Trainer(Budget(target=0.2), first=10).run(scheme, [Visit(0, 50)], label="")
    assert history.outcome is TrainingOutcome.TARGET_REACHED
    assert history.evaluations[-1].work.steps == 3
    assert [seen.loss for seen in history.evaluations] == [1.0, 0.5, 0.4, 0.1]


def test_a_loss_that_is_not_finite_ends_the_run(hierarchy):
    history = Trainer(Budget()).run(ScriptedScheme(hierarchy, [0.5, math.nan, 0.1]), [Visit(0, 9)], label="")
    assert history.outcome is TrainingOutcome.DIVERGED
    assert history.visits[-1].steps == 2


def test_evaluations_grow_apart_and_are_reported(hierarchy):
    seen = []
    trainer = Trainer(Budget(), growth=2.0, first=10, on_evaluation=seen.append)
    history = trainer.run(ScriptedScheme(hierarchy, [0.5] * 100), [Visit(0, 40)], label="")
    assert [round(item.work.cost) for item in seen] == [0, 10, 20, 40, 80, 160, 320, 400]
    assert tuple(seen) == history.evaluations


def test_an_empty_schedule_is_an_empty_history(hierarchy):
    history = Trainer(Budget()).run(ScriptedScheme(hierarchy, []), [], label="")
    assert (history.evaluations, history.visits) == ((), ())
