"""Signs that make a quadratic form large."""

import numpy as np
import scipy.linalg

from prolong_worker.solve.graph_matrices import FloatArray

_MAX_FLIPS_PER_SIGN = 20


def best_signs(coupling: FloatArray) -> FloatArray:
    """Signs `z` with large `z' C z` that no single flip improves, shape `(n,)`, for a symmetric `C`.

    Flipped one by one, best first, from the signs of the leading eigenvector.
    """
    coupling = coupling - np.diag(np.diag(coupling))
    n = coupling.shape[0]
    _, leading = scipy.linalg.eigh(coupling, subset_by_index=(n - 1, n - 1))
    return flipped(coupling, np.where(leading[:, 0] >= 0, 1.0, -1.0))


def flipped(coupling: FloatArray, start: FloatArray) -> FloatArray:
    """The start after the best single flips, until none improves.

    Arguments:
        coupling: symmetric with a zero diagonal, shape `(n, n)`.
        start: signs, shape `(n,)`.
    """
    signs, field = start.copy(), coupling @ start
    smallest_gain = 1e-12 * float(np.abs(coupling).sum())
    for _ in range(_MAX_FLIPS_PER_SIGN * signs.size):
        gains = -signs * field
        flip = int(np.argmax(gains))
        if gains[flip] <= smallest_gain:
            break
        signs[flip] = -signs[flip]
        field += 2 * signs[flip] * coupling[:, flip]
    return signs
