"""Kicks: jumps from one local optimum into the basin of another.

What tells local optima apart is, above all, how the signs of the coarse eigenvectors were chosen: negating a few of them
leaves one term of the objective as it was when P is spectral, and the other changed. A kick does just that to any P,
`P Q diag(z) Q'` with few negative signs z in an eigenbasis Q of one of the coarse matrices; it stays orthonormal.
"""

from collections.abc import Sequence

import numpy as np

from prolong_worker.solve.graph_matrices import FloatArray

_FEWEST, _MOST = 2, 8


def kicked(point: FloatArray, bases: Sequence[FloatArray], rng: np.random.Generator) -> FloatArray:
    """A point with the signs of 2 to 8 random coarse eigenvectors changed, shape `(n_fine, n_coarse)`.

    Arguments:
        point: orthonormal columns, shape `(n_fine, n_coarse)`.
        bases: eigenbases of the coarse matrices, each `(n_coarse, n_coarse)`; one is drawn.
        rng: source of the choices.
    """
    basis = bases[rng.integers(len(bases))]
    n_coarse = basis.shape[1]
    count = min(int(rng.integers(_FEWEST, _MOST + 1)), n_coarse)
    chosen = basis[:, rng.permutation(n_coarse)[:count]]
    result: FloatArray = point - 2 * (point @ chosen) @ chosen.T
    return result
