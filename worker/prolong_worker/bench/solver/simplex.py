"""Nelder and Mead's simplices, scipy's, kept feasible: a matrix stands for the orthonormal factor of its QR."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize

from prolong_worker.bench.solver.start import munkres_start
from prolong_worker.bench.solver.trial import Trial
from prolong_worker.solve.graph_matrices import FloatArray

__all__ = ["nelder_mead"]

_EDGE = 0.1
_UNLIMITED = 10**9


def nelder_mead(trial: Trial) -> None:
    """With the parameters for many dimensions (`adaptive`), from a simplex around the Munkres start."""
    objective, start = munkres_start(trial)

    def value(entries: FloatArray) -> float:
        return trial.evaluate(objective, _orthonormal_factor(entries.reshape(start.shape))).value

    simplex = np.vstack([start.ravel(), start.ravel() + _EDGE * np.eye(start.size)])
    limits = {"maxiter": _UNLIMITED, "maxfev": _UNLIMITED, "xatol": 0.0, "fatol": 0.0}
    options: Any = {"initial_simplex": simplex, "adaptive": True, **limits}
    minimize(value, start.ravel(), method="Nelder-Mead", options=options)


def _orthonormal_factor(matrix: FloatArray) -> FloatArray:
    factor, triangle = np.linalg.qr(matrix)
    # The factor with a positive diagonal depends continuously on the matrix.
    signed: FloatArray = factor * np.where(np.diag(triangle) < 0, -1.0, 1.0)
    return signed
