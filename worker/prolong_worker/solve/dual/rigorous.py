r"""A proven lower bound of the smallest eigenvalue, by a Cholesky factorisation that succeeds.

If floating-point Cholesky of a symmetric B of order n runs to completion, B has no eigenvalue at or below
`-g / (1 - g) tr B` with `g = (n + 1) u / (1 - (n + 1) u)` and `u` half the machine epsilon (S. M. Rump,
*Verification of positive definiteness*, BIT 46, 2006). Here `B = M - e I`; `u` is taken twice as large and what
forming M and B may have rounded is added, which covers sums in any order.
"""

from collections.abc import Callable

import numpy as np
import scipy.linalg

from prolong_worker.solve.dual.multipliers import Multipliers
from prolong_worker.solve.graph_matrices import FloatArray

_UNIT = float(np.finfo(float).eps)


def factorising_work(order: int) -> float:
    """Multiplications of one attempt: the factorisation, and forming the matrix."""
    return order**3 / 3 + 10.0 * order**2


def proven_eigenvalue(
    multipliers: Multipliers,
    guess: float,
    *,
    step: float,
    attempts: int = 8,
    check: Callable[[], None] = lambda: None,
) -> float | None:
    """A number that no eigenvalue of `M` is below, None if none was proven.

    Arguments:
        multipliers: their `M` is formed densely.
        guess: about the smallest eigenvalue.
        step: subtracted from the guess at first, and eight times as much at every further attempt; positive.
        attempts: factorisations at most.
        check: called before each; what it raises is passed on.
    """
    check()
    matrix = multipliers.matrix()
    diagonal = matrix.diagonal().copy()
    for attempt in range(attempts):
        check()
        shift = guess - step * 8.0**attempt
        np.fill_diagonal(matrix, diagonal - shift)
        if is_positive_definite(matrix):
            return shift - _margin(multipliers, matrix)
    return None


def is_positive_definite(matrix: FloatArray) -> bool:
    """Whether the floating-point Cholesky factorisation runs to completion; the matrix is left as it is."""
    try:
        factor = scipy.linalg.cholesky(matrix, lower=True, check_finite=False)
    except np.linalg.LinAlgError:
        return False
    return bool(np.all(np.isfinite(factor.diagonal())))


def _margin(multipliers: Multipliers, shifted: FloatArray) -> float:
    order = shifted.shape[0]
    factor = (order + 1) * _UNIT
    # Entries of M are sums of products over one side of the graph: their errors stay below this share of its size.
    forming = 4 * (sum(multipliers.quadratic.shape) + 10) * _UNIT * multipliers.size
    return float(factor / (1 - 2 * factor) * np.trace(shifted) + forming)
