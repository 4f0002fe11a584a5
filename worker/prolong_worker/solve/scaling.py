r"""The scales `alpha` and `beta`: allowed interval and best value for an eigenvalue matching.

The interval is `[rho / 2, 2 rho]` with `rho = lambda_max(coarse) / lambda_max(fine)`. The bound is not optional:
distance matrices of grids have large kernels, so with `beta` free P escapes into the kernel, `beta` runs to
infinity and the term to zero, a degenerate answer. If either matrix is zero no ratio exists and the scale is 1.

The matching cost at scale `a` is

    f(a) = sum mu^2 / a + g(a),    g(a) = min over matchings of  a * sum lambda^2 - 2 * sum mu lambda ,

`g` a minimum of lines, hence concave: between two known points its chord is a lower bound, and with
`sum mu^2 / a` added that bound has a closed-form minimum. Branch and bound on intervals so finds the *global*
minimum with proof (Eisner & Severance 1976 for the breakpoints of a parametric assignment).
"""

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal, NamedTuple, Protocol

import numpy as np

from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.matching import match
from prolong_worker.solve.objective import Interval

_SPREAD = 2.0
_RELATIVE_PRECISION = 1e-13
# Branch and bound ends after this many table entries of all matchings together, within these numbers of matchings;
# its lower bound is valid whenever it ends.
_MATCHING_WORK = 6e8
_LEAST_MATCHINGS, _MOST_MATCHINGS = 4, 400


ScaleChoice = float | Literal["auto", "joint"]


class BestScale(NamedTuple):
    """The best scale found and what is proved of it.

    Arguments:
        scale: minimiser of the matching cost.
        cost: matching cost there.
        lower: no scale of the interval has a smaller matching cost; never negative.
    """

    scale: float
    cost: float
    lower: float


class HasValues(Protocol):
    """Anything with an ascending spectrum, shape `(n,)`."""

    @property
    def values(self) -> FloatArray: ...


class ResolvedScale(NamedTuple):
    """What a problem's choice means for one pair of spectra.

    Arguments:
        allowed: where the scale may lie during the search: a point, or the interval for `"joint"`.
        start: the value that spectral operators are made with.
        minimum: no orthonormal P has a smaller norm of the term with any allowed scale.
    """

    allowed: Interval
    start: float
    minimum: float


def resolve_scale(choice: ScaleChoice, coarse: HasValues, fine: HasValues) -> ResolvedScale:
    """The scale of a term.

    Arguments:
        choice: a positive number; `"auto"`, the minimiser of the matching cost in the interval, fixed before the
            search; or `"joint"`, free in the interval.
        coarse: spectrum of order `n_coarse`.
        fine: spectrum of order `n_fine`.
    """
    interval = _allowed(choice, coarse, fine)
    best = best_scale(coarse.values, fine.values, interval)
    if choice == "joint":
        return ResolvedScale(interval, best.scale, best.lower**0.5)
    return ResolvedScale(Interval.point(best.scale), best.scale, best.cost**0.5)


def _allowed(choice: ScaleChoice, coarse: HasValues, fine: HasValues) -> Interval:
    if isinstance(choice, float):
        return Interval.point(choice)
    return scale_interval(coarse.values, fine.values)


def scale_interval(coarse: FloatArray, fine: FloatArray) -> Interval:
    """The interval for a free scale, from the two ascending spectra."""
    top_coarse, top_fine = float(np.max(np.abs(coarse))), float(np.max(np.abs(fine)))
    if top_coarse == 0 or top_fine == 0:
        return Interval.point(1.0)
    ratio = top_coarse / top_fine
    return Interval(ratio / _SPREAD, ratio * _SPREAD)


def best_scale(coarse: FloatArray, fine: FloatArray, interval: Interval) -> BestScale:
    """The global minimiser of the matching cost over an interval.

    Arguments:
        coarse: ascending, shape `(n_coarse,)`.
        fine: ascending, shape `(n_fine,)`.
        interval: where to search; a point is simply evaluated.
    """
    if interval.is_point:
        cost = match(coarse, fine, interval.low).cost
        return BestScale(interval.low, cost, cost)
    return _BranchAndBound(coarse, fine).run(interval)


class _Line(NamedTuple):
    """A matching seen from scale `at`: the line `slope * a + offset` touches g there."""

    at: float
    slope: float
    offset: float

    @property
    def height(self) -> float:
        return self.slope * self.at + self.offset


@dataclass(frozen=True)
class _BranchAndBound:
    coarse: FloatArray
    fine: FloatArray

    @property
    def _square(self) -> float:
        return float(np.sum(self.coarse**2))

    def run(self, interval: Interval) -> BestScale:
        left, right = self._line(interval.low), self._line(interval.high)
        best = min(self._candidate(left, interval), self._candidate(right, interval))
        heap = [(self._bound(left, right), left, right)]
        for _ in range(self._matchings):
            lower, left, right = heap[0]
            if lower >= best[0] - _RELATIVE_PRECISION * self._square / interval.high:
                break
            heappop(heap)
            middle = self._line(self._split(left, right))
            best = min(best, self._candidate(middle, interval))
            heappush(heap, (self._bound(left, middle), left, middle))
            heappush(heap, (self._bound(middle, right), middle, right))
        cost = match(self.coarse, self.fine, best[1]).cost
        return BestScale(best[1], cost, max(0.0, min(cost, heap[0][0])))

    @property
    def _matchings(self) -> int:
        entries = self.coarse.size * (self.fine.size - self.coarse.size + 1)
        return int(min(max(_MATCHING_WORK / entries, _LEAST_MATCHINGS), _MOST_MATCHINGS))

    def _line(self, scale: float) -> _Line:
        partners = self.fine[match(self.coarse, self.fine, scale).fine_index]
        return _Line(scale, float(np.sum(partners**2)), -2 * float(self.coarse @ partners))

    def _candidate(self, line: _Line, interval: Interval) -> tuple[float, float]:
        scale = self._minimiser(line.slope, interval)
        return self._square / scale + line.slope * scale + line.offset, scale

    def _minimiser(self, slope: float, interval: Interval) -> float:
        free = (self._square / slope) ** 0.5 if slope > 0 else interval.high
        return interval.clip(free)

    def _bound(self, left: _Line, right: _Line) -> float:
        slope = (right.height - left.height) / (right.at - left.at)
        scale = self._minimiser(slope, Interval(left.at, right.at))
        return self._square / scale + slope * (scale - left.at) + left.height

    def _split(self, left: _Line, right: _Line) -> float:
        # Where the two lines meet, g either has a third line or the interval is solved; a safeguard keeps it
        # inside.
        middle = (left.at + right.at) / 2
        if left.slope > right.slope:
            crossing = (right.offset - left.offset) / (left.slope - right.slope)
            margin = 1e-3 * (right.at - left.at)
            middle = min(max(crossing, left.at + margin), right.at - margin)
        return middle
