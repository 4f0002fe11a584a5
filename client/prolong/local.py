"""Solving in this process, without a server."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import overload

from prolong.diffusion import Distance, DistanceProblem, Distances
from prolong.extras import optional
from prolong.graphs import GraphSpec
from prolong.operators import Operator
from prolong.problem import Problem
from prolong.wire import Progress

__all__ = ["distance", "distances", "solve", "solve_sweep"]


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


@overload
def distance(first: GraphSpec, second: GraphSpec, t: float | None = 1.0) -> Distance: ...


@overload
def distance(first: GraphSpec, second: GraphSpec, t: Sequence[float | None]) -> list[Distance]: ...


def distance(
    first: GraphSpec, second: GraphSpec, t: float | Sequence[float | None] | None = 1.0
) -> Distance | list[Distance]:
    """The graph diffusion distance of two graphs, of any sizes in any order, with an optimal P (extra `worker`).

    **Arguments:** `t`: a time; None for the linear form; or a list of these, which gives a list of distances.

    **Raises:** `InvalidInput`, `MissingExtra`.
    """
    many = not isinstance(t, int | float) and t is not None
    problem = DistanceProblem(graphs=(first, second), t=tuple(t) if many else t)  # type: ignore[arg-type]
    engine = optional("prolong_worker.solve", extra="worker", needed_for="distances without a server")
    found: list[Distance] = engine.compare_pair(problem)
    return found if many else found[0]


def distances(problem: DistanceProblem, *, on_progress: Callable[[Progress], None] | None = None) -> Distances:
    """The distances of all pairs of a list of graphs, found here (extra `worker`).

    **Arguments:** `on_progress`: called after every pair; its `iteration` counts them.

    **Raises:** `MissingExtra`.
    """
    engine = optional("prolong_worker.solve", extra="worker", needed_for="distances without a server")
    control = engine.Control(clock=time.monotonic, report=on_progress or _ignore)
    found: Distances = engine.compare_all(problem, control)
    return found


def solve_sweep(problem: Problem, *, on_progress: Callable[[Progress], None] | None = None) -> list[Operator]:
    """The operators of a problem whose `locality` is a list, searched for here (extra `worker`).

    **Arguments:** `on_progress`: called now and then with the value and how far its search has come.

    **Returns:** the best operator found for each value, in their order, its certificate attached.

    **Raises:** as `solve`.
    """
    engine = optional("prolong_worker.solve", extra="worker", needed_for="solving without a server")
    control = engine.Control(clock=time.monotonic, report=on_progress or _ignore)
    return [solution.operator for solution in engine.solve_sweep(problem, control=control)]


def _ignore(progress: Progress) -> None:
    del progress
