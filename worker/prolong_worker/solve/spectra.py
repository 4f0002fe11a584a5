"""Eigenpairs of the symmetric matrices of a term."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg

from prolong_worker.solve.graph_matrices import FloatArray, Matrix, dense


@dataclass(frozen=True)
class Spectrum:
    """A symmetric matrix and, when asked for, its spectrum.

    Values ascend; `vectors[:, k]` belongs to `values[k]`. Within a repeated eigenvalue the basis is
    arbitrary but deterministic.
    """

    matrix: Matrix

    @cached_property
    def _pairs(self) -> tuple[FloatArray, FloatArray]:
        values, vectors = scipy.linalg.eigh(dense(self.matrix), driver="evd")
        return np.asarray(values), np.asarray(vectors)

    @property
    def values(self) -> FloatArray:
        """Shape `(n,)`."""
        return self._pairs[0]

    @property
    def vectors(self) -> FloatArray:
        """Shape `(n, n)`, orthonormal columns."""
        return self._pairs[1]
