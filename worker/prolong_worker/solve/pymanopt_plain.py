"""PyManOpt as the source used it: plain, from the Munkres start, for comparison.

No preconditioner, PyManOpt's own Stiefel manifold (QR retraction) and default settings; only its limits on time
and iterations are lifted, because time is the watch's business. Analytic derivatives are given.
"""

import numpy as np
import pymanopt.manifolds
from pymanopt.optimizers import ConjugateGradient, TrustRegions
from pymanopt.optimizers.optimizer import Optimizer

from prolong.certificate import Outcome
from prolong_worker.solve.control import Interrupted
from prolong_worker.solve.munkres import munkres_matrix
from prolong_worker.solve.search import Search, gradient_norm
from prolong_worker.solve.setting import Setting
from prolong_worker.solve.solution import Found

_UNLIMITED = 10**9
_OPTIMIZERS: dict[str, type[Optimizer]] = {
    "pymanopt_cg": ConjugateGradient,
    "pymanopt_trust_regions": TrustRegions,
}


def plain_optimum(setting: Setting, search: Search, *, method: str, tolerance: float) -> Found:
    """Methods `pymanopt_cg` and `pymanopt_trust_regions`.

    Arguments:
        setting: of the problem.
        search: not yet used.
        method: one of the two names.
        tolerance: the Riemannian gradient's norm, relative to the objective, at which the search has converged.
    """
    start = munkres_matrix(setting.active[0])
    outcome = Outcome.CONVERGED
    try:
        smallest_gradient = tolerance * max(search.visit(start).value, setting.rounding)
        optimizer = _OPTIMIZERS[method](
            verbosity=0,
            max_time=_UNLIMITED,
            max_iterations=_UNLIMITED,
            max_cost_evaluations=_UNLIMITED,
            min_gradient_norm=smallest_gradient,
        )
        manifold = pymanopt.manifolds.Stiefel(*setting.shape)
        # Its formulas divide zero by zero once a step is rejected for good; it then stops by its step size.
        with np.errstate(all="ignore"):
            result = optimizer.run(search.problem(manifold), initial_point=start)
        search.iterations = int(result.iterations)
        if gradient_norm(search.found) > smallest_gradient:
            outcome = Outcome.STALLED
    except Interrupted as interruption:
        outcome = interruption.outcome
    return Found(search.found.point, outcome, method, search.iterations)
