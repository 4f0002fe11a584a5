"""Method `stiefel`: the search for 0 < s < 1.

1. Every start of the portfolio gets a short descent by preconditioned L-BFGS, the better half another one, and so
   on until one is left (successive halving). Large pairs may have time for the first starts only.
2. The best point is finished.
3. It is kicked into other basins and descended again; the better point stays, and is finished. Kicks end after a
   run of failures that grows with the number of starts, or when their share of time or arithmetic is spent; the
   latter allows large pairs few or none.
4. A lower bound is proven (`prolong_worker.solve.dual`); a better point met on the way is finished again.

All of it ends at once when the value meets the lower bound. The result is deterministic for a seed, given the
time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from prolong.certificate import Outcome
from prolong_worker.solve.basins import halve, kick
from prolong_worker.solve.control import Interrupted
from prolong_worker.solve.descent import finish
from prolong_worker.solve.dual import prove
from prolong_worker.solve.search import Search
from prolong_worker.solve.setting import Setting
from prolong_worker.solve.solution import Found
from prolong_worker.solve.starts import Start, portfolio

# Kicks end after this many failures in a row for each start.
_FAILURES_PER_START = 8
# The best point is finished to this before the first kick, so that a search cut short has a good one.
_FIRST_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Effort:
    """How hard to search.

    Arguments:
        starts: size of the portfolio, at least 1.
        seed: of everything random.
        tolerance: of the gradient's norm, relative to the objective.
        warm: further starts, tried before the portfolio: points of neighbouring problems.
    """

    starts: int
    seed: int
    tolerance: float
    warm: Sequence[Start] = ()


def stiefel_optimum(setting: Setting, search: Search, effort: Effort) -> Found:
    """The best point of the search described above; both terms of the setting are active."""
    rng = np.random.default_rng(effort.seed)
    try:
        halve(search, chain(effort.warm, portfolio(setting, effort.starts, rng)))
        finish(search, max(effort.tolerance, _FIRST_TOLERANCE))
        kick(setting, search, patience=_FAILURES_PER_START * effort.starts, rng=rng)
        outcome = finish(search, effort.tolerance)
    except Interrupted as interruption:
        return Found(search.found.point, interruption.outcome, "stiefel", search.iterations)
    return _proven(setting, search, effort, outcome)


def _proven(setting: Setting, search: Search, effort: Effort, outcome: Outcome) -> Found:
    """The best point with a proof of its bound, which may have met a better point."""
    before = search.found
    proven = prove(setting, search, tolerance=effort.tolerance, seed=effort.seed)
    if proven.outcome is not None:
        outcome = proven.outcome
    elif search.found is not before:
        outcome = _finished_again(search, effort.tolerance)
    bound = proven.bound
    return Found(search.found.point, outcome, "stiefel", search.iterations, bound.value, bound.proof)


def _finished_again(search: Search, tolerance: float) -> Outcome:
    try:
        return finish(search, tolerance)
    except Interrupted as interruption:
        return interruption.outcome
