"""What training costs: the published cost metric, work units, and seconds on two clocks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prolong.train.hierarchy import Hierarchy

__all__ = ["Work", "WorkMeter"]

Clock = Callable[[], float]


@dataclass(frozen=True)
class Work:
    """What has been spent so far.

    **Arguments:** `steps`, optimiser steps at any level; `cost`, the metric of MsANN: the sum over steps of
    `batch * |theta_level| / |theta_0|`; `work_units`, the same in steps of the finest level; `cpu_seconds` of
    this process and `wall_seconds`, both without evaluations.
    """

    steps: int = 0
    cost: float = 0.0
    work_units: float = 0.0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0


class WorkMeter:
    """Adds up work; its clocks run from the start but for `paused` spans."""

    def __init__(
        self, hierarchy: Hierarchy, *, cpu: Clock = time.process_time, wall: Clock = time.perf_counter
    ) -> None:
        self._relative = [hierarchy.relative_size(level) for level in range(hierarchy.depth + 1)]
        self._clocks = (cpu, wall)
        self._starts = [cpu(), wall()]
        self._steps = 0
        self._cost = 0.0
        self._units = 0.0

    def charge(self, level: int, batch: int) -> None:
        """One step at `level` with `batch` samples."""
        self._steps += 1
        self._cost += batch * self._relative[level]
        self._units += self._relative[level]

    @property
    def cost(self) -> float:
        """The published cost metric so far."""
        return self._cost

    def reading(self) -> Work:
        """All of it, now."""
        cpu, wall = (clock() - start for clock, start in zip(self._clocks, self._starts, strict=True))
        return Work(self._steps, self._cost, self._units, cpu, wall)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing inside counts: evaluation, plotting, callbacks."""
        begun = [clock() for clock in self._clocks]
        try:
            yield
        finally:
            ended = [clock() for clock in self._clocks]
            self._starts = [
                start + end - begin for start, begin, end in zip(self._starts, begun, ended, strict=True)
            ]
