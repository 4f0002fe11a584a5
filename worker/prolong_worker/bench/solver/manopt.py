"""PyManOpt as the source used it: its Stiefel manifold, its default settings, the Munkres start.

Gradients and Hessians are given analytically, by the same code that ours use. Only the limits of time and
iterations are lifted: the trial ends each method from inside. A method that believes to be done has ended by its
own step size or gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymanopt
from pymanopt.manifolds import Stiefel
from pymanopt.optimizers import ConjugateGradient, SteepestDescent, TrustRegions

from prolong_worker.bench.solver.start import munkres_start
from prolong_worker.bench.solver.trial import Trial
from prolong_worker.solve.graph_matrices import FloatArray

__all__ = ["conjugate_gradient", "steepest_descent", "trust_regions"]

_UNLIMITED = 10**9


def steepest_descent(trial: Trial) -> None:
    """PyManOpt's `SteepestDescent`."""
    _optimised(trial, SteepestDescent)


def conjugate_gradient(trial: Trial) -> None:
    """PyManOpt's `ConjugateGradient`, the source's choice."""
    _optimised(trial, ConjugateGradient)


def trust_regions(trial: Trial) -> None:
    """PyManOpt's `TrustRegions`."""
    _optimised(trial, TrustRegions)


def _optimised(trial: Trial, method: Any) -> None:
    objective, start = munkres_start(trial)
    manifold = Stiefel(*start.shape)
    wrap = pymanopt.function.numpy(manifold)

    def cost(point: FloatArray) -> float:
        return trial.evaluate(objective, point).value

    def gradient(point: FloatArray) -> FloatArray:
        return trial.evaluate(objective, point).gradient

    def hessian(point: FloatArray, direction: FloatArray) -> FloatArray:
        trial.check()
        return trial.evaluate(objective, point).hessian(direction)

    optimizer = method(
        verbosity=0, max_time=_UNLIMITED, max_iterations=_UNLIMITED, max_cost_evaluations=_UNLIMITED
    )
    problem = pymanopt.Problem(
        manifold, wrap(cost), euclidean_gradient=wrap(gradient), euclidean_hessian=wrap(hessian)
    )
    # Its formulas divide zero by zero once a step is rejected for good; it then stops by its step size.
    with np.errstate(all="ignore"):
        optimizer.run(problem, initial_point=start)
