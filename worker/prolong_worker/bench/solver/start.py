"""What the other methods begin with: the objective and the source's start."""

from __future__ import annotations

from prolong_worker.bench.solver.trial import Trial
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.munkres import munkres_matrix
from prolong_worker.solve.objective import Objective
from prolong_worker.solve.setting import setting_of

__all__ = ["munkres_start"]


def munkres_start(trial: Trial) -> tuple[Objective, FloatArray]:
    """The trial's objective and the 0-1 matrix of the eigenvalue matching, already evaluated.

    **Raises:** `BudgetSpent`.
    """
    setting = setting_of(trial.problem)
    start = munkres_matrix(setting.active[0])
    trial.evaluate(setting.objective, start)
    return setting.objective, start
