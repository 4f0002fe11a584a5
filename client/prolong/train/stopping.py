"""When to leave a level, and when to end."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass

from prolong.train.hierarchy import Hierarchy
from prolong.train.history import TrainingOutcome
from prolong.train.work import Work

__all__ = ["AbstractLevelStopping", "AbstractWatch", "Budget", "Iterations", "Stagnation"]


class AbstractWatch(ABC):
    """Watches one visit."""

    @abstractmethod
    def done(self, loss: float) -> bool:
        """Whether the level should be left after a step with this training loss."""


class AbstractLevelStopping(ABC):
    """The rule for visits without a number of steps."""

    @abstractmethod
    def watch(self, hierarchy: Hierarchy, level: int) -> AbstractWatch:
        """A fresh watch for a visit of `level`."""


@dataclass(frozen=True)
class Iterations(AbstractLevelStopping):
    """Leave every level after `steps`."""

    steps: int

    def watch(self, hierarchy: Hierarchy, level: int) -> AbstractWatch:  # noqa: ARG002
        return _Counter(self.steps)


class _Counter(AbstractWatch):
    def __init__(self, steps: int) -> None:
        self._left = steps

    def done(self, loss: float) -> bool:  # noqa: ARG002
        self._left -= 1
        return self._left <= 0


@dataclass(frozen=True)
class Stagnation(AbstractLevelStopping):
    """Leave a level when going on costs as much as steps of the next finer level but gains too little.

    With `ratio` = work of a step one level finer over work of a step here, the mean loss of the last
    `finer_steps * ratio` steps is compared with the mean of as many steps before them; the level is left when it
    fell by less than `tolerance` of itself, or after `max_finer_steps * ratio` steps in any case. The loss is
    the fine network's, so what the level cannot represent counts. Level 0 is never left.
    """

    finer_steps: float = 12.0
    tolerance: float = 0.06
    max_finer_steps: float = 400.0

    def watch(self, hierarchy: Hierarchy, level: int) -> AbstractWatch:
        if level == 0:
            return _Never()
        ratio = hierarchy.relative_size(level - 1) / hierarchy.relative_size(level)
        window = max(2, math.ceil(self.finer_steps * ratio))
        return _Falling(window, self.tolerance, max(2 * window, math.ceil(self.max_finer_steps * ratio)))


class _Never(AbstractWatch):
    def done(self, loss: float) -> bool:  # noqa: ARG002
        return False


class _Falling(AbstractWatch):
    def __init__(self, window: int, tolerance: float, limit: int) -> None:
        self._window, self._tolerance, self._limit = window, tolerance, limit
        self._losses: deque[float] = deque(maxlen=2 * window)
        self._recent = self._before = 0.0
        self._steps = 0

    def done(self, loss: float) -> bool:
        self._steps += 1
        self._slide(loss)
        if self._steps >= self._limit:
            return True
        full = len(self._losses) == 2 * self._window
        return full and self._recent > (1 - self._tolerance) * self._before

    def _slide(self, loss: float) -> None:
        losses, window = self._losses, self._window
        if len(losses) == 2 * window:
            self._before -= losses[0]
        if len(losses) >= window:
            moved = losses[-window]
            self._before += moved
            self._recent -= moved
        losses.append(loss)
        self._recent += loss


@dataclass(frozen=True)
class Budget:
    """The end of a run: whichever limit is reached first.

    **Arguments:** `cost` in the published metric; `cpu_seconds` and `wall_seconds` without evaluations; `target`,
    a held-out loss that is good enough.
    """

    cost: float = math.inf
    cpu_seconds: float = math.inf
    wall_seconds: float = math.inf
    target: float = -math.inf

    def outcome(self, work: Work, loss: float) -> TrainingOutcome | None:
        """Why to stop after `work` with held-out `loss`; None to go on."""
        if loss <= self.target:
            return TrainingOutcome.TARGET_REACHED
        spent = (
            work.cost >= self.cost,
            work.cpu_seconds >= self.cpu_seconds,
            work.wall_seconds >= self.wall_seconds,
        )
        return TrainingOutcome.BUDGET_SPENT if any(spent) else None
