r"""From bounds of quadratics to a bound of E.

`E = u sqrt(x) + v sqrt(y)` with `x = D^2`, `y = Q^2` is concave and increasing. A bound `c x + d y >= m` with
c, d >= 0 cuts a half-plane off the pairs `(x, y)` that any P can have; `x >= x*` and `y >= y*` with the exact
minima of either term are two more. What is left is convex, with a lower-left border of finitely many corners,
and the smallest E at a corner is a lower bound of E.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

_EPSILON = float(np.finfo(float).eps)


class Pair(NamedTuple):
    """Both squared norms."""

    x: float
    y: float


class HalfPlane(NamedTuple):
    """`c x + d y >= m` with c, d > 0."""

    c: float
    d: float
    m: float


@dataclass(frozen=True)
class Concave:
    """`E` as a function of the squared norms.

    Arguments:
        u: weight of the first norm.
        v: of the second.
    """

    u: float
    v: float

    def __call__(self, pair: Pair) -> float:
        return float(self.u * max(pair.x, 0.0) ** 0.5 + self.v * max(pair.y, 0.0) ** 0.5)


@dataclass(frozen=True)
class Polygon:
    """All pairs that are not excluded.

    Arguments:
        least: the exact minima `(x*, y*)`.
        cuts: half-planes.
    """

    least: Pair
    cuts: Sequence[HalfPlane] = ()

    def weakest(self, energy: Concave) -> Pair:
        """The corner with the smallest E, shifted outwards by more than rounding; nothing allowed is below it."""
        return min(self._corners(), key=energy)

    def _corners(self) -> list[Pair]:
        # The border is y as a convex function of x. Every crossing of two lines is a candidate, whether it is a
        # corner or not: points on the border lie above the corners in E, and no corner can be missed by rounding.
        slack = [8 * _EPSILON * abs(self.least.x)]
        at = [self.least.x]
        for (c, d, m), (e, f, n) in combinations(self.cuts, 2):
            determinant = c * f - d * e
            if abs(determinant) > 64 * _EPSILON * (c * f + d * e):
                at.append((m * f - d * n) / determinant)
                slack.append(64 * _EPSILON * (abs(m) * f + d * abs(n)) * (c * f + d * e) / determinant**2)
        for c, d, m in self.cuts:
            at.append((m - d * self.least.y) / c)
            slack.append(8 * _EPSILON * (abs(m) + d * abs(self.least.y)) / c)
        return [self._lowered(x, width) for x, width in zip(at, slack, strict=True) if x >= self.least.x - width]

    def _lowered(self, x: float, slack: float) -> Pair:
        left, right = max(x - slack, self.least.x), max(x + slack, self.least.x)
        return Pair(left, self._height(right))

    def _height(self, x: float) -> float:
        heights = [((m - c * x) - 8 * _EPSILON * (abs(m) + c * x)) / d for c, d, m in self.cuts]
        return max([self.least.y, *heights])


def lower_left_hull(points: Sequence[Pair]) -> list[Pair]:
    """The corners of the lower-left border of the convex hull, x ascending, y descending."""
    hull: list[Pair] = []
    for point in sorted(set(points)):
        if hull and point.y >= hull[-1].y:
            continue
        while len(hull) > 1 and _is_above(hull[-1], hull[-2], point):
            hull.pop()
        hull.append(point)
    return hull


def _is_above(middle: Pair, left: Pair, right: Pair) -> bool:
    return (middle.y - left.y) * (right.x - left.x) >= (right.y - left.y) * (middle.x - left.x)
