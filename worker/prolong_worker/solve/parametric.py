r"""Parametric assignment: the least value of a concave function of two assignment costs, with proof.

Let every assignment have the two costs `(x, y)`. A function that is concave in `(x, y)` and grows with each is
least, over the whole convex hull of these points, at a vertex of the hull's lower left border. The border is
unrolled from its two ends (Eisner & Severance, J. ACM 23, 1976): a least assignment for the weights
perpendicular to a chord is either a new vertex below the chord or proves that the chord is an edge. Two
neighbours and their supporting lines enclose a triangle that holds all of the border between them; by concavity
the function in it is nowhere below the least of the three corners, so triangles whose corners are not below the
best vertex are never unrolled.

Ties need no care: which of several least assignments is returned decides how the triangles are cut, never whether
they cover the border.
"""

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from prolong_worker.solve.graph_matrices import FloatArray

Value = Callable[[float, float], float]

# Costs of assignments this close, relative to the chord, are equal.
_COST_ROUNDING = 1e-13
# Values of the function this close, relative to the best, are equal.
_VALUE_ROUNDING = 1e-13


class Vertex(NamedTuple):
    """An assignment and its two costs.

    Arguments:
        x: sum of the first costs.
        y: sum of the second costs.
        fine_index: the column of each row, all different, shape `(n_coarse,)`.
    """

    x: float
    y: float
    fine_index: NDArray[np.int64]


@dataclass(frozen=True)
class Costs:
    """The two costs of every pair, each of shape `(n_coarse, n_fine)`, not negative."""

    first: FloatArray
    second: FloatArray

    def least(self, first_weight: float, second_weight: float) -> Vertex:
        """An assignment with the least weighted cost."""
        if second_weight == 0:
            weighted = self.first
        elif first_weight == 0:
            weighted = self.second
        else:
            weighted = first_weight * self.first + second_weight * self.second
        rows, columns = linear_sum_assignment(weighted)
        return Vertex(float(self.first[rows, columns].sum()), float(self.second[rows, columns].sum()), columns)


class _Support(NamedTuple):
    """A vertex and the weights for which it is least."""

    vertex: Vertex
    first_weight: float
    second_weight: float

    @property
    def height(self) -> float:
        return self.first_weight * self.vertex.x + self.second_weight * self.vertex.y


@dataclass(frozen=True)
class _Triangle:
    """What lies between two vertices of the border: left has the smaller x and the larger y."""

    left: _Support
    right: _Support

    @property
    def corner(self) -> tuple[float, float]:
        """Where the two supporting lines meet, kept in the box of the two vertices."""
        left, right = self.left, self.right
        turn = left.first_weight * right.second_weight - left.second_weight * right.first_weight
        low_x, high_x, low_y, high_y = left.vertex.x, right.vertex.x, right.vertex.y, left.vertex.y
        if turn <= 0:
            return low_x, low_y
        x = (left.height * right.second_weight - right.height * left.second_weight) / turn
        y = (right.height * left.first_weight - left.height * right.first_weight) / turn
        return min(max(x, low_x), high_x), min(max(y, low_y), high_y)

    @property
    def chord(self) -> tuple[float, float]:
        """Weights, summing to one, that are equal for both vertices."""
        rise, run = self.left.vertex.y - self.right.vertex.y, self.right.vertex.x - self.left.vertex.x
        return rise / (rise + run), run / (rise + run)

    @property
    def is_empty(self) -> bool:
        """Whether one vertex dominates the other."""
        return not (self.left.vertex.x < self.right.vertex.x and self.right.vertex.y < self.left.vertex.y)

    def split(self, costs: Costs) -> tuple[_Support, ...]:
        """The least assignment below the chord, or nothing if the chord is an edge of the hull."""
        weights = self.chord
        middle = _Support(costs.least(*weights), *weights)
        level = weights[0] * self.left.vertex.x + weights[1] * self.left.vertex.y
        return (middle,) if middle.height < level * (1 - _COST_ROUNDING) else ()


@dataclass
class BorderSearch:
    """Branch and bound over the border's triangles. Mutable, so that an interrupted one still says what it knows.

    Arguments:
        costs: of all pairs.
        value: concave and growing in both arguments.
        tick: called after every step; what it raises ends the search.
        best: the vertex with the least value so far; None before the first.
        assignments: solved so far.
    """

    costs: Costs
    value: Value
    tick: Callable[["BorderSearch"], None]
    best: Vertex | None = None
    assignments: int = 0
    _open: list[tuple[float, int, _Triangle]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    @property
    def found(self) -> Vertex:
        """The best vertex; there is one once an assignment was solved."""
        if self.best is None:
            raise RuntimeError("no assignment was solved yet")
        return self.best

    @property
    def least(self) -> float:
        """The value of the best vertex, infinite before the first."""
        return np.inf if self.best is None else self.value(self.best.x, self.best.y)

    @property
    def lower_bound(self) -> float:
        """No point of the hull has a smaller value; valid once both ends are known, zero before."""
        if self.best is None:
            return 0.0
        return min([self.least, *(bound for bound, _, _ in self._open[:1])])

    def run(self) -> None:
        """Until nothing can lie below the best vertex."""
        first = _Support(self.costs.least(1.0, 0.0), 1.0, 0.0)
        second = _Support(self.costs.least(0.0, 1.0), 0.0, 1.0)
        self._push(first, second)
        # The bound holds once both ends are seen, so nothing may interrupt in between.
        self._see(first.vertex)
        self._see(second.vertex)
        self.tick(self)
        while self._open and self._open[0][0] < self.least * (1 - _VALUE_ROUNDING):
            _, _, triangle = heapq.heappop(self._open)
            for middle in triangle.split(self.costs):
                self._push(triangle.left, middle)
                self._push(middle, triangle.right)
                self._see(middle.vertex)
            self.tick(self)
        self._open.clear()

    def _push(self, left: _Support, right: _Support) -> None:
        triangle = _Triangle(left, right)
        if not triangle.is_empty:
            heapq.heappush(self._open, (self.value(*triangle.corner), next(self._order), triangle))

    def _see(self, vertex: Vertex) -> None:
        self.assignments += 1
        if self.value(vertex.x, vertex.y) < self.least:
            self.best = vertex


def least_with_ties(costs: Costs, slack: float) -> Vertex:
    """An assignment with the least first cost, and among those with the least second cost.

    The border is unrolled towards its first end: the chord from there turns until nothing lies below it.

    Arguments:
        costs: of all pairs.
        slack: first costs this close are equal.
    """
    first, second = (_Support(costs.least(*weights), *weights) for weights in ((1.0, 0.0), (0.0, 1.0)))
    equal = first.vertex.x * (1 + _COST_ROUNDING) + slack
    while second.vertex.x > equal:
        triangle = _Triangle(first, second)
        middles = () if triangle.is_empty else triangle.split(costs)
        if not middles:
            return first.vertex
        first, second = (middles[0], second) if middles[0].vertex.x <= equal else (first, middles[0])
    return second.vertex
