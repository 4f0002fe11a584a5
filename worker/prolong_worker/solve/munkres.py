"""The start of the source: the 0-1 matrix of the eigenvalue matching, used directly as P."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.setting import TermSetting


def munkres_matrix(setting: TermSetting) -> FloatArray:
    """`P[i, j] = 1` where coarse eigenvalue j is matched with fine eigenvalue i, shape `(n_fine, n_coarse)`.

    The Hungarian method (Munkres 1957) on the squared differences of the scaled eigenvalues. Its rows and
    columns are indexed by eigenvalues, not by vertices; the source starts from it nevertheless.
    """
    root = setting.scale.start**0.5
    targets, candidates = setting.coarse.values / root, setting.fine.values * root
    rows, columns = linear_sum_assignment(np.square(targets[:, None] - candidates[None, :]))
    matrix = np.zeros((candidates.size, targets.size))
    matrix[columns, rows] = 1.0
    return matrix
