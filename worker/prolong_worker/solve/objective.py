r"""The objective, its exact Euclidean gradient and its exact Hessian-vector product.

    E(P) = sum_t w_t || R_t ||_F ,    R_t = P A_t / sqrt(a_t) - sqrt(a_t) B_t P ,

with the diffusion term `(w, A, B) = (1 - s, Lc, Lf)` and the locality term `(s, Tc, Tf)`
(Scott & Mjolsness, arXiv 1806.05703, section 3.2). A scale `a_t` is a number, or free in an
interval; then it is eliminated by its minimiser `clip(||P A|| / ||B P||)`, and the formulas
below are those of the reduced objective (envelope theorem).

Each norm has a kink at zero. Below a relative floor the zero matrix, a valid subgradient, stands
for the gradient of that norm, and zero for its curvature, so no division by zero can happen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from prolong_worker.solve.graph_matrices import FloatArray, Matrix, frobenius_norm

_KINK_FLOOR = 1e-13
# In curvatures, no weight is divided by a norm below so many rounding floors.
_NORM_FLOOR = 1e7


class Interval(NamedTuple):
    """Values allowed to a positive scale; a fixed scale has `low == high`."""

    low: float
    high: float

    @property
    def is_point(self) -> bool:
        return self.low == self.high

    @classmethod
    def point(cls, value: float) -> "Interval":
        return cls(value, value)

    def clip(self, value: float) -> float:
        clipped: float = min(max(value, self.low), self.high)
        return clipped


def rounding_floor(coarse_norm: float, fine_norm: float, scale: Interval) -> float:
    """The size of rounding errors in a term's norm, from the Frobenius norms of its two matrices."""
    return _KINK_FLOOR * (coarse_norm / math.sqrt(scale.low) + fine_norm * math.sqrt(scale.high))


@dataclass(frozen=True)
class Term:
    """One norm of the objective.

    Arguments:
        weight: its factor in the objective, positive.
        coarse: `A`, symmetric, shape `(n_coarse, n_coarse)`.
        fine: `B`, symmetric, shape `(n_fine, n_fine)`.
        scale: where `a` may lie.
    """

    weight: float
    coarse: Matrix
    fine: Matrix
    scale: Interval

    @cached_property
    def floor(self) -> float:
        """Norms at or below this are zero within rounding."""
        return rounding_floor(frobenius_norm(self.coarse), frobenius_norm(self.fine), self.scale)

    def at(self, point: FloatArray) -> "TermValue":
        return TermValue(self, point)


@dataclass(frozen=True)
class TermValue:
    """A term at one point; everything beyond the value is computed when asked for."""

    term: Term
    point: FloatArray

    @cached_property
    def _coarse_image(self) -> FloatArray:
        return self.point @ self.term.coarse

    @cached_property
    def _fine_image(self) -> FloatArray:
        return self.term.fine @ self.point

    @cached_property
    def scale(self) -> float:
        """The scale `a` in force here."""
        if self.term.scale.is_point:
            return self.term.scale.low
        return self.term.scale.clip(self._free_scale)

    @cached_property
    def _free_scale(self) -> float:
        numerator = float(np.linalg.norm(self._coarse_image))
        denominator = float(np.linalg.norm(self._fine_image))
        return numerator / denominator if denominator > 0 else np.inf

    @cached_property
    def residual(self) -> FloatArray:
        """`R`, shape `(n_fine, n_coarse)`."""
        root = self.scale**0.5
        residual: FloatArray = self._coarse_image / root - root * self._fine_image
        return residual

    @cached_property
    def norm(self) -> float:
        """`||R||_F`, unweighted."""
        return float(np.linalg.norm(self.residual))

    @property
    def at_kink(self) -> bool:
        return self.norm <= self.term.floor

    @cached_property
    def square_gradient(self) -> FloatArray:
        """Euclidean gradient of the squared norm."""
        return 2 * self._adjoint(self.residual)

    def square_hessian(self, direction: FloatArray) -> FloatArray:
        """Euclidean Hessian of the squared norm applied to `direction`."""
        root = self.scale**0.5
        fine_image = self.term.fine @ direction
        coarse_image = direction @ self.term.coarse
        curvature = self._adjoint(coarse_image / root - root * fine_image)
        if self._scale_moves:
            curvature += self._scale_slope(coarse_image, fine_image) * self._gradient_by_scale
        return 2 * curvature

    @cached_property
    def gradient(self) -> FloatArray:
        """Euclidean gradient of the norm; zero at the kink."""
        if self.at_kink:
            return np.zeros_like(self.point)
        return self.square_gradient / (2 * self.norm)

    def hessian(self, direction: FloatArray) -> FloatArray:
        """Euclidean Hessian of the norm applied to `direction`; zero at the kink."""
        if self.at_kink:
            return np.zeros_like(direction)
        curvature = self.square_hessian(direction) / 2
        curvature -= self.gradient * float(np.vdot(self.gradient, direction))
        return curvature / self.norm

    def _adjoint(self, residual: FloatArray) -> FloatArray:
        root = self.scale**0.5
        product: FloatArray = residual @ self.term.coarse / root - root * (self.term.fine @ residual)
        return product

    @property
    def _scale_moves(self) -> bool:
        return self.term.scale.low < self.scale < self.term.scale.high

    @cached_property
    def _gradient_by_scale(self) -> FloatArray:
        slope: FloatArray = self.term.fine @ self._fine_image
        return slope - self._coarse_image @ self.term.coarse / self.scale**2

    def _scale_slope(self, coarse_image: FloatArray, fine_image: FloatArray) -> float:
        coarse = np.vdot(self._coarse_image, coarse_image) / np.vdot(self._coarse_image, self._coarse_image)
        fine = np.vdot(self._fine_image, fine_image) / np.vdot(self._fine_image, self._fine_image)
        return self.scale * float(coarse - fine)


