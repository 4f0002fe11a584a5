from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from prolong.errors import InvalidInput
from prolong.train import (
    Comparison,
    ComparisonSettings,
    Evaluation,
    History,
    ImageRows,
    TrainingOutcome,
    Work,
    compare,
    digits,
    one_thread,
)
from prolong.train.arms import Arms


def _history(label, points):
    seen = tuple(Evaluation(0, loss, Work(1, cost, 1.0, seconds, seconds)) for loss, cost, seconds in points)
    return History(label, TrainingOutcome.BUDGET_SPENT, seen, ())


@pytest.fixture
def comparison():
    return Comparison(
        "mnist",
        "somewhere",
        (0.5, 0.2, 0.1),
        {
            "nested": _history("nested", [(0.6, 5, 0.1), (0.4, 10, 0.5), (0.2, 20, 1.0)]),
            "fine": _history("fine", [(0.6, 50, 0.5), (0.4, 60, 1.5), (0.3, 100, 5.0)]),
        },
    )


def test_ratios_are_to_the_nested_arm_and_bounds_where_an_arm_never_got_there(comparison):
    rows = {(row.target, row.arm): row for row in comparison.rows()}
    assert (rows[0.5, "fine"].cost_ratio, rows[0.5, "fine"].seconds_ratio) == (6.0, 3.0)
    assert not rows[0.5, "fine"].at_least
    bound = rows[0.2, "fine"]
    assert (bound.cost, bound.cost_ratio, bound.seconds_ratio, bound.at_least) == (None, 5.0, 5.0, True)
    assert rows[0.1, "nested"].cost_ratio is None


def test_table_and_json_show_every_row(comparison):
    lines = comparison.table().splitlines()
    assert len(lines) == 7
    assert "6.0x" in lines[2]
    assert ">5.0x" in lines[4]
    assert "never" in lines[4]
    document = json.loads(comparison.to_json())
    assert len(document["rows"]) == 6
    assert History.from_json(json.dumps(document["histories"]["fine"])) == comparison.histories["fine"]


def test_a_short_comparison_runs_all_arms_on_one_thread(make):
    seen = []

    def report(arm, evaluation):
        seen.append((arm, torch.get_num_threads()))

    settings = ComparisonSettings(
        widths=(1024, 32, 16, 32, 1024), depth=2, cost=6000, msann_cost=200, held_out=100
    )
    before = torch.get_num_threads()
    result = compare(digits(), make.pairs(1024, 512, 32, 16, 8), settings=settings, on_evaluation=report)
    assert torch.get_num_threads() == before
    assert {threads for _, threads in seen} == {1}
    assert list(result.histories) == ["nested", "fine", "fine_glorot", "msann"]
    first = {row.arm: row for row in result.rows() if row.target == result.targets[0]}
    assert first["fine"].cost_ratio > 1.5
    assert result.histories["msann"].settings["gamma"] == 3


def test_images_and_widths_must_fit(make):
    images = ImageRows(np.zeros((4, 1024), np.float32), np.zeros((4, 1024), np.float32), "digits", "made up")
    with pytest.raises(InvalidInput, match="got 64 inputs"):
        compare(images, {}, settings=ComparisonSettings(widths=(64, 64)))


def test_threads_are_restored_after_an_error():
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError), one_thread():
        raise ZeroDivisionError
    assert torch.get_num_threads() == before


def test_unknown_arms_are_refused(make):
    images = ImageRows(np.zeros((4, 1024), np.float32), np.zeros((4, 1024), np.float32), "digits", "made up")
    settings = ComparisonSettings(widths=(1024, 4, 1024), depth=0)
    with pytest.raises(InvalidInput, match="got 'msann', needed one of"):
        Arms(images, {}, settings).build("msann")
