r"""Order-preserving matching of two spectra.

For a fixed scale the squared term `|| P A / sqrt(a) - sqrt(a) B P ||_F^2` is, in the eigenbases and with
`W = P~ * P~`, the linear function `sum_ij W_ij (mu_j / sqrt(a) - sqrt(a) lambda_i)^2` of a doubly substochastic
matrix with column sums one. Its minimum over all orthonormal P is therefore a partial permutation, and
because the cost is a squared difference on the line an order-preserving one: dynamic programming in
O(n_coarse * n_fine) time. Memory is one bit a table entry.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.spectra import Spectrum


class Matching(NamedTuple):
    """A minimum-cost matching.

    Arguments:
        fine_index: for each coarse eigenvalue, in ascending order, the index of its fine partner; increasing.
        cost: the sum of squared differences, the exact minimum of the squared term.
    """

    fine_index: NDArray[np.int64]
    cost: float


def match(coarse: FloatArray, fine: FloatArray, scale: float = 1.0) -> Matching:
    """Matches each coarse eigenvalue with a fine one of its own.

    Arguments:
        coarse: ascending, shape `(n_coarse,)`.
        fine: ascending, shape `(n_fine,)`, `n_fine >= n_coarse`.
        scale: `a`; the cost of a pair is `(mu / sqrt(a) - sqrt(a) lambda)^2`.
    """
    root = scale**0.5
    targets, candidates = coarse / root, fine * root
    records = _forward(targets, candidates)
    index = _backward(records, fine.size - coarse.size + 1)
    return Matching(index, float(np.sum((targets - candidates[index]) ** 2)))


def _forward(targets: FloatArray, candidates: FloatArray) -> list[NDArray[np.uint8]]:
    # Coarse j can only be matched with fine j + k, 0 <= k <= n_fine - n_coarse, and k never falls as j grows.
    # best[k] is the least cost of the targets so far with the last one's offset at most k.
    width = candidates.size - targets.size + 1
    best = np.zeros(width)
    records = []
    cost = np.empty(width)
    for j, target in enumerate(targets):
        np.subtract(candidates[j : j + width], target, out=cost)
        np.square(cost, out=cost)
        cost += best
        np.minimum.accumulate(cost, out=best)
        records.append(np.packbits(cost == best))
    return records


def _backward(records: list[NDArray[np.uint8]], width: int) -> NDArray[np.int64]:
    index = np.empty(len(records), dtype=np.int64)
    last = width - 1
    for j in range(len(records) - 1, -1, -1):
        marks = np.unpackbits(records[j], count=width)[: last + 1]
        last = last - int(np.argmax(marks[::-1]))
        index[j] = j + last
    return index


def spectral_operator(coarse: Spectrum, fine: Spectrum, scale: float) -> FloatArray:
    """A global minimiser `P = Uf M Uc'` of one term at a fixed scale, shape `(n_fine, n_coarse)`."""
    partner = match(coarse.values, fine.values, scale).fine_index
    product: FloatArray = fine.vectors[:, partner] @ coarse.vectors.T
    return product
