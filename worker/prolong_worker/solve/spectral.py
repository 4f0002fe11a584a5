"""Spectral operators: the exact optimum of one term alone, and a good sign choice for it.

Every eigenvector may be negated without changing its own term. `aligned_operator` uses that freedom, and no
other, to lower the second term: with `C = (Uc' A Uc) * (M' Uf' B Uf M)` (entrywise) the second squared norm
depends on the signs `z` only through `-2 z' C z`, a quadratic over {-1, 1}, here ascended from the signs of its
leading eigenvector by single flips.
"""

import numpy as np
import scipy.linalg

from prolong.certificate import Outcome
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.matching import match, spectral_operator
from prolong_worker.solve.setting import Setting, TermSetting
from prolong_worker.solve.solution import Found

_MAX_FLIPS_PER_SIGN = 20


def exact_operator(setting: Setting) -> Found:
    """Method `spectral`: the global optimum for s = 0 or s = 1, where one term is the whole objective.

    With a free scale the optimal one is taken too. Among degenerate choices any.
    """
    (only,) = setting.active
    point = spectral_operator(only.coarse, only.fine, only.scale.start)
    return Found(point, Outcome.OPTIMAL, "spectral", 0)


def aligned_operator(own: TermSetting, other: TermSetting) -> FloatArray:
    """A minimiser of `own` whose signs lower `other`, shape `(n_fine, n_coarse)`."""
    partner = match(own.coarse.values, own.fine.values, own.scale.start).fine_index
    fine, coarse = own.fine.vectors[:, partner], own.coarse.vectors
    coupling = (coarse.T @ (other.coarse.matrix @ coarse)) * (fine.T @ (other.fine.matrix @ fine))
    product: FloatArray = (fine * best_signs(coupling)) @ coarse.T
    return product


def best_signs(coupling: FloatArray) -> FloatArray:
    """Signs `z` with large `z' C z` that no single flip improves, shape `(n,)`, for a symmetric `C`."""
    coupling = coupling - np.diag(np.diag(coupling))
    n = coupling.shape[0]
    _, leading = scipy.linalg.eigh(coupling, subset_by_index=(n - 1, n - 1))
    signs = np.where(leading[:, 0] >= 0, 1.0, -1.0)
    field = coupling @ signs
    smallest_gain = 1e-12 * float(np.abs(coupling).sum())
    for _ in range(_MAX_FLIPS_PER_SIGN * n):
        gains = -signs * field
        flip = int(np.argmax(gains))
        if gains[flip] <= smallest_gain:
            break
        signs[flip] = -signs[flip]
        field += 2 * signs[flip] * coupling[:, flip]
    return signs
