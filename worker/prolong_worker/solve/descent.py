"""Local descent: PyManOpt's optimisers with the spectral preconditioner, its basis refreshed in rounds.

The preconditioner fits the neighbourhood of the point where it was made, so a descent is a sequence of short
runs. Conjugate gradients bring a start quickly near its local optimum; trust regions with exact Hessian-vector
products finish it.
"""

import numpy as np
from pymanopt.optimizers import ConjugateGradient, TrustRegions
from pymanopt.optimizers.optimizer import Optimizer

from prolong.certificate import Outcome
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.manifold import GramStiefel
from prolong_worker.solve.preconditioner import SpectralPreconditioner
from prolong_worker.solve.search import Search, gradient_norm

_UNLIMITED = 10**9
_ROUND_ITERATIONS = 40
_FINISH_ITERATIONS = 15
_FINISH_ROUNDS = 20
_LEAST_PROGRESS = 1e-12


def sprint(search: Search, point: FloatArray, *, rounds: int) -> FloatArray:
    """A few rounds of preconditioned conjugate gradients; returns the last point.

    Arguments:
        search: keeps the best point.
        point: where to begin, orthonormal columns, shape `(n_fine, n_coarse)`.
        rounds: of 40 iterations each; fewer are taken when one of them brings nothing.
    """
    value = search.visit(point).value
    for _ in range(rounds):
        point = _run(search, point, optimizer=_conjugate_gradient())
        previous, value = value, search.visit(point).value
        if previous - value <= _LEAST_PROGRESS * abs(previous):
            break
    return point


def finish(search: Search, tolerance: float) -> Outcome:
    """Trust regions from the best point until the gradient's norm is at most `tolerance` times the objective.

    Returns:
        `CONVERGED`, or `STALLED` at a kink of the objective or in rounding errors, or `ITERATION_LIMIT`.
    """
    for _ in range(_FINISH_ROUNDS):
        before = search.found
        target = tolerance * before.value
        if gradient_norm(before) <= target:
            return Outcome.CONVERGED
        _run(search, before.point, optimizer=_trust_regions(target))
        search.report("finish")
        progress = before.value - search.found.value
        if gradient_norm(search.found) > target and progress <= _LEAST_PROGRESS * before.value:
            return Outcome.STALLED
    return Outcome.ITERATION_LIMIT


def _conjugate_gradient() -> Optimizer:
    return ConjugateGradient(
        verbosity=0, max_time=_UNLIMITED, max_iterations=_ROUND_ITERATIONS, min_gradient_norm=np.finfo(float).tiny
    )


def _trust_regions(smallest_gradient: float) -> Optimizer:
    return TrustRegions(
        verbosity=0,
        max_time=_UNLIMITED,
        max_iterations=_FINISH_ITERATIONS,
        min_gradient_norm=smallest_gradient,
    )


def _run(search: Search, point: FloatArray, *, optimizer: Optimizer) -> FloatArray:
    manifold = GramStiefel(*point.shape)
    preconditioner = SpectralPreconditioner.at(search.visit(point))
    problem = search.problem(manifold, preconditioner=preconditioner)
    result = optimizer.run(problem, initial_point=point)
    search.iterations += int(result.iterations)
    best: FloatArray = result.point
    return best
