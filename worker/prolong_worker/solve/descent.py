"""Local descent: quasi-Newton steps with the spectral preconditioner, which follows the point.

L-BFGS brings a start near its local optimum and to the usual tolerances. Trust regions with exact Hessian-vector
products finish what is asked for more precisely, or where L-BFGS can go no further.
"""

import numpy as np
from pymanopt.optimizers import TrustRegions
from pymanopt.optimizers.optimizer import Optimizer, OptimizerResult

from prolong.certificate import Outcome
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.manifold import GramStiefel
from prolong_worker.solve.quasi_newton import LBFGS
from prolong_worker.solve.search import Search, gradient_norm

_UNLIMITED = 10**9
_ROUND_ITERATIONS = 40
_LONGEST_DESCENT = 5_000
# At this tolerance and below the finish is one of second order.
_SECOND_ORDER = 1e-8
_FINISH_ITERATIONS = 15
_FINISH_ROUNDS = 20
_LEAST_PROGRESS = 1e-12
# A sprint ends where the gradient's norm, relative to the objective, is as small as this.
_SPRINT_TOLERANCE = 1e-6


def sprint(search: Search, point: FloatArray, *, rounds: int) -> FloatArray:
    """A short descent by preconditioned L-BFGS; returns the last point.

    Arguments:
        search: keeps the best point.
        point: where to begin, orthonormal columns, shape `(n_fine, n_coarse)`.
        rounds: of 40 iterations each; fewer are taken when the point is stationary before.
    """
    value = search.visit(point).value
    return _descend(search, point, _SPRINT_TOLERANCE * value, iterations=rounds * _ROUND_ITERATIONS)


def finish(search: Search, tolerance: float) -> Outcome:
    """Descends from the best point until the gradient's norm is at most `tolerance` times the objective.

    Returns:
        `CONVERGED`, or `STALLED` at a kink of the objective or in rounding errors, or `ITERATION_LIMIT`.
    """
    first = max(tolerance, _SECOND_ORDER) * search.found.value
    if gradient_norm(search.found) > first:
        search.settle(_descend(search, search.found.point, first, iterations=_LONGEST_DESCENT))
        search.report("finish")
    for _ in range(_FINISH_ROUNDS):
        before = search.found
        target = tolerance * before.value
        if gradient_norm(before) <= target:
            return Outcome.CONVERGED
        search.settle(_run(search, before.point, _trust_regions(target)))
        search.report("finish")
        progress = before.value - search.found.value
        if gradient_norm(search.found) > target and progress <= _LEAST_PROGRESS * before.value:
            return Outcome.STALLED
    return Outcome.ITERATION_LIMIT


def _descend(search: Search, point: FloatArray, smallest_gradient: float, *, iterations: int) -> FloatArray:
    optimizer = LBFGS(
        verbosity=0,
        max_time=_UNLIMITED,
        max_iterations=iterations,
        max_cost_evaluations=_UNLIMITED,
        min_gradient_norm=max(smallest_gradient, np.finfo(float).tiny),
        min_step_size=0.0,
    )
    return _run(search, point, optimizer)


def _trust_regions(smallest_gradient: float) -> Optimizer:
    return TrustRegions(
        verbosity=0,
        max_time=_UNLIMITED,
        max_iterations=_FINISH_ITERATIONS,
        min_gradient_norm=smallest_gradient,
    )


def _run(search: Search, point: FloatArray, optimizer: Optimizer) -> FloatArray:
    problem = search.problem(GramStiefel(*point.shape), preconditioner=search.preconditioner)
    result: OptimizerResult = optimizer.run(problem, initial_point=point)
    search.iterations += int(result.iterations)
    last: FloatArray = result.point
    return last
