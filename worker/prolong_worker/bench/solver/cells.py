"""Which measurements the solver's benchmark consists of."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from threadpoolctl import threadpool_limits

from prolong.errors import InvalidInput
from prolong_worker.bench.base import Cell, Record
from prolong_worker.bench.solver.arms import ARMS, CG, OURS, tried
from prolong_worker.bench.solver.pairs import Pair, random_geometric, suite
from prolong_worker.bench.solver.trial import Trial

__all__ = ["CLOCKS", "Plan", "planned"]

#: CPU seconds of this process, which other processes on the machine do not disturb; or seconds on the wall.
CLOCKS: Mapping[str, Callable[[], float]] = {"cpu": time.process_time, "wall": time.perf_counter}

_LOCALITIES = (0.3, 0.7)
_EXACT_LOCALITIES = (0.0, 1.0)
_COMMUTING_LOCALITIES = (0.1, 0.5, 0.9)
_LONG_SECONDS = 600.0
_LONG_PAIRS = ("random geometric 256 -> 512", "tree:2,7 -> tree:2,8")
_LARGE_THREADS = 2


@dataclass(frozen=True)
class Plan:
    """What is measured, and how.

    **Arguments:** `seconds`: every method's budget for one problem; `clock`: a name of `CLOCKS`; `pairs`: words,
    of which a pair's name has one; all pairs where there are none; `long`: also what takes ten minutes a cell.
    """

    seconds: float
    seed: int = 0
    clock: str = "cpu"
    quick: bool = False
    long: bool = False
    pairs: Sequence[str] = ()
    arms: Sequence[str] = tuple(ARMS)


def planned(plan: Plan) -> list[Cell]:
    """All cells: every method on every pair, then exactness, then what takes long.

    **Raises:** `InvalidInput` where no pair has such a name.
    """
    every = suite(plan.seed)
    pairs = [pair for pair in every if _chosen(pair, plan)]
    if not pairs:
        names = ", ".join(pair.name for pair in every)
        raise InvalidInput.at("--pairs", f"no pair has such a name; there are {names}", code="no_pairs")
    return [*_compared(pairs, plan), *_exact(pairs, plan), *(_long(every, plan) if plan.long else ())]


def _chosen(pair: Pair, plan: Plan) -> bool:
    if plan.pairs:
        return any(word in pair.name for word in plan.pairs)
    return pair.quick or not plan.quick


def _compared(pairs: Sequence[Pair], plan: Plan) -> Iterator[Cell]:
    for pair in pairs:
        for locality in _LOCALITIES:
            for arm in plan.arms:
                if ARMS[arm].takes(pair.coarse.n, pair.fine.n):
                    yield _cell("compared", pair, locality, arm=arm, plan=plan)


def _exact(pairs: Sequence[Pair], plan: Plan) -> Iterator[Cell]:
    for pair in pairs if OURS in plan.arms else ():
        for locality in (*_EXACT_LOCALITIES, *(_COMMUTING_LOCALITIES if pair.commuting else ())):
            yield _cell("exact", pair, locality, arm=OURS, plan=plan)


def _long(every: Sequence[Pair], plan: Plan) -> Iterator[Cell]:
    plan = replace(plan, seconds=_LONG_SECONDS)
    for pair in (pair for pair in every if pair.name in _LONG_PAIRS):
        for arm in (OURS, CG):
            yield _cell("long", pair, 0.5, arm=arm, plan=plan)
    large = random_geometric(1024, 2048, seed=plan.seed)
    yield _cell("large", large, 0.5, arm=OURS, plan=replace(plan, clock="wall"), threads=_LARGE_THREADS)


def _cell(kind: str, pair: Pair, locality: float, *, arm: str, plan: Plan, threads: int | None = None) -> Cell:
    how = f"{plan.seconds:g} {plan.clock} seconds, seed {plan.seed}"
    return Cell(
        key=f"solver, {kind}: {pair.name}, s = {locality:g}, {arm} ({ARMS[arm].version}), {how}",
        label=f"{pair.name}, s = {locality:g}, {arm}",
        run=partial(_measured, kind, pair, locality, arm=arm, plan=plan, threads=threads),
    )


def _measured(kind: str, pair: Pair, locality: float, *, arm: str, plan: Plan, threads: int | None) -> Record:
    problem = pair.problem(locality, seed=plan.seed)
    ARMS[arm].prepare()
    with threadpool_limits(limits=threads):
        found = tried(ARMS[arm], Trial(problem, plan.seconds, CLOCKS[plan.clock]))
    return {
        "kind": kind,
        "pair": pair.name,
        "n_coarse": pair.coarse.n,
        "n_fine": pair.fine.n,
        "locality": locality,
        "beta": pair.beta,
        "arm": arm,
        **found,
        "peak_memory_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 3),
    }
