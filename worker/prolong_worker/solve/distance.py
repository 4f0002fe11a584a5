r"""The graph diffusion distance, exact in P and certified over every scale.

For a time t (Scott & Mjolsness, "Graph diffusion distance: properties and efficient computation", 2021), with
`L = D - A`,

    D(G1, G2 | t)^2 = inf over a > 0, inf over P'P = I of || P exp(-(t/a) L1) - exp(-t a L2) P ||_F^2 ,

and in its linear form, the limit of small times with `a` for the former's square,

    D(G1, G2)^2 = inf over a > 0, inf over P'P = I of || P L1 / sqrt(a) - sqrt(a) L2 P ||_F^2 .

G1 is the graph with fewer vertices. Both are symmetric: graphs of one order trade places as `a` becomes `1 / a`.
The infimum of the linear form is over scales from 1e-12 to 1e12, which matters for graphs without edges alone: two
others have their best scale between those that the smallest and the largest partners balance.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from prolong.model import MAX_RATIO
from prolong_worker.solve.graph_matrices import EdgeList, FloatArray, dense, sparse_adjacency, sparse_laplacian
from prolong_worker.solve.heat import HeatPair
from prolong_worker.solve.matching import match
from prolong_worker.solve.objective import Interval, rounding_floor
from prolong_worker.solve.scaling import BestScale, best_scale


class PairDistance(NamedTuple):
    """The distance of a pair at one time.

    Arguments:
        value: of some orthonormal P at scale `alpha`.
        lower_bound: no orthonormal P at any scale has a smaller one; `value` itself where they agree within
            rounding.
        alpha: the scale.
    """

    value: float
    lower_bound: float
    alpha: float


@dataclass(frozen=True)
class LaplacianSpectrum:
    """What the distance needs of a graph; every part is computed once, when first asked for."""

    edges: EdgeList

    @cached_property
    def values(self) -> FloatArray:
        """Eigenvalues of the Laplacian, ascending, shape `(n,)`; those of the components are exact zeros."""
        return self._cleaned(scipy.linalg.eigvalsh(self._laplacian, driver="evd"))

    @cached_property
    def vectors(self) -> FloatArray:
        """Eigenvectors in the order of `values`, shape `(n, n)`, orthonormal columns."""
        _, vectors = scipy.linalg.eigh(self._laplacian, driver="evd")
        return np.asarray(vectors)

    @property
    def _laplacian(self) -> FloatArray:
        return dense(sparse_laplacian(self.edges))

    def _cleaned(self, values: NDArray[np.floating]) -> FloatArray:
        count, _ = connected_components(sparse_adjacency(self.edges), directed=False)
        return np.concatenate([np.zeros(count), np.maximum(values[count:], 0.0)])


def in_order(first: LaplacianSpectrum, second: LaplacianSpectrum) -> tuple[LaplacianSpectrum, LaplacianSpectrum]:
    """Coarse and fine: the graph with fewer vertices first."""
    return (first, second) if first.edges.n <= second.edges.n else (second, first)


def distance(first: LaplacianSpectrum, second: LaplacianSpectrum, time: float | None) -> PairDistance:
    """The distance at one time, or in its linear form where that is None."""
    coarse, fine = in_order(first, second)
    best = _linear_scale(coarse, fine) if time is None else _heat(coarse, fine, time).best_scale()
    value, lower = math.sqrt(best.cost), math.sqrt(best.lower)
    exact = value - lower <= _rounding(coarse, fine, time=time, scale=best.scale)
    return PairDistance(value, value if exact else lower, best.scale)


def distance_operator(
    first: LaplacianSpectrum, second: LaplacianSpectrum, *, time: float | None, alpha: float
) -> FloatArray:
    """An orthonormal P, shape `(n_fine, n_coarse)`, that no other one is below at this scale."""
    coarse, fine = in_order(first, second)
    if time is None:
        partners = match(coarse.values, fine.values, alpha).fine_index
    else:
        partners = _heat(coarse, fine, time).partners(alpha)
    product: FloatArray = fine.vectors[:, partners] @ coarse.vectors.T
    return product


def pairs(count: int) -> Sequence[tuple[int, int]]:
    """All pairs `(i, j)`, `i < j`, of a list of so many graphs."""
    return [(i, j) for i in range(count) for j in range(i + 1, count)]


def _heat(coarse: LaplacianSpectrum, fine: LaplacianSpectrum, time: float) -> HeatPair:
    return HeatPair(coarse.values, fine.values, time)


def _linear_scale(coarse: LaplacianSpectrum, fine: LaplacianSpectrum) -> BestScale:
    # The cost of a matching with partners l is least at sqrt(sum mu^2 / sum l^2): between the two extreme choices
    # of partners lies the best scale of all.
    square, squares = float(np.sum(coarse.values**2)), np.cumsum(fine.values**2)
    n = coarse.edges.n
    bottom, top = float(squares[n - 1]), float(squares[-1] - (squares[-n - 1] if n < squares.size else 0.0))
    interval = Interval(_balance(square, top), _balance(square, bottom))
    return best_scale(coarse.values, fine.values, interval)


def _balance(coarse: float, fine: float) -> float:
    if coarse == 0 and fine == 0:
        return 1.0
    ratio = math.sqrt(coarse / fine) if fine > 0 else math.inf
    return min(max(ratio, 1 / MAX_RATIO), MAX_RATIO)


def _rounding(coarse: LaplacianSpectrum, fine: LaplacianSpectrum, *, time: float | None, scale: float) -> float:
    if time is None:
        return 10 * rounding_floor(_norm(coarse.values), _norm(fine.values), Interval.point(scale))
    before, after = _heat(coarse, fine, time).losses(scale)
    return 10 * rounding_floor(_norm(before), _norm(after), Interval.point(1.0))


def _norm(values: FloatArray) -> float:
    return float(np.linalg.norm(values))
