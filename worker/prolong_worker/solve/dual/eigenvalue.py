"""The smallest eigenvalues of the shifted operator by a preconditioned block Davidson method.

One subspace is kept; the residuals of its lowest Ritz vectors, divided by the diagonal in the basis where the
operator is nearly diagonal, widen it, and it is cut back when it is full. A point that a Lagrangian was
minimised at is an eigenvector of the operator for the eigenvalue 0 and hides what is below: several Ritz pairs
must converge, from starts that include random ones.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from prolong_worker.solve.dual.multipliers import Multipliers
from prolong_worker.solve.graph_matrices import FloatArray

_BLOCK = 4
_FEWEST_STEPS = 3
_KEPT_BLOCKS, _FULL_BLOCKS = 4, 10
_DEPENDENT = 1e-9
_SMALLEST_DIVISOR = 1e-3
_ROUNDING = 1e-14


class Lowest(NamedTuple):
    """The lowest Ritz pairs.

    Arguments:
        values: ascending, shape `(k,)`; the first is never below the smallest eigenvalue.
        vectors: of unit norm, shape `(k, n_fine, n_coarse)`.
        residual: norm of the largest residual among the pairs that had to converge.
    """

    values: FloatArray
    vectors: FloatArray
    residual: float

    def guess(self, multipliers: Multipliers) -> float:
        """The lowest Ritz value less its residual and rounding: below the smallest eigenvalue if no eigenvalue was
        missed. A residual only proves that some eigenvalue is near."""
        return float(self.values[0]) - self.residual - _ROUNDING * multipliers.size


def lowest(
    multipliers: Multipliers,
    starts: FloatArray,
    *,
    accuracy: float,
    steps: int,
    check: Callable[[], None],
) -> Lowest:
    """The smallest eigenvalues of `M`.

    Arguments:
        multipliers: whose `M` is meant.
        starts: not all zero, shape `(k, n_fine, n_coarse)`; eigenvectors of a similar operator, random points.
        accuracy: of the residuals.
        steps: at most.
        check: called before every product; what it raises is passed on.
    """
    shape = multipliers.quadratic.shape
    vectors = _orthonormal(starts.reshape(len(starts), -1))
    images = _images(multipliers, vectors)
    for step in range(steps + 1):
        check()
        values, turn = np.linalg.eigh((vectors @ images.T + images @ vectors.T) / 2)
        count = min(_BLOCK, len(values))
        ritz, residuals = turn[:, :count].T @ vectors, turn[:, :count].T @ images
        residuals = residuals - values[:count, None] * ritz
        norms = np.linalg.norm(residuals, axis=1)
        residual = float(norms[: max(1, _BLOCK // 2)].max())
        if step == steps or (step >= _FEWEST_STEPS and residual <= accuracy):
            break
        if len(vectors) > _FULL_BLOCKS * _BLOCK:
            kept = turn[:, : _KEPT_BLOCKS * _BLOCK].T
            vectors, images = kept @ vectors, kept @ images
        wider = _expansion(multipliers, residuals[norms > 0], float(values[0]), vectors)
        if len(wider) == 0:
            break
        vectors, images = np.vstack([vectors, wider]), np.vstack([images, _images(multipliers, wider)])
    return Lowest(values[:count], ritz.reshape(-1, *shape), residual)


def _images(multipliers: Multipliers, vectors: FloatArray) -> FloatArray:
    stack = vectors.reshape(-1, *multipliers.quadratic.shape)
    return multipliers.apply(stack).reshape(vectors.shape)


def _expansion(multipliers: Multipliers, residuals: FloatArray, value: float, vectors: FloatArray) -> FloatArray:
    if len(residuals) == 0 or len(vectors) >= vectors.shape[1]:
        return residuals[:0]
    diagonal = multipliers.diagonal - value
    floor = _SMALLEST_DIVISOR * float(np.median(np.abs(diagonal))) + np.finfo(float).tiny
    stack = residuals.reshape(-1, *diagonal.shape)
    directions = multipliers.quadratic.basis.divide(stack, np.maximum(diagonal, floor)).reshape(residuals.shape)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for _ in range(2):
        directions = directions - (directions @ vectors.T) @ vectors
    return _orthonormal(directions, largest=1.0)


def _orthonormal(vectors: FloatArray, largest: float | None = None) -> FloatArray:
    """An orthonormal basis of the rows' span; directions that are small against `largest` are left out."""
    _, sizes, rows = np.linalg.svd(vectors, full_matrices=False)
    kept = rows[sizes > _DEPENDENT * (sizes[0] if largest is None else largest)]
    return np.asarray(kept)
