r"""The spectral preconditioner (an approximate inverse of the Hessian's dominant part).

Near a point with norms `N_t` the Hessian is dominated by `sum_t k_t K_t* K_t` with
`K_t[V] = V A_t / sqrt(a_t) - sqrt(a_t) B_t V` and `k_t = w_t / N_t`. In the eigenbases of the combined operators

    left:  sum_t k_t a_t B_t^2   (n_fine),        right:  sum_t k_t / a_t A_t^2   (n_coarse)

that sum is nearly diagonal, and its exact diagonal there is known. The constraint adds `-V S` to the Riemannian
Hessian, `S` the symmetric part of `P' grad`: its diagonal in the right basis is subtracted, as far as the result
stays well positive. The inverse of what is left, projected onto the tangent space, is symmetric and positive
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

# The shift, relative to the largest diagonal entry, bounds the step along the kernel of the dominant part.
_SHIFT = 1e-9
# The constraint's part takes no entry below this share of itself.
_LEAST_SHARE = 0.1
# The eigenbases are made anew when the ratios of the factors have moved by more than this.
_BASIS_DRIFT = 1.5


class Place(Protocol):
    """What the preconditioner needs to know of an evaluation."""

    @property
    def terms(self) -> tuple[TermValue, ...]: ...
    @property
    def curvatures(self) -> tuple[float, ...]: ...
    @property
    def multiplier(self) -> FloatArray: ...


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
        shift = _SHIFT * float(diagonal.max()) + np.finfo(float).tiny
        constraint = np.sum(self.right * (place.multiplier @ self.right), axis=0)
        np.maximum(diagonal - constraint[None, :], _LEAST_SHARE * diagonal, out=diagonal)
        diagonal += shift
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
    """A spectral preconditioner that follows the search.

    Its diagonal belongs to the latest point, its eigenbases to the last one where the factors had moved too far.

    Arguments:
        visit: evaluates a point; the latest one must be free.
    """

    def __init__(self, visit: Callable[[FloatArray], Place]) -> None:
        self._visit = visit
        self._place: Place | None = None
        self._based_at: tuple[float, ...] | None = None

    def __call__(self, point: FloatArray, tangent: FloatArray) -> FloatArray:
        """Applies the preconditioner of the point's neighbourhood; the result is tangent."""
        place = self._visit(point)
        if place is not self._place:
            self._follow(place)
        return self._current(point, tangent)

    def _follow(self, place: Place) -> None:
        factors = _factors(place)
        if self._based_at is None or _drift(factors, self._based_at) > _BASIS_DRIFT:
            self._bases, self._based_at = Bases.at(place), factors
        self._current, self._place = self._bases.preconditioner(place), place


def _factors(place: Place) -> tuple[float, ...]:
    """The terms' shares of the left operator, then of the right one."""
    weighted = list(zip(place.curvatures, place.terms, strict=True))
    left = [factor * value.scale for factor, value in weighted]
    right = [factor / value.scale for factor, value in weighted]
    return tuple(factor / max(side) for side in (left, right) for factor in side)


def _drift(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return max(max(a / b, b / a) if min(a, b) > 0 else 1.0 for a, b in zip(one, other, strict=True))


def _eigenbasis(parts: list[tuple[float, Matrix]]) -> FloatArray:
    combined = np.zeros(parts[0][1].shape)
    for factor, matrix in parts:
        combined += factor * dense(matrix @ matrix)
    _, vectors = scipy.linalg.eigh(combined, driver="evd", overwrite_a=True)
    return np.asarray(vectors)
