r"""The best scale of a pair of heat processes, found globally and with proof.

For a time `t` and a scale `a` the squared term `|| P exp(-(t/a) Lc) - exp(-t a Lf) P ||_F^2` has, over all
orthonormal P, the minimum `f = min over matchings of sum_j d_ij^2`, with `d_ij = exp(-t mu_j / a) - exp(-t a l_i)`
in the two graphs' eigenvalues: an order-preserving matching like every other. The scale is inside the exponent, so
`f` is no minimum of lines. In the logarithm `u = log a` two facts bound it from below on an interval `[u1, u2]`
all the same:

- every `d_ij` increases with u, so `max(0, d_ij(u1), -d_ij(u2))^2` is a cost below `d_ij^2` on the whole interval;
  as a sum of convex functions of differences of sorted numbers it is matched in order, too;
- if `K` bounds the second derivative of every matching's cost, `f(u) - K u^2 / 2` is a minimum of concave
  functions: it lies above its chord. The error of this bound falls with the square of the interval's length. Only
  matchings need be bounded that somewhere on the interval cost less than the best known `b`: with `e` the largest
  norm of `d'`, their `d` has a norm of at most `sqrt(b) + (u2 - u1) e` on all of it.

Branch and bound with the larger of both finds the minimum over *every* positive scale: outside of a finite range
all exponentials have reached their limits within rounding.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.matching import match
from prolong_worker.solve.objective import Interval
from prolong_worker.solve.scaling import BestScale

_RELATIVE_PRECISION = 1e-9
# A norm of so much for each entry is a rounding error.
_ROUNDING = 1e-12
# Branch and bound ends after this many table entries of all matchings together, within these numbers of matchings.
_MATCHING_WORK = 2e8
_LEAST_MATCHINGS, _MOST_MATCHINGS = 16, 1000
# On shorter intervals of log a the first bound is not worth its matching.
_NARROW = 0.02
# Where |z exp(-z) (z - 1)| has its two maxima.
_BENDS = ((3 - 5**0.5) / 2, (3 + 5**0.5) / 2)
# exp(-z) is 0 beyond the first and 1 below the second, within rounding.
_DECAYED, _UNTOUCHED = 40.0, 1e-17
# z^2 exp(-z) is 0 from here on, within rounding, and z^2 no overflow.
_GONE = 700.0


@dataclass(frozen=True)
class HeatPair:
    """Two Laplacian spectra and a time.

    Arguments:
        coarse: ascending, not negative, shape `(n_coarse,)`.
        fine: ascending, not negative, shape `(n_fine,)`, `n_fine >= n_coarse`.
        time: `t`, positive.
    """

    coarse: FloatArray
    fine: FloatArray
    time: float

    def losses(self, scale: float) -> tuple[FloatArray, FloatArray]:
        """`1 - exp(-t mu / a)` and `1 - exp(-t a lambda)`, ascending: precise where little has diffused, too."""
        return -np.expm1(-self.time / scale * self.coarse), -np.expm1(-self.time * scale * self.fine)

    def partners(self, scale: float) -> NDArray[np.int64]:
        """For each coarse eigenvalue the index of its fine partner in the best matching at this scale."""
        return match(*self.losses(scale)).fine_index

    def best_scale(self, interval: Interval | None = None) -> BestScale:
        """The global minimiser of the matching cost over an interval, by default over all positive scales."""
        interval = interval or self.range
        if interval.is_point:
            cost = match(*self.losses(interval.low)).cost
            return BestScale(interval.low, cost, cost)
        return _Search(self).run(math.log(interval.low), math.log(interval.high))

    @cached_property
    def range(self) -> Interval:
        """Beyond these scales nothing changes any more, within rounding. A point where nothing ever does."""
        rates = [self.time * values[values > 0] for values in (self.coarse, self.fine)]
        if not all(rate.size for rate in rates):
            return self._one_sided_range(rates)
        coarse, fine = rates
        low = min(coarse[0] / _DECAYED, _UNTOUCHED / fine[-1])
        high = max(coarse[-1] / _UNTOUCHED, _DECAYED / fine[0])
        return Interval(float(low), float(high))

    @staticmethod
    def _one_sided_range(rates: list[FloatArray]) -> Interval:
        # A graph without edges keeps what it has. The other one does so in the limit, and the distance is 0 there.
        coarse, fine = rates
        if coarse.size:
            return Interval.point(float(coarse[-1] / _UNTOUCHED))
        return Interval.point(float(_UNTOUCHED / fine[-1]) if fine.size else 1.0)


class _Point(NamedTuple):
    """The minimal matching cost `value` at `u`, and a matching that has it."""

    u: float
    value: float
    partners: NDArray[np.int64]


class _Node(NamedTuple):
    """An interval of u with a lower bound of the cost on it."""

    lower: float
    left: _Point
    right: _Point


@dataclass(frozen=True)
class _Search:
    pair: HeatPair

    def run(self, low: float, high: float) -> BestScale:
        ends = self._point(low), self._point(high)
        best = min((end.value, end.u) for end in ends)
        heap = [self._node(*ends, needed=best[0])]
        for _ in range(self._matchings):
            node = heap[0]
            if node.lower >= best[0] - self._precision(best[0]):
                break
            heappop(heap)
            middle = self._point((node.left.u + node.right.u) / 2)
            best = min(best, (middle.value, middle.u), self._polished(middle, node))
            for ends in ((node.left, middle), (middle, node.right)):
                heappush(heap, self._node(*ends, needed=best[0]))
        final = self._point(best[1])
        return BestScale(math.exp(final.u), final.value, max(0.0, min(final.value, heap[0].lower)))

    @property
    def _matchings(self) -> int:
        n_coarse, n_fine = self.pair.coarse.size, self.pair.fine.size
        entries = n_coarse * (n_fine - n_coarse + 1)
        return int(min(max(_MATCHING_WORK / entries, _LEAST_MATCHINGS), _MOST_MATCHINGS))

    def _precision(self, cost: float) -> float:
        return _RELATIVE_PRECISION * cost + self.pair.coarse.size * self._largest**2 * _ROUNDING**2

    @cached_property
    def _largest(self) -> float:
        """The largest loss at scale 1: small times have small distances, and small errors."""
        return -math.expm1(-self.pair.time * max(self.pair.coarse[-1], self.pair.fine[-1]))

    def _point(self, u: float) -> _Point:
        matching = match(*self.pair.losses(math.exp(u)))
        return _Point(u, matching.cost, matching.fine_index)

    def _node(self, left: _Point, right: _Point, *, needed: float) -> _Node:
        """The bound is of use up to `needed`: no higher one is claimed."""
        lower = max(0.0, _below_chord(left, right, self._curvature(left.u, right.u, needed)))
        if lower < needed and right.u - left.u > _NARROW:
            lower = max(lower, self._monotone_bound(left.u, right.u))
        return _Node(min(lower, needed), left, right)

    def _monotone_bound(self, low: float, high: float) -> float:
        coarse, fine = self.pair.losses(math.exp(low))
        coarse_after, fine_after = self.pair.losses(math.exp(high))
        width = fine.size - coarse.size + 1
        total, cost, other = np.zeros(width), np.empty(width), np.empty(width)
        for j in range(coarse.size):
            np.subtract(fine[j : j + width], coarse[j], out=cost)
            np.subtract(coarse_after[j], fine_after[j : j + width], out=other)
            np.maximum(cost, other, out=cost)
            np.maximum(cost, 0.0, out=cost)
            np.square(cost, out=cost)
            cost += total
            np.minimum.accumulate(cost, out=total)
        return float(total[-1])

    def _curvature(self, low: float, high: float, needed: float) -> float:
        """Bounds the second derivative, `2 |d'|^2 + 2 d d''`, of the cost of every matching that somewhere on the
        interval costs less than `needed`.

        With `z = t mu / a` or `t a lambda` both parts of `d'` are `z exp(-z)`, those of `d''` are
        `z (z - 1) exp(-z)`; of the fine ones that come near enough to a coarse one at most the `n_coarse` largest
        can take part.
        """
        time, n = self.pair.time, self.pair.coarse.size
        coarse = time * math.exp(-high) * self.pair.coarse, time * math.exp(-low) * self.pair.coarse
        fine = time * math.exp(low) * self.pair.fine, time * math.exp(high) * self.pair.fine
        near = self._near(low, high, math.sqrt(needed))
        slope = _joint_norm(_slopes(*coarse), np.sort(_slopes(*fine) * near)[-n:])
        bend = _joint_norm(_bends(*coarse), np.sort(_bends(*fine) * near)[-n:])
        return 2 * slope**2 + 2 * (math.sqrt(needed) + (high - low) * slope) * bend

    def _near(self, low: float, high: float, most: float) -> NDArray[np.bool_]:
        """Which fine losses differ somewhere on the interval by at most `most` from some coarse one."""
        coarse, fine = self.pair.losses(math.exp(low))
        coarse_after, fine_after = self.pair.losses(math.exp(high))
        first = np.searchsorted(coarse, fine - most * (1 + 1e-9) - _ROUNDING)
        last = np.searchsorted(coarse_after, fine_after + most * (1 + 1e-9) + _ROUNDING, side="right")
        return first < last

    def _polished(self, point: _Point, node: _Node) -> tuple[float, float]:
        """The stationary point of this matching's cost within the node, if its ends enclose one."""

        def slope(u: float) -> float:
            difference, derivative = self._difference(u, point.partners)
            return float(difference @ derivative)

        low, high = node.left.u, node.right.u
        if slope(low) >= 0 or slope(high) <= 0:
            return point.value, point.u
        u = float(brentq(slope, low, high, xtol=1e-15, rtol=4 * np.finfo(float).eps, disp=False))
        difference, _ = self._difference(u, point.partners)
        return float(difference @ difference), u

    def _difference(self, u: float, partners: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
        coarse = self.pair.time * math.exp(-u) * self.pair.coarse
        fine = self.pair.time * math.exp(u) * self.pair.fine[partners]
        difference = np.expm1(-coarse) - np.expm1(-fine)
        return difference, coarse * np.exp(-coarse) + fine * np.exp(-fine)


def _below_chord(left: _Point, right: _Point, curvature: float) -> float:
    """The least value on an interval of any function with these ends and at most this second derivative."""
    width = right.u - left.u
    slope = (right.value - left.value) / width
    at = width / 2 - slope / curvature if curvature > 0 else math.copysign(math.inf, -slope)
    at = min(max(at, 0.0), width)
    return left.value + slope * at - curvature * at * (width - at) / 2


def _joint_norm(coarse: FloatArray, fine: FloatArray) -> float:
    """Bounds the norm of every sum of the two in which each is used once, in any order."""
    return float(np.linalg.norm(coarse) + np.linalg.norm(fine))


def _slopes(low: FloatArray, high: FloatArray) -> FloatArray:
    """The largest `z exp(-z)` for z between `low` and `high`, entry by entry."""
    top = np.clip(1.0, low, high)
    return np.asarray(top * np.exp(-top))


def _bends(low: FloatArray, high: FloatArray) -> FloatArray:
    """The largest `|z (z - 1) exp(-z)|` for z between `low` and `high`, entry by entry."""
    candidates = np.stack([low, high, *(np.clip(bend, low, high) for bend in _BENDS)])
    candidates = np.minimum(candidates, _GONE)
    return np.asarray(np.abs(candidates * (candidates - 1) * np.exp(-candidates)).max(axis=0))
