r"""The smooth quadratics `sum_t c_t ||R_t||^2` behind the objective, and their descent.

E is concave and increasing in the squared norms, so its minimum is that of one of these quadratics; they have no
kinks, and the dual bounds their minima from below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from prolong_worker.solve.control import Watch
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.manifold import GramStiefel
from prolong_worker.solve.objective import Objective, TermValue, symmetric_part
from prolong_worker.solve.quasi_newton import LBFGS
from prolong_worker.solve.search import Search
from prolong_worker.solve.setting import Setting

_UNLIMITED = 10**9


@dataclass(frozen=True)
class Quadratic:
    """The weighted sum of the objective's squared norms.

    Arguments:
        objective: its terms; their own weights are not used.
        weights: one non-negative factor for each term, not all zero.
    """

    objective: Objective
    weights: Sequence[float]

    def at(self, point: FloatArray) -> "QuadraticEvaluation":
        """Everything about one point, shape `(n_fine, n_coarse)`."""
        return QuadraticEvaluation(point, self.objective.at(point).terms, tuple(self.weights))


@dataclass(frozen=True)
class QuadraticEvaluation:
    """The quadratic at one point."""

    point: FloatArray
    terms: tuple[TermValue, ...]
    weights: tuple[float, ...]

    @cached_property
    def value(self) -> float:
        return sum(weight * value.norm**2 for weight, value in zip(self.weights, self.terms, strict=True))

    @property
    def curvatures(self) -> tuple[float, ...]:
        """Factors of `K_t* K_t` in the Hessian."""
        return tuple(2 * weight for weight in self.weights)

    @cached_property
    def gradient(self) -> FloatArray:
        """Euclidean gradient, shape of the point."""
        return sum((weight * value.square_gradient for weight, value in self._weighted), start=0.0 * self.point)

    def hessian(self, direction: FloatArray) -> FloatArray:
        """Euclidean Hessian applied to `direction`, shape of the point."""
        return sum(
            (weight * value.square_hessian(direction) for weight, value in self._weighted), start=0.0 * self.point
        )

    @cached_property
    def riemannian_gradient(self) -> FloatArray:
        """Projection of the gradient onto the tangent space at an orthonormal point."""
        return self.gradient - self.point @ self.multiplier

    @cached_property
    def multiplier(self) -> FloatArray:
        """Symmetric part of `P' grad`, of the constraint, shape `(n_coarse, n_coarse)`."""
        return symmetric_part(self.point, self.gradient)

    @property
    def _weighted(self) -> list[tuple[float, TermValue]]:
        return [pair for pair in zip(self.weights, self.terms, strict=True) if pair[0] > 0]


def minimise_quadratic(
    setting: Setting,
    weights: Sequence[float],
    start: FloatArray,
    *,
    watch: Watch,
    tolerance: float = 1e-6,
    max_iterations: int = 1000,
) -> FloatArray:
    """A local minimiser of `sum_t c_t ||R_t||^2` over orthonormal matrices.

    Arguments:
        setting: its active terms, diffusion first.
        weights: `c_t`, one for each active term.
        start: orthonormal columns, shape `(n_fine, n_coarse)`.
        watch: clock and cancellation.
        tolerance: of the Riemannian gradient's norm, relative to the value at the start.
        max_iterations: the last point is returned after as many.

    Raises:
        Interrupted: if time is up or the search was cancelled.
    """
    search = Search(Quadratic(setting.objective, tuple(weights)), -float("inf"), 0.0, watch)
    value = search.visit(start).value
    optimizer = LBFGS(
        verbosity=0,
        max_time=_UNLIMITED,
        max_iterations=max_iterations,
        max_cost_evaluations=_UNLIMITED,
        min_gradient_norm=tolerance * value,
        min_step_size=0.0,
    )
    problem = search.problem(GramStiefel(*start.shape), preconditioner=search.preconditioner)
    point: FloatArray = optimizer.run(problem, initial_point=start).point
    return point
