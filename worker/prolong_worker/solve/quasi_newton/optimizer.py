"""Preconditioned Riemannian L-BFGS as an optimiser of PyManOpt.

Quasi-Newton directions by the two-loop recursion in the tangent space, with the problem's preconditioner as
initial inverse Hessian. A direction that is not one of clear descent is replaced by the preconditioned gradient,
and the memory is forgotten. For the theory see Huang, Gallivan & Absil (2015), "A Broyden class of quasi-Newton
methods for Riemannian optimization".
"""

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import pymanopt
from pymanopt.manifolds.manifold import Manifold, RiemannianSubmanifold
from pymanopt.optimizers.optimizer import Optimizer, OptimizerResult
from pymanopt.tools import printer

from prolong_worker.solve.quasi_newton.line_search import Backtracking, Trial
from prolong_worker.solve.quasi_newton.memory import CurvatureMemory, Vector

# A slope is one of descent if it is below minus this times both lengths.
_CLEAR_DESCENT = 1e-12


@dataclass(frozen=True)
class Iterate:
    """A point with its cost, Riemannian gradient and the gradient's norm."""

    point: Any
    cost: float
    gradient: Vector
    gradient_norm: float


class LBFGS(Optimizer):  # type: ignore[misc]
    """Limited-memory BFGS on any manifold of PyManOpt.

    The problem's preconditioner, an approximate inverse Hessian, may change from one iteration to the next; the
    curvature pairs stay valid, because they are relations between points and gradients alone.

    Arguments:
        memory: number of curvature pairs.
        scale: whether the preconditioner is rescaled to agree with the latest pair, for one more application of it
            an iteration. Right unless it is known to approximate the inverse Hessian well, its size included.
        line_searcher: finds the step length.
        options: limits and verbosity, as every optimiser of PyManOpt takes them.
    """

    def __init__(
        self, memory: int = 10, *, scale: bool = True, line_searcher: Backtracking | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self._size = memory
        self._scale = scale
        self._line_searcher = line_searcher or Backtracking()

    def run(self, problem: pymanopt.Problem, *, initial_point: Any = None, **_: Any) -> OptimizerResult:
        """Minimises the problem's cost.

        Arguments:
            problem: with cost and gradient; a preconditioner if there is one.
            initial_point: on the manifold; a random one by default.

        Returns:
            The last iterate, which is the best one up to rounding.
        """
        run = _Run(problem, CurvatureMemory(self._size), self._line_searcher, scale=self._scale)
        start_time = time.time()
        self._initialize_log(optimizer_parameters={"memory": self._size, "line_searcher": self._line_searcher})
        point = problem.manifold.random_point() if initial_point is None else initial_point
        iterate, iteration, step_size = run.at(point), 0, float("inf")
        columns = self._columns()
        while True:
            columns.print_row([iteration, iterate.cost, iterate.gradient_norm])
            self._add_log_entry(
                iteration=iteration, point=iterate.point, cost=iterate.cost, gradient_norm=iterate.gradient_norm
            )
            reason = self._check_stopping_criterion(
                start_time=start_time,
                iteration=iteration,
                gradient_norm=iterate.gradient_norm,
                step_size=step_size,
                cost_evaluations=run.evaluations,
            )
            successor, step_size = (None, step_size) if reason else run.step(iterate)
            if successor is None:
                reason = reason or f"Terminated - no step decreases the cost after {iteration} iterations."
                return self._return_result(
                    start_time=start_time,
                    point=iterate.point,
                    cost=iterate.cost,
                    iterations=iteration,
                    stopping_criterion=reason,
                    cost_evaluations=run.evaluations,
                    step_size=step_size,
                    gradient_norm=iterate.gradient_norm,
                )
            iterate, iteration = successor, iteration + 1

    def _columns(self) -> Any:
        if self._verbosity < 2:
            return printer.VoidPrinter()
        columns = [("Iteration", "6d"), ("Cost", "+.16e"), ("Gradient norm", ".8e")]
        made = printer.ColumnPrinter(columns=columns)
        made.print_header()
        return made


class _Run:
    """One run: the problem, the memory and the number of evaluations."""

    def __init__(
        self, problem: pymanopt.Problem, memory: CurvatureMemory, line_searcher: Backtracking, *, scale: bool
    ) -> None:
        self._problem = problem
        self._manifold: Manifold = problem.manifold
        self._memory = memory
        self._line_searcher = line_searcher
        self._scale = scale
        self._factor = 1.0
        self._embedded = isinstance(self._manifold, RiemannianSubmanifold) and self._manifold.point_layout == 1
        self.evaluations = 0

    def at(self, point: Any) -> Iterate:
        return self._measured(Trial(0.0, point, self._cost(point)))

    def step(self, iterate: Iterate) -> tuple[Iterate | None, float]:
        """The next iterate, None if there is no better one; and the length of the step."""
        while True:
            direction, slope = self._direction(iterate)
            length = self._manifold.norm(iterate.point, direction)
            first = min(1.0, self._longest / length) if length > 0 else 1.0
            trial_at = partial(self._trial, iterate, direction)
            trial, _ = self._line_searcher.search(trial_at, iterate.cost, slope, first=first)
            successor = None if trial is None else self._measured(trial)
            if trial is not None and successor is not None and _is_better(successor, iterate):
                self._remember(iterate, successor, trial.length * direction)
                return successor, trial.length * length
            if len(self._memory) == 0:
                return None, 0.0
            self._memory.clear()

    @property
    def _longest(self) -> float:
        return float(self._manifold.typical_dist)

    def _cost(self, point: Any) -> float:
        self.evaluations += 1
        return float(self._problem.cost(point))

    def _trial(self, iterate: Iterate, direction: Vector, length: float) -> Trial:
        point = self._manifold.retraction(iterate.point, length * direction)
        return Trial(length, point, self._cost(point))

    def _measured(self, trial: Trial) -> Iterate:
        gradient = self._problem.riemannian_gradient(trial.point)
        return Iterate(trial.point, trial.cost, gradient, float(self._manifold.norm(trial.point, gradient)))

    def _direction(self, iterate: Iterate) -> tuple[Vector, float]:
        """A direction of clear descent and the slope along it."""
        point, gradient, manifold = iterate.point, iterate.gradient, self._manifold

        def inner(one: Vector, other: Vector) -> float:
            return float(manifold.inner_product(point, one, other))

        def initial(vector: Vector) -> Vector:
            if self._embedded and len(self._memory) > 0:
                vector = manifold.projection(point, vector)
            return self._factor * self._problem.preconditioner(point, vector)

        direction = -1.0 * self._memory.multiply(gradient, initial, inner)
        if self._embedded and len(self._memory) > 0:
            direction = manifold.projection(point, direction)
        slope = inner(gradient, direction)
        if slope <= -_CLEAR_DESCENT * iterate.gradient_norm * float(manifold.norm(point, direction)):
            return direction, slope
        self._memory.clear()
        direction = -1.0 * self._problem.preconditioner(point, gradient)
        slope = inner(gradient, direction)
        return (direction, slope) if slope < 0 else (-1.0 * gradient, -(iterate.gradient_norm**2))

    def _remember(self, old: Iterate, new: Iterate, step: Vector) -> None:
        manifold = self._manifold

        def inner(one: Vector, other: Vector) -> float:
            return float(manifold.inner_product(new.point, one, other))

        def transport(vector: Vector) -> Vector:
            return manifold.transport(old.point, new.point, vector)

        if not self._embedded:
            self._memory.move(transport, inner)
        kept = self._memory.add(transport(step), new.gradient - transport(old.gradient), inner)
        latest = self._memory.latest
        if kept and self._scale and latest is not None:
            natural = inner(latest.difference, self._problem.preconditioner(new.point, latest.difference))
            self._factor = latest.curvature / natural if natural > 0 else 1.0


def _is_better(successor: Iterate, iterate: Iterate) -> bool:
    return successor.cost < iterate.cost or successor.gradient_norm < iterate.gradient_norm
