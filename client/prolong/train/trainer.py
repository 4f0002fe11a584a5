"""The loop, once: visit a level, take steps, charge the work, look at the held-out loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from prolong.train.cycles import Visit
from prolong.train.history import Evaluation, History, TrainingOutcome, VisitRecord
from prolong.train.scheme import AbstractScheme
from prolong.train.stopping import AbstractLevelStopping, Budget, Stagnation
from prolong.train.work import WorkMeter

__all__ = ["Trainer"]

OnEvaluation = Callable[[Evaluation], None]


@dataclass(frozen=True)
class Trainer:
    """Runs a schedule over a scheme.

    **Arguments:** `budget`, the end of the run; `stopping`, the end of visits that have no number of steps;
    `growth`, the factor of cost between evaluations (1.05: every 5 %); `first`, the cost of the first evaluation;
    `on_evaluation`, called after each, off the clock.
    """

    budget: Budget
    stopping: AbstractLevelStopping = field(default_factory=Stagnation)
    growth: float = 1.06
    first: float = 64.0
    on_evaluation: OnEvaluation | None = None

    def run(
        self,
        scheme: AbstractScheme,
        schedule: Iterable[Visit],
        *,
        label: str,
        settings: dict[str, str | float | int | bool] | None = None,
    ) -> History:
        """Train until the schedule or the budget ends, the target is reached, or the loss is not finite.

        **Returns:** the history; the first evaluation is that of the start, the last that of the end (an empty
        schedule has neither).
        """
        run = _Run(self, scheme)
        outcome = run.follow(schedule)
        return History(label, outcome, tuple(run.evaluations), tuple(run.visits), settings or {})


class _Run:
    def __init__(self, trainer: Trainer, scheme: AbstractScheme) -> None:
        self._trainer, self._scheme = trainer, scheme
        self._meter = WorkMeter(scheme.hierarchy)
        self._due = trainer.first
        self.evaluations: list[Evaluation] = []
        self.visits: list[VisitRecord] = []

    def follow(self, schedule: Iterable[Visit]) -> TrainingOutcome:
        outcome: TrainingOutcome | None = None
        level = 0
        for visit in schedule:
            level = visit.level
            self._scheme.enter(level)
            if not self.evaluations:
                self._evaluate(level)
            outcome = self._smooth(visit)
            if outcome is not None:
                break
        if self.evaluations and outcome is not TrainingOutcome.TARGET_REACHED:
            self._evaluate(level)
        return outcome or TrainingOutcome.SCHEDULE_ENDED

    def _smooth(self, visit: Visit) -> TrainingOutcome | None:
        watch = self._trainer.stopping.watch(self._scheme.hierarchy, visit.level)
        losses: list[float] = []
        outcome: TrainingOutcome | None = None
        while outcome is None and (visit.steps is None or len(losses) < visit.steps):
            loss = self._scheme.step()
            self._meter.charge(visit.level, self._scheme.batch)
            losses.append(loss)
            outcome = self._after_step(visit.level, loss)
            if visit.steps is None and watch.done(loss):
                break
        tail = losses[-max(1, len(losses) // 10) :]
        mean = math.fsum(tail) / len(tail) if tail else math.nan
        self.visits.append(VisitRecord(visit.level, len(losses), mean, self._meter.reading()))
        return outcome

    def _after_step(self, level: int, loss: float) -> TrainingOutcome | None:
        if not math.isfinite(loss):
            return TrainingOutcome.DIVERGED
        budget = self._trainer.budget
        if self._meter.cost < self._due:
            return budget.outcome(self._meter.reading(), math.inf)
        return budget.outcome(self._meter.reading(), self._evaluate(level))

    def _evaluate(self, level: int) -> float:
        work = self._meter.reading()
        with self._meter.paused():
            seen = Evaluation(level, self._scheme.evaluate(), work)
            self.evaluations.append(seen)
            if self._trainer.on_evaluation is not None:
                self._trainer.on_evaluation(seen)
        self._due = max(self._trainer.first, work.cost * self._trainer.growth)
        return seen.loss