@dataclass(frozen=True)
class Objective:
    """The weighted sum of one or two terms."""

    terms: Sequence[Term]

    @property
    def shape(self) -> tuple[int, int]:
        """`(n_fine, n_coarse)`."""
        return self.terms[0].fine.shape[0], self.terms[0].coarse.shape[0]

    def at(self, point: FloatArray) -> "Evaluation":
        """Everything about one point, shape `(n_fine, n_coarse)`."""
        return Evaluation(point, tuple(term.at(point) for term in self.terms))

    def value(self, point: FloatArray) -> float:
        return self.at(point).value


@dataclass(frozen=True)
class Evaluation:
    """The objective at one point."""

    point: FloatArray
    terms: tuple[TermValue, ...]

    @cached_property
    def value(self) -> float:
        return sum(value.term.weight * value.norm for value in self.terms)

    @cached_property
    def gradient(self) -> FloatArray:
        """Euclidean gradient, shape of the point."""
        return _total([value.term.weight * value.gradient for value in self.terms])

    def hessian(self, direction: FloatArray) -> FloatArray:
        """Euclidean Hessian applied to `direction`, shape of the point."""
        return _total([value.term.weight * value.hessian(direction) for value in self.terms])

    @cached_property
    def riemannian_gradient(self) -> FloatArray:
        """Projection of the gradient onto the tangent space at an orthonormal point."""
        return self.gradient - self.point @ self.multiplier

    @cached_property
    def multiplier(self) -> FloatArray:
        """Symmetric part of `P' grad`, of the constraint, shape `(n_coarse, n_coarse)`."""
        return symmetric_part(self.point, self.gradient)

    @property
    def curvatures(self) -> tuple[float, ...]:
        """Factors of `K_t* K_t` in the Hessian; finite at a kink."""
        return tuple(_curvature(value) for value in self.terms)


def tangent_part(point: FloatArray, vector: FloatArray) -> FloatArray:
    """Projection of a matrix onto the tangent space at an orthonormal point, both `(n_fine, n_coarse)`."""
    projected: FloatArray = vector - point @ symmetric_part(point, vector)
    return projected


def symmetric_part(point: FloatArray, vector: FloatArray) -> FloatArray:
    """Symmetric part of `P' V`, shape `(n_coarse, n_coarse)`."""
    inner = point.T @ vector
    half: FloatArray = (inner + inner.T) / 2
    return half


def _curvature(value: TermValue) -> float:
    return value.term.weight / max(value.norm, _NORM_FLOOR * value.term.floor, np.finfo(float).tiny)


def _total(parts: Sequence[FloatArray]) -> FloatArray:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
