r"""A weighted sum of both squared terms, `q(P) = sum_t c_t || R_t ||_F^2 = <P, H[P]>`, and its spectral basis.

    R_t = P A_t / sqrt(a_t) - sqrt(a_t) B_t P ,
    H[P] = F P + P C - 2 sum_t c_t B_t P A_t ,   F = sum_t c_t a_t B_t^2 ,   C = sum_t c_t / a_t A_t^2 .

Points come in stacks: shape `(k, n_fine, n_coarse)`, one for each of k.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from prolong_worker.solve.graph_matrices import FloatArray, dense
from prolong_worker.solve.setting import Setting


@dataclass(frozen=True)
class Part:
    """One squared term.

    Arguments:
        weight: `c`, at least 0.
        coarse: `A`, shape `(n_coarse, n_coarse)`.
        fine: `B`, shape `(n_fine, n_fine)`.
        scale: `a`, positive.
    """

    weight: float
    coarse: FloatArray
    fine: FloatArray
    scale: float

    @property
    def size(self) -> float:
        """An upper bound of the squared norm of `P -> R`, with the weight."""
        root = self.scale**0.5
        return self.weight * float(np.linalg.norm(self.fine) * root + np.linalg.norm(self.coarse) / root) ** 2


@dataclass(frozen=True)
class Quadratic:
    """The weighted sum of squared terms."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, setting: Setting, weights: tuple[float, ...]) -> "Quadratic":
        """The active terms of a setting, squared, with these weights; their scales are points."""
        terms = zip(weights, setting.active, strict=True)
        return cls(
            tuple(
                Part(weight, dense(term.coarse.matrix), dense(term.fine.matrix), term.scale.start)
                for weight, term in terms
            )
        )

    @property
    def shape(self) -> tuple[int, int]:
        """`(n_fine, n_coarse)`."""
        return self.parts[0].fine.shape[0], self.parts[0].coarse.shape[0]

    @cached_property
    def fine_square(self) -> FloatArray:
        """`F`, shape `(n_fine, n_fine)`."""
        return np.asarray(sum(part.weight * part.scale * (part.fine @ part.fine) for part in self.parts))

    @cached_property
    def coarse_square(self) -> FloatArray:
        """`C`, shape `(n_coarse, n_coarse)`."""
        return np.asarray(sum(part.weight / part.scale * (part.coarse @ part.coarse) for part in self.parts))

    @cached_property
    def size(self) -> float:
        """An upper bound of the spectral norm of `H`."""
        return sum(part.size for part in self.parts)

    def apply(self, stack: FloatArray) -> FloatArray:
        """`H` applied to each point of a stack, or to one point."""
        image: FloatArray = self.fine_square @ stack + stack @ self.coarse_square
        for part in self.parts:
            image -= (2 * part.weight) * (part.fine @ stack @ part.coarse)
        return image

    def value(self, stack: FloatArray) -> float:
        """`q`, summed over a stack."""
        return float(np.vdot(stack, self.apply(stack)))

    @cached_property
    def basis(self) -> "Basis":
        """Where `H` is nearly diagonal."""
        return Basis.of(self)


@dataclass(frozen=True)
class Basis:
    """Eigenbases of `F` and `C`, and the exact diagonal of `H` in them.

    Arguments:
        left: shape `(n_fine, n_fine)`.
        right: shape `(n_coarse, n_coarse)`.
        diagonal: shape `(n_fine, n_coarse)`, at least 0 but for rounding.
    """

    left: FloatArray
    right: FloatArray
    diagonal: FloatArray

    @classmethod
    def of(cls, quadratic: Quadratic) -> "Basis":
        fine, left = np.linalg.eigh(quadratic.fine_square)
        coarse, right = np.linalg.eigh(quadratic.coarse_square)
        diagonal = fine[:, None] + coarse[None, :]
        for part in quadratic.parts:
            inner = np.outer(diagonal_in(left, part.fine), diagonal_in(right, part.coarse))
            diagonal = diagonal - 2 * part.weight * inner
        return cls(left, right, diagonal)

    def divide(self, stack: FloatArray, diagonal: FloatArray) -> FloatArray:
        """Rotates a stack into the basis, divides by a diagonal and rotates back."""
        result: FloatArray = self.left @ ((self.left.T @ stack @ self.right) / diagonal) @ self.right.T
        return result


def diagonal_in(basis: FloatArray, matrix: FloatArray) -> FloatArray:
    """The diagonal of a matrix in an orthonormal basis, shape `(n,)`."""
    return np.asarray(np.sum(basis * (matrix @ basis), axis=0))
