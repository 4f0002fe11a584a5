"""The search for the best basin: a portfolio of starts by successive halving, then kicks of the best point.

It may be ended at any time. The start that is usually best comes first, and starts stop when they have used their
share of the time.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np

from prolong_worker.solve.descent import sprint
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.kicks import kicks
from prolong_worker.solve.search import Evaluation, Search
from prolong_worker.solve.setting import Setting
from prolong_worker.solve.starts import Start

Item = TypeVar("Item")

_SPRINT_ROUNDS = 2
_FOLLOW_ROUNDS = 3
# Once the starts have used this share of the time only the best one is followed.
_START_SHARE = 0.15
# A kicked point more than this above the best, relative to it, after one round is not followed any further.
_PROMISING = 0.004
_LEAST_GAIN = 1e-5
# Share of the allowed time after which no further kick begins, so that the best point is still finished.
_KICK_SHARE = 0.6
# Multiplications that all kicks together may take; one descent is about a hundred gradients.
_KICK_WORK = 3e12
_DESCENT_GRADIENTS = 120


def halve(search: Search, starts: Iterable[Start]) -> None:
    """A short descent from every start, another from the better half, and so on until one is left.

    Arguments:
        search: keeps the best point.
        starts: the most promising first.
    """
    points: Sequence[Evaluation] = [_sprinted(search, start()) for start in _in_time(search, starts)]
    while len(points) > 1:
        better = sorted(points, key=lambda point: point.value)[: (len(points) + 1) // 2]
        points = [_sprinted(search, point.point) for point in _in_time(search, better)]


def kick(setting: Setting, search: Search, *, patience: int, rng: np.random.Generator) -> None:
    """Kicks the best point into other basins; a better point takes its place.

    Arguments:
        setting: with two active terms.
        search: has a best point.
        patience: kicks end after so many failures in a row.
        rng: of the kicks.
    """
    failures = 0
    allowed = int(_KICK_WORK / (_DESCENT_GRADIENTS * _gradient_work(setting)))
    for move in islice(kicks(setting, search, rng), allowed):
        if failures >= patience or search.watch.share_used > _KICK_SHARE:
            return
        before = search.found
        value = _descended(search, move(before.point), before.value).value
        search.report("kicks")
        failures = 0 if value < (1 - _LEAST_GAIN) * before.value else failures + 1


def _in_time(search: Search, items: Iterable[Item]) -> Iterable[Item]:
    for count, item in enumerate(items):
        if count > 0 and search.watch.share_used > _START_SHARE:
            return
        yield item


def _sprinted(search: Search, point: FloatArray) -> Evaluation:
    last = search.visit(sprint(search, point, rounds=_SPRINT_ROUNDS))
    search.report("starts")
    return last


def _descended(search: Search, point: FloatArray, best: float) -> Evaluation:
    point = sprint(search, point, rounds=1)
    if search.visit(point).value < (1 + _PROMISING) * best:
        point = sprint(search, point, rounds=_FOLLOW_ROUNDS)
    return search.visit(point)


def _gradient_work(setting: Setting) -> float:
    n_fine, n_coarse = setting.shape
    return 4.0 * n_fine * n_coarse * (n_fine + n_coarse)
