"""Solving in this process, without a server."""

from __future__ import annotations

import time
from collections.abc import Callable

from prolong.extras import optional
from prolong.operators import Operator
from prolong.problem import Problem
from prolong.wire import Progress

__all__ = ["solve"]


def solve(problem: Problem, *, on_progress: Callable[[Progress], None] | None = None) -> Operator:
    """The operator of `problem`, searched for here (extra `worker`).

    **Arguments:** `on_progress`: called now and then with how far the search has come.

    **Returns:** the best operator found, its certificate attached.

    **Raises:** `InvalidInput` where method and graphs do not fit, `MissingExtra` without the extra.
    """
    engine = optional("prolong_worker.solve", extra="worker", needed_for="solving without a server")
    control = engine.Control(clock=time.monotonic, report=on_progress or _ignore)
    operator: Operator = engine.solve(problem, control=control).operator
    return operator


def _ignore(progress: Progress) -> None:
    del progress
