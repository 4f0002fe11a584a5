"""The aggregation operator of paths, cycles and grids: every fine vertex in one coarse vertex, equal weights.

Along each axis the fine size is a multiple `r` of the coarse size and `P[i, i // r] = 1 / sqrt(r)`; a grid takes
the Kronecker product of its axes, in row-major order. Columns are orthonormal by construction.
"""

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from prolong.errors import InvalidInput
from prolong.graphs import Axis
from prolong.operators import SparseOperator
from prolong.problem import Problem

AxisPair = tuple[Axis, Axis]


def matched_axes(problem: Problem, pointer: str = "/structure") -> tuple[AxisPair, ...]:
    """The pairs (coarse axis, fine axis) of a problem that has an aggregation operator.

    Raises:
        InvalidInput: at `pointer`, if it has none.
    """
    coarse, fine = problem.coarse.axes(), problem.fine.axes()
    if coarse is None or fine is None:
        raise _no_aggregation(pointer, "both graphs must be paths, cycles or grids")
    if [axis.periodic for axis in coarse] != [axis.periodic for axis in fine]:
        raise _no_aggregation(pointer, "both graphs must have the same number of axes, open or periodic alike")
    if any(large.n % small.n for small, large in zip(coarse, fine, strict=True)):
        raise _no_aggregation(pointer, "each side of the fine graph must be a multiple of the coarse graph's")
    return tuple(zip(coarse, fine, strict=True))


def _no_aggregation(pointer: str, need: str) -> InvalidInput:
    return InvalidInput.at(
        pointer, f"no aggregation operator is known for this pair: {need}", code="no_aggregation"
    )


def aggregation_operator(axes: tuple[AxisPair, ...]) -> SparseOperator:
    """The operator of matched axes, `(n_fine, n_coarse)` with one entry a row; no certificate yet."""
    n_coarse = int(np.prod([coarse.n for coarse, _ in axes]))
    n_fine = int(np.prod([fine.n for _, fine in axes]))
    index = reduce(_row_major, axes, np.zeros(1, dtype=np.int64))
    weight = np.full(n_fine, (n_coarse / n_fine) ** 0.5)
    return SparseOperator.from_partition(index, weight, n_coarse)


def _row_major(outer: NDArray[np.int64], pair: AxisPair) -> NDArray[np.int64]:
    coarse, fine = pair
    inner = np.arange(fine.n) // (fine.n // coarse.n)
    index: NDArray[np.int64] = (outer[:, None] * coarse.n + inner[None, :]).ravel()
    return index
