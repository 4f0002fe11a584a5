"""Projected gradient descent: a step against the gradient, then the nearest orthonormal matrix."""

from __future__ import annotations

import numpy as np

from prolong_worker.bench.solver.start import munkres_start
from prolong_worker.bench.solver.trial import Trial
from prolong_worker.solve.graph_matrices import FloatArray

__all__ = ["projected_gradient"]

_FIRST_STEP, _LEAST_STEP = 1.0, 1e-14
_DECREASE = 1e-4


def projected_gradient(trial: Trial) -> None:
    """With backtracking to a sufficient decrease; after a success the step may double again."""
    objective, point = munkres_start(trial)
    step = _FIRST_STEP
    while step > _LEAST_STEP:
        here = trial.evaluate(objective, point)
        slope = float(np.vdot(here.riemannian_gradient, here.riemannian_gradient))
        candidate = _nearest(point - step * here.riemannian_gradient)
        if trial.evaluate(objective, candidate).value <= here.value - _DECREASE * step * slope:
            point, step = candidate, 2 * step
        else:
            step /= 2


def _nearest(matrix: FloatArray) -> FloatArray:
    """The polar factor."""
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    nearest: FloatArray = left @ right
    return nearest
