"""The state of one search: best point so far, evaluations, and the bridge to PyManOpt.

PyManOpt's optimisers know neither cancellation nor an injected clock. They are stopped from inside: every
evaluation asks the watch, which raises `Interrupted` through them; the best point has been kept here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import pymanopt
from pymanopt.manifolds.manifold import RiemannianSubmanifold

from prolong.certificate import Outcome
from prolong_worker.solve.control import Interrupted, Watch
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.objective import TermValue, tangent_part
from prolong_worker.solve.preconditioner import AdaptivePreconditioner

Preconditioner = Callable[[FloatArray, FloatArray], FloatArray]

# Relative difference of values that rounding errors explain.
_EQUAL_VALUES = 1e-13


class Evaluation(Protocol):
    """A function at one point."""

    @property
    def point(self) -> FloatArray: ...
    @property
    def terms(self) -> tuple[TermValue, ...]: ...
    @property
    def curvatures(self) -> tuple[float, ...]: ...
    @property
    def value(self) -> float: ...
    @property
    def gradient(self) -> FloatArray: ...
    @property
    def riemannian_gradient(self) -> FloatArray: ...
    @property
    def multiplier(self) -> FloatArray: ...
    def hessian(self, direction: FloatArray) -> FloatArray: ...


class Minimised(Protocol):
    """A function of orthonormal matrices."""

    def at(self, point: FloatArray) -> Evaluation: ...


@dataclass
class Search:
    """Mutable: what is known while a search runs.

    Arguments:
        objective: what is minimised.
        lower_bound: of the objective.
        rounding: a value this close to the bound is the global minimum.
        watch: clock and cancellation.
        best: best evaluation so far, None before the first.
        iterations: optimiser iterations so far.
        observe: told every new best value; searches aside have nobody to tell.
    """

    objective: Minimised
    lower_bound: float
    rounding: float
    watch: Watch
    best: Evaluation | None = None
    iterations: int = 0
    observe: Callable[[float], None] | None = None
    _last: Evaluation | None = field(default=None, repr=False)

    @property
    def found(self) -> Evaluation:
        """The best evaluation; there is one as soon as a start was looked at."""
        if self.best is None:
            raise RuntimeError("no point was evaluated yet")
        return self.best

    def visit(self, point: FloatArray) -> Evaluation:
        """Evaluates the objective at a feasible point and remembers the best.

        Raises:
            Interrupted: if the value attains the lower bound, time is up or the search was cancelled.
        """
        if self._last is None or self._last.point is not point:
            self._last = self.objective.at(point)
            if self.best is None or self._last.value < self.best.value:
                self.best = self._last
                if self.observe is not None:
                    self.observe(self.best.value)
            if self.best.value - self.lower_bound <= self.rounding:
                raise Interrupted(Outcome.OPTIMAL)
        self.watch.check()
        return self._last

    def settle(self, point: FloatArray) -> None:
        """Takes the last point of a descent for the best if it is as good within rounding and flatter."""
        last, best = self.visit(point), self.found
        if last.value <= best.value * (1 + _EQUAL_VALUES) and gradient_norm(last) < gradient_norm(best):
            self.best = last

    @cached_property
    def preconditioner(self) -> AdaptivePreconditioner:
        """The one of all descents of this search, so that its eigenbases are shared."""
        return AdaptivePreconditioner(self.visit)

    def aside(self, objective: Minimised) -> "Search":
        """A search for the minimum of something else under the same watch; nothing is proved about it."""
        return Search(objective, -np.inf, 0.0, self.watch)

    def report(self, stage: str) -> None:
        """Tells the owner of the search how far it is."""
        value = None if self.best is None else self.best.value
        self.watch.report(stage, self.iterations, objective=value, lower_bound=self.lower_bound)

    def problem(
        self, manifold: RiemannianSubmanifold, *, preconditioner: Preconditioner | None = None
    ) -> pymanopt.Problem:
        """The search as a PyManOpt problem with exact derivatives.

        Arguments:
            manifold: with points of shape `(n_fine, n_coarse)` and the Euclidean metric.
            preconditioner: maps a point and a tangent vector to a tangent vector.
        """
        wrap = pymanopt.function.numpy(manifold)

        def cost(point: FloatArray) -> float:
            return self.visit(point).value

        def gradient(point: FloatArray) -> FloatArray:
            return self.visit(point).riemannian_gradient

        def hessian(point: FloatArray, direction: FloatArray) -> FloatArray:
            at = self.visit(point)
            return tangent_part(point, at.hessian(direction) - direction @ at.multiplier)

        return pymanopt.Problem(
            manifold,
            wrap(cost),
            riemannian_gradient=wrap(gradient),
            riemannian_hessian=wrap(hessian),
            preconditioner=preconditioner,
        )


def gradient_norm(evaluation: Evaluation) -> float:
    """Frobenius norm of the Riemannian gradient."""
    return float(np.linalg.norm(evaluation.riemannian_gradient))
