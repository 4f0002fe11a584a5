"""Method `stiefel`: the search for 0 < s < 1.

1. Every start of the portfolio gets a short descent, the better half another one, and so on until one is left
   (successive halving).
2. The best point is kicked into other basins and descended again; the better point stays. Kicks end after a run
   of failures that grows with the number of starts, or when their share of time or arithmetic is spent; the latter
   allows large pairs few or none.
3. Trust regions finish the best point to the tolerance.
4. A lower bound is proven (`prolong_worker.solve.dual`); a better point met on the way is finished again.

All of it ends at once when the value meets the lower bound. The result is deterministic for a seed, given the
time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from prolong.certificate import Outcome
from prolong_worker.solve.control import Interrupted
from prolong_worker.solve.descent import finish, sprint
from prolong_worker.solve.dual import prove
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.kicks import kicks
from prolong_worker.solve.search import Evaluation, Search
from prolong_worker.solve.setting import Setting
from prolong_worker.solve.solution import Found
from prolong_worker.solve.starts import Start, portfolio

_SPRINT_ROUNDS = 2
_FOLLOW_ROUNDS = 2
# A kicked point more than this above the best, relative to it, after one round is not followed any further.
_PROMISING = 0.02
# Kicks end after this many failures in a row for each start.
_FAILURES_PER_START = 8
_LEAST_GAIN = 1e-5
# Share of the allowed time after which no further kick begins, so that the best point is still finished.
_KICK_SHARE = 0.6
# Multiplications that all kicks together may take; one descent is about a hundred gradients.
_KICK_WORK = 3e12
_DESCENT_GRADIENTS = 120


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
        _halve(setting, search, effort=effort, rng=rng)
        _kick(setting, search, patience=_FAILURES_PER_START * effort.starts, rng=rng)
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


def _halve(setting: Setting, search: Search, *, effort: Effort, rng: np.random.Generator) -> None:
    starts = chain(effort.warm, portfolio(setting, effort.starts, rng))
    points: Sequence[Evaluation] = [search.visit(start()) for start in starts]
    while True:
        points = [_sprinted(search, point.point) for point in points]
        search.report("starts")
        if len(points) == 1:
            return
        points = sorted(points, key=lambda point: point.value)[: (len(points) + 1) // 2]


def _sprinted(search: Search, point: FloatArray) -> Evaluation:
    return search.visit(sprint(search, point, rounds=_SPRINT_ROUNDS))


def _kick(setting: Setting, search: Search, *, patience: int, rng: np.random.Generator) -> None:
    failures = 0
    allowed = int(_KICK_WORK / (_DESCENT_GRADIENTS * _gradient_work(setting)))
    for kick in islice(kicks(setting, search, rng), allowed):
        before = search.found
        value = _descended(search, kick(before.point), before.value).value
        search.report("kicks")
        failures = 0 if value < (1 - _LEAST_GAIN) * before.value else failures + 1
        if failures == patience or search.watch.share_used > _KICK_SHARE:
            return


def _descended(search: Search, point: FloatArray, best: float) -> Evaluation:
    point = sprint(search, point, rounds=1)
    if search.visit(point).value < (1 + _PROMISING) * best:
        point = sprint(search, point, rounds=_FOLLOW_ROUNDS)
    return search.visit(point)


def _gradient_work(setting: Setting) -> float:
    n_fine, n_coarse = setting.shape
    return 4.0 * n_fine * n_coarse * (n_fine + n_coarse)
