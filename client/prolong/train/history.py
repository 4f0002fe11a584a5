"""What happened in a training run; returned, never printed."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from prolong.train.work import Work

__all__ = ["Evaluation", "History", "TrainingOutcome", "VisitRecord"]


class TrainingOutcome(StrEnum):
    """Why a run ended."""

    SCHEDULE_ENDED = "schedule_ended"
    BUDGET_SPENT = "budget_spent"
    TARGET_REACHED = "target_reached"
    DIVERGED = "diverged"


@dataclass(frozen=True)
class Evaluation:
    """The fine network's `loss` on held-out data after `work`, while `level` was smoothed."""

    level: int
    loss: float
    work: Work


@dataclass(frozen=True)
class VisitRecord:
    """One visit: its level, its steps, the mean training loss of its last tenth, the work at its end."""

    level: int
    steps: int
    loss: float
    work: Work


@dataclass(frozen=True)
class History:
    """A finished run: evaluations and visits in order, and why it ended."""

    label: str
    outcome: TrainingOutcome
    evaluations: tuple[Evaluation, ...]
    visits: tuple[VisitRecord, ...]
    settings: dict[str, str | float | int | bool] = field(default_factory=dict)

    def first_below(self, target: float) -> Evaluation | None:
        """The first evaluation with a loss of at most `target`; None if the run never got there."""
        return next((seen for seen in self.evaluations if seen.loss <= target), None)

    @property
    def best(self) -> float:
        """The smallest held-out loss seen."""
        return min(seen.loss for seen in self.evaluations)

    def to_json(self) -> str:
        """The whole of it as a JSON document; `from_json` reads it back."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> History:
        """The inverse of `to_json`."""
        document: dict[str, Any] = json.loads(text)
        return cls(
            label=document["label"],
            outcome=TrainingOutcome(document["outcome"]),
            evaluations=tuple(Evaluation(**_with_work(item)) for item in document["evaluations"]),
            visits=tuple(VisitRecord(**_with_work(item)) for item in document["visits"]),
            settings=document["settings"],
        )


def _with_work(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "work": Work(**item["work"])}
