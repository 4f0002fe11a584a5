from __future__ import annotations

import pytest
from matplotlib.image import imread

from prolong.train import Comparison, Evaluation, History, TrainingOutcome, Work, learning_curves


def _comparison(losses):
    seen = tuple(
        Evaluation(0, loss, Work(i, 10.0 * i, 1.0 * i, 0.1 * i, 0.1 * i)) for i, loss in enumerate(losses)
    )
    histories = {"nested": History("nested", TrainingOutcome.BUDGET_SPENT, seen, ())}
    return Comparison("mnist", "made up", (0.1,), histories)


def test_curves_are_drawn(tmp_path):
    steep, flat = tmp_path / "steep.png", tmp_path / "flat.png"
    learning_curves(_comparison([1.0, 0.5, 0.05, 0.01]), steep)
    learning_curves(_comparison([1.0, 0.99, 0.98, 0.97]), flat)
    pictures = imread(steep), imread(flat)
    assert pictures[0].shape == (506, 1210, 4)
    assert (pictures[0] != pictures[1]).any()


def test_an_unwritable_place_is_said(tmp_path):
    with pytest.raises(FileNotFoundError):
        learning_curves(_comparison([1.0, 0.5]), tmp_path / "nowhere" / "curves.png")
