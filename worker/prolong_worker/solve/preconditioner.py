r"""The spectral preconditioner (an approximate inverse of the Hessian's dominant part).

Near a point with norms `N_t` the Hessian is dominated by `sum_t k_t K_t* K_t` with
`K_t[V] = V A_t / sqrt(a_t) - sqrt(a_t) B_t V` and `k_t = w_t / N_t`. In the eigenbases of the combined operators

    left:  sum_t k_t a_t B_t^2   (n_fine),        right:  sum_t k_t / a_t A_t^2   (n_coarse)

that sum is nearly diagonal; its exact diagonal there is inverted, after a shift that bounds the step along its
kernel, and the result is projected onto the tangent space. The operator so made is symmetric and positive
definite there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import scipy.linalg

from prolong_worker.solve.graph_matrices import FloatArray, Matrix, dense
from prolong_worker.solve.objective import TermValue, tangent_part

# The shift is relative to the largest diagonal entry.
_SHIFT = 1e-6
# The diagonal is made anew when the factors have moved by more than the first against where it was made, and the
# eigenbases when their ratio has moved by more than the second.
_DIAGONAL_DRIFT = 1.05
_BASIS_DRIFT = 1.3


class Place(Protocol):
    """What the preconditioner needs to know of an evaluation."""

    @property
    def terms(self) -> tuple[TermValue, ...]: ...
    @property
    def curvatures(self) -> tuple[float, ...]: ...


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
    def at(cls, place: Place) -> "SpectralPreconditioner":
        """The preconditioner for the neighbourhood of a point."""
        return Bases.at(place).preconditioner(place)

    def __call__(self, point: FloatArray, tangent: FloatArray) -> FloatArray:
        """Applies the approximate inverse to a tangent vector; the result is tangent."""
        rotated = self.left.T @ tangent @ self.right
        rotated /= self.diagonal
        return tangent_part(point, self.left @ rotated @ self.right.T)


@dataclass(frozen=True)
class Bases:
    """The eigenbases of the combined operators, and what the terms look like in them.

    Arguments:
        left: shape `(n_fine, n_fine)`.
        right: shape `(n_coarse, n_coarse)`.
        terms: in the order of the evaluation.
    """

    left: FloatArray
    right: FloatArray
    terms: tuple[TermValue, ...]

    @classmethod
    def at(cls, place: Place) -> "Bases":
        weighted = list(zip(place.curvatures, place.terms, strict=True))
        left = _eigenbasis([(factor * value.scale, value.term.fine) for factor, value in weighted])
        right = _eigenbasis([(factor / value.scale, value.term.coarse) for factor, value in weighted])
        return cls(left, right, place.terms)

    def preconditioner(self, place: Place) -> SpectralPreconditioner:
        """With the factors and scales of another place."""
        diagonal = np.zeros((self.left.shape[0], self.right.shape[0]))
        for factor, value, rotated in zip(place.curvatures, place.terms, self._rotated, strict=True):
            diagonal += factor * rotated.diagonal(value.scale)
        diagonal += _SHIFT * float(diagonal.max()) + np.finfo(float).tiny
        return SpectralPreconditioner(self.left, self.right, diagonal)

    @cached_property
    def _rotated(self) -> "tuple[_Rotated, ...]":
        return tuple(_Rotated.of(value, self.left, self.right) for value in self.terms)


@dataclass(frozen=True)
class _Rotated:
    """Rayleigh quotients of both matrices of a term and of their squares."""

    fine: FloatArray
    fine_square: FloatArray
    coarse: FloatArray
    coarse_square: FloatArray

    @classmethod
    def of(cls, value: TermValue, left: FloatArray, right: FloatArray) -> "_Rotated":
        fine_image, coarse_image = value.term.fine @ left, value.term.coarse @ right
        return cls(
            np.sum(left * fine_image, axis=0),
            np.sum(fine_image**2, axis=0),
            np.sum(right * coarse_image, axis=0),
            np.sum(coarse_image**2, axis=0),
        )

    def diagonal(self, scale: float) -> FloatArray:
        product: FloatArray = -2 * np.outer(self.fine, self.coarse)
        product += (scale * self.fine_square)[:, None]
        product += (self.coarse_square / scale)[None, :]
        return product


class AdaptivePreconditioner:
    """A spectral preconditioner that follows the search: made anew when its factors have moved too far.

    Arguments:
        visit: evaluates a point; the latest one must be free.
    """

    def __init__(self, visit: Callable[[FloatArray], Place]) -> None:
        self._visit = visit
        self._made_at: tuple[float, ...] | None = None
        self._based_at: tuple[float, ...] | None = None

    def __call__(self, point: FloatArray, tangent: FloatArray) -> FloatArray:
        """Applies the preconditioner of the point's neighbourhood; the result is tangent."""
        self._follow(self._visit(point))
        return self._current(point, tangent)

    def _follow(self, place: Place) -> None:
        factors = _factors(place)
        if self._based_at is None or _drift(_relative(factors), _relative(self._based_at)) > _BASIS_DRIFT:
            self._bases, self._based_at, self._made_at = Bases.at(place), factors, None
        if self._made_at is None or _drift(factors, self._made_at) > _DIAGONAL_DRIFT:
            self._current, self._made_at = self._bases.preconditioner(place), factors


def _factors(place: Place) -> tuple[float, ...]:
    return tuple(
        factor * power
        for factor, value in zip(place.curvatures, place.terms, strict=True)
        for power in (value.scale, 1 / value.scale)
    )


def _relative(factors: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(factor / max(pair) for pair in (factors[0::2], factors[1::2]) for factor in pair)


def _drift(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return max(max(a / b, b / a) if min(a, b) > 0 else 1.0 for a, b in zip(one, other, strict=True))


def _eigenbasis(parts: list[tuple[float, Matrix]]) -> FloatArray:
    combined = np.zeros(parts[0][1].shape)
    for factor, matrix in parts:
        combined += factor * dense(matrix @ matrix)
    _, vectors = scipy.linalg.eigh(combined, driver="evd", overwrite_a=True)
    return np.asarray(vectors)
