r"""Eigenvalues of symmetric arrowhead matrices, without forming them.

    M = [[corner, z'], [z, diag(d)]]      of order m + 1

has the roots of the secular equation `corner - x + sum_k z_k^2 / (x - d_k) = 0`, one in each gap between
neighbouring poles `d_k` and one beyond each end (Wilkinson 1965, ch. 2, section 39). Entries without coupling
and repeated poles are eigenvalues of their own and are taken out first.
"""

import numpy as np

from prolong_worker.solve.graph_matrices import FloatArray

_BISECTIONS = 110
_BLOCK_ENTRIES = 2_000_000


def arrowhead_eigenvalues(corner: float, diagonal: FloatArray, coupling: FloatArray) -> FloatArray:
    """All eigenvalues, ascending, shape `(m + 1,)`, in O(m^2) time and O(m) memory.

    Arguments:
        corner: the entry in the corner.
        diagonal: `d`, shape `(m,)`, any order.
        coupling: `z`, shape `(m,)`.
    """
    size = max(abs(corner), float(np.max(np.abs(diagonal), initial=0.0)), float(np.linalg.norm(coupling)))
    poles, weights, split = _deflated(diagonal, coupling, 4 * np.finfo(float).eps * size)
    return np.sort(np.concatenate([split, _roots(corner, poles, weights)]))


def _deflated(
    diagonal: FloatArray, coupling: FloatArray, negligible: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    order = np.argsort(diagonal, kind="stable")
    poles: list[float] = []
    weights: list[float] = []
    split: list[float] = []
    for pole, z in zip(diagonal[order].tolist(), coupling[order].tolist(), strict=True):
        if abs(z) <= negligible:
            split.append(pole)
        elif poles and pole - poles[-1] <= negligible:
            # A rotation of the two rows moves all coupling to one of them.
            weights[-1] += z * z
            split.append(pole)
        else:
            poles.append(pole)
            weights.append(z * z)
    return np.array(poles), np.array(weights), np.array(split)


def _roots(corner: float, poles: FloatArray, weights: FloatArray) -> FloatArray:
    if poles.size == 0:
        return np.array([corner])
    reach = abs(corner) + float(np.max(np.abs(poles))) + float(np.sqrt(weights.sum()))
    edges = np.concatenate([[-2 * reach], poles, [2 * reach]])
    block = max(1, _BLOCK_ENTRIES // poles.size)
    starts = range(0, poles.size + 1, block)
    return np.concatenate([_bisect(corner, poles, weights, edges[k : k + block + 1]) for k in starts])


def _bisect(corner: float, poles: FloatArray, weights: FloatArray, edges: FloatArray) -> FloatArray:
    # Bisected as distances from the nearer pole, so that roots next to a pole keep their relative accuracy.
    low, high = edges[:-1].copy(), edges[1:].copy()
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if np.all((middle <= low) | (middle >= high)):
            break
        distance = middle[:, None] - poles[None, :]
        with np.errstate(divide="ignore"):
            above = middle - corner - (weights[None, :] / distance).sum(axis=1) > 0
        high = np.where(above, middle, high)
        low = np.where(above, low, middle)
    return (low + high) / 2
