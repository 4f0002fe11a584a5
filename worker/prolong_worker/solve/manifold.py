"""PyManOpt's Stiefel manifold with a polar retraction through the small Gram matrix.

Everything but the retraction is PyManOpt's own, by composition. Its polar retraction takes the singular value
decomposition of an `(n_fine, n_coarse)` matrix; for a tangent step `V` the Gram matrix `I + V'V` of `P + V` is
well conditioned, so its inverse square root, of order `n_coarse`, gives the same point for less.
"""

import numpy as np
import pymanopt.manifolds
from pymanopt.manifolds.manifold import RiemannianSubmanifold

from prolong_worker.solve.graph_matrices import FloatArray

# The Gram matrix squares the condition; below this ratio of its eigenvalues the columns lose orthonormality.
_SMALLEST_GRAM_RATIO = 1e-4


def polar_factor(matrix: FloatArray) -> FloatArray:
    """The orthonormal matrix nearest to one of full column rank, by its Gram matrix where that is accurate."""
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    if values[0] <= _SMALLEST_GRAM_RATIO * values[-1]:
        return orthonormalised(matrix)
    factor: FloatArray = matrix @ ((vectors / np.sqrt(values)) @ vectors.T)
    return factor


def orthonormalised(matrix: FloatArray) -> FloatArray:
    """The polar factor, accurate to rounding whatever the condition."""
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    product: FloatArray = left @ right
    return product


class GramStiefel(RiemannianSubmanifold):  # type: ignore[misc]
    """Orthonormal `(n_fine, n_coarse)` matrices with the Euclidean metric.

    Arguments:
        n_fine: rows.
        n_coarse: columns, at most `n_fine`.
    """

    def __init__(self, n_fine: int, n_coarse: int) -> None:
        self._stiefel = pymanopt.manifolds.Stiefel(n_fine, n_coarse)
        super().__init__(f"Gram Stiefel manifold St({n_fine},{n_coarse})", int(self._stiefel.dim))

    @property
    def typical_dist(self) -> float:
        return float(self._stiefel.typical_dist)

    def inner_product(
        self, point: FloatArray, tangent_vector_a: FloatArray, tangent_vector_b: FloatArray
    ) -> float:
        # PyManOpt divides by inner products and catches ZeroDivisionError, which only Python's floats raise.
        del point
        return float(np.vdot(tangent_vector_a, tangent_vector_b))

    def norm(self, point: FloatArray, tangent_vector: FloatArray) -> float:
        del point
        return float(np.linalg.norm(tangent_vector))

    def projection(self, point: FloatArray, vector: FloatArray) -> FloatArray:
        inner = point.T @ vector
        projected: FloatArray = vector - point @ ((inner + inner.T) / 2)
        return projected

    def to_tangent_space(self, point: FloatArray, vector: FloatArray) -> FloatArray:
        return self.projection(point, vector)

    def transport(self, point_a: FloatArray, point_b: FloatArray, tangent_vector_a: FloatArray) -> FloatArray:
        del point_a
        return self.projection(point_b, tangent_vector_a)

    def weingarten(self, point: FloatArray, tangent_vector: FloatArray, normal_vector: FloatArray) -> FloatArray:
        return np.asarray(self._stiefel.weingarten(point, tangent_vector, normal_vector))

    def retraction(self, point: FloatArray, tangent_vector: FloatArray) -> FloatArray:
        return polar_factor(point + tangent_vector)

    def random_point(self) -> FloatArray:
        return np.asarray(self._stiefel.random_point())

    def random_tangent_vector(self, point: FloatArray) -> FloatArray:
        return np.asarray(self._stiefel.random_tangent_vector(point))

    def zero_vector(self, point: FloatArray) -> FloatArray:
        return np.zeros_like(point)
