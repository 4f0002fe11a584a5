from __future__ import annotations

import json

import pytest

from prolong.train import Evaluation, History, TrainingOutcome, VisitRecord, Work


@pytest.fixture
def history():
    seen = [
        Evaluation(1, loss, Work(step, 2.0 * step, step / 64, 0.1 * step, 0.2 * step))
        for step, loss in ((0, 0.9), (3, 0.4), (5, 0.6), (9, 0.3))
    ]
    visits = (VisitRecord(1, 9, 0.35, Work(9, 18.0, 9 / 64, 0.9, 1.8)),)
    return History("run", TrainingOutcome.BUDGET_SPENT, tuple(seen), visits, {"seed": 3, "name": "x"})


def test_the_first_evaluation_below_a_target(history):
    assert history.first_below(0.4).work.steps == 3
    assert history.first_below(0.35).work.steps == 9
    assert history.first_below(0.2) is None
    assert history.best == 0.3


def test_json_round_trip(history):
    text = history.to_json()
    assert History.from_json(text) == history
    assert json.loads(text)["outcome"] == "budget_spent"
