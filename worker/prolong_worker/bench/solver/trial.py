"""One method on one problem: its clock, its budget, and how its best value fell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import floor, inf, log

from prolong.problem import Problem
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.objective import Evaluation, Objective

__all__ = ["BudgetSpent", "Curve", "Trial"]

#: Seconds and the best value then, both monotonic.
Curve = list[tuple[float, float]]

# Of all improvements within 2 % of time the last is kept.
_RESOLUTION = log(1.02)


class BudgetSpent(Exception):
    """Ends a method from inside its callbacks. Never leaves `prolong_worker.bench.solver`."""


@dataclass
class Trial:
    """Mutable: what one method has reached. Everything from the graphs on counts as its time.

    **Arguments:** `problem`: with numbers for alpha and beta; `seconds`: the budget; `clock`: in seconds.
    """

    problem: Problem
    seconds: float
    clock: Callable[[], float]
    best: Evaluation | None = None
    value: float = inf
    evaluations: int = 0
    _points: dict[int, tuple[float, float]] = field(default_factory=dict)
    _started: float = field(init=False)
    _last: Evaluation | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._started = self.clock()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.clock() - self._started

    @property
    def curve(self) -> Curve:
        """Improvements in time; a point's value was reached then or a little earlier, never later."""
        return [self._points[index] for index in sorted(self._points)]

    def evaluate(self, objective: Objective, point: FloatArray) -> Evaluation:
        """The objective at a feasible point, remembered if it is the best.

        **Raises:** `BudgetSpent` when time is up; what was found after that does not count, but for the first
        point.
        """
        if self._last is None or self._last.point is not point:
            self._last = objective.at(point)
            self.evaluations += 1
            if self.best is not None:
                self.check()
            if self._last.value < self.value:
                self.best = self._last
            self.observe(self._last.value)
        return self._last

    def observe(self, value: float) -> None:
        """Take note of a value of the objective that was reached now."""
        if value < self.value:
            self.value = value
            now = max(self.elapsed, 1e-6)
            self._points[floor(log(now) / _RESOLUTION)] = (now, value)

    def check(self) -> None:
        """**Raises:** `BudgetSpent` when time is up."""
        if self.elapsed >= self.seconds:
            raise BudgetSpent
