r"""Curvature memory: pairs of steps and gradient differences, and the two-loop recursion over them.

The recursion (Nocedal 1980) multiplies a tangent vector by

    H = V_m' ... V_1' H0 V_1 ... V_m + sum of rank-one terms,     V_k = I - y_k s_k' / (s_k' y_k) ,

the inverse Hessian's approximation that maps each `y_k` to `s_k`. Pairs were tangent where they were made. Two
ways lead from there to the current tangent space:

* `transport`: every pair is moved along with each step, which serves every manifold of PyManOpt;
* none: on a submanifold with the metric of its embedding, `<proj(s), q> = <s, q>` for a tangent q, so the pairs
  may stay as they are in the embedding space; what leaves the recursion is projected. `proj H proj` is symmetric
  and positive definite on the tangent space, and no pair costs a projection.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

# PyManOpt's points and tangent vectors: arrays, or lists of arrays, of any library.
Vector = Any
InnerProduct = Callable[[Vector, Vector], float]

# Pairs whose curvature, relative to the larger of both natural scales, is not above this are of no use.
_LEAST_CURVATURE = 1e-10


class Pair(NamedTuple):
    """A step `s`, the gradient's difference `y` along it, and `<s, y> > 0`."""

    step: Vector
    difference: Vector
    curvature: float


@dataclass
class CurvatureMemory:
    """The latest pairs, oldest first.

    Arguments:
        size: how many pairs are kept, at least 0.
    """

    size: int

    def __post_init__(self) -> None:
        self._pairs: deque[Pair] = deque(maxlen=self.size)

    def __len__(self) -> int:
        return len(self._pairs)

    @property
    def latest(self) -> Pair | None:
        """The newest pair."""
        return self._pairs[-1] if self._pairs else None

    def clear(self) -> None:
        self._pairs.clear()

    def add(self, step: Vector, difference: Vector, inner: InnerProduct) -> bool:
        """Keeps a pair if it has positive curvature well above rounding; says whether it did."""
        curvature = inner(step, difference)
        lengths = inner(step, step) ** 0.5 * inner(difference, difference) ** 0.5
        if not curvature > _LEAST_CURVATURE * lengths:
            return False
        self._pairs.append(Pair(step, difference, curvature))
        return True

    def move(self, transport: Callable[[Vector], Vector], inner: InnerProduct) -> None:
        """Moves all pairs into another tangent space; those that lose their curvature on the way are dropped."""
        moved = [(transport(pair.step), transport(pair.difference)) for pair in self._pairs]
        self._pairs.clear()
        for step, difference in moved:
            self.add(step, difference, inner)

    def multiply(self, vector: Vector, initial: Callable[[Vector], Vector], inner: InnerProduct) -> Vector:
        """`H vector` by the two-loop recursion.

        Arguments:
            vector: tangent.
            initial: `H0`, symmetric positive definite.
            inner: of tangent vectors at the current point.
        """
        coefficients = []
        for pair in reversed(self._pairs):
            coefficient = inner(pair.step, vector) / pair.curvature
            coefficients.append(coefficient)
            vector = vector - coefficient * pair.difference
        vector = initial(vector)
        for pair, coefficient in zip(self._pairs, reversed(coefficients), strict=True):
            correction = coefficient - inner(pair.difference, vector) / pair.curvature
            vector = vector + correction * pair.step
        return vector
