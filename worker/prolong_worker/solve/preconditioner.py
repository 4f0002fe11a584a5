r"""The spectral preconditioner (an approximate inverse of the Hessian's dominant part).

Near a point with norms `N_t` the Hessian is dominated by `sum_t k_t K_t* K_t` with
`K_t[V] = V A_t / sqrt(a_t) - sqrt(a_t) B_t V` and `k_t = w_t / N_t`. In the eigenbases of the combined operators

    left:  sum_t k_t a_t B_t^2   (n_fine),        right:  sum_t k_t / a_t A_t^2   (n_coarse)

that sum is nearly diagonal; its exact diagonal there is inverted, after a shift that bounds the step along its
kernel, and the result is projected onto the tangent space. The operator so made is symmetric and positive
definite there.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from prolong_worker.solve.graph_matrices import FloatArray, Matrix, dense
from prolong_worker.solve.objective import Evaluation, TermValue

# The shift is relative to the largest diagonal entry. No weight is divided by a norm below so many rounding
# floors.
_SHIFT = 1e-6
_NORM_FLOOR = 1e7


@dataclass(frozen=True)
class SpectralPreconditioner:
    """Rotate, divide, rotate back.

    Arguments:
        left: eigenbasis, shape `(n_fine, n_fine)`.
        right: eigenbasis, shape `(n_coarse, n_coarse)`.
        diagonal: positive, shape `(n_fine, n_coarse)`.
    """

    left: FloatArray
    right: FloatArray
    diagonal: FloatArray

    @classmethod
    def at(cls, evaluation: Evaluation) -> "SpectralPreconditioner":
        """The preconditioner for the neighbourhood of a point."""
        terms = [(value, _curvature_weight(value)) for value in evaluation.terms]
        left = _eigenbasis([(weight * value.scale, value.term.fine) for value, weight in terms])
        right = _eigenbasis([(weight / value.scale, value.term.coarse) for value, weight in terms])
        diagonal = sum(weight * _diagonal(value, left, right) for value, weight in terms)
        diagonal = np.asarray(diagonal, dtype=np.float64)
        return cls(left, right, diagonal + _SHIFT * float(diagonal.max()) + np.finfo(float).tiny)

    def __call__(self, point: FloatArray, tangent: FloatArray) -> FloatArray:
        """Applies the approximate inverse to a tangent vector; the result is tangent."""
        rotated = (self.left.T @ tangent @ self.right) / self.diagonal
        step = self.left @ rotated @ self.right.T
        inner = point.T @ step
        result: FloatArray = step - point @ ((inner + inner.T) / 2)
        return result


def _curvature_weight(value: TermValue) -> float:
    return value.term.weight / max(value.norm, _NORM_FLOOR * value.term.floor, np.finfo(float).tiny)


def _eigenbasis(parts: list[tuple[float, Matrix]]) -> FloatArray:
    combined = np.zeros(parts[0][1].shape)
    for factor, matrix in parts:
        combined += factor * dense(matrix @ matrix)
    _, vectors = scipy.linalg.eigh(combined, driver="evd", overwrite_a=True)
    return np.asarray(vectors)


def _diagonal(value: TermValue, left: FloatArray, right: FloatArray) -> FloatArray:
    fine_image, coarse_image = value.term.fine @ left, value.term.coarse @ right
    fine_square = value.scale * np.sum(fine_image**2, axis=0)
    coarse_square = np.sum(coarse_image**2, axis=0) / value.scale
    fine, coarse = np.sum(left * fine_image, axis=0), np.sum(right * coarse_image, axis=0)
    product: FloatArray = fine_square[:, None] + coarse_square[None, :] - 2 * np.outer(fine, coarse)
    return product
