"""An operator stored by its non-zero entries, in compressed rows."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prolong.certificate import Certificate
from prolong.errors import InvalidInput
from prolong.extras import optional
from prolong.operators.base import FloatArray, Operator, frozen

if TYPE_CHECKING:
    import torch

__all__ = ["Partition", "SparseOperator"]

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Partition:
    """P with one non-zero a row: row i holds `weight[i]` in column `index[i]`; both of shape `(n_fine,)`."""

    index: IntArray
    weight: FloatArray


class SparseOperator(Operator):
    """P in CSR form: row i holds `data[k]` in column `indices[k]` for `indptr[i] <= k < indptr[i + 1]`.

    **Raises:** `InvalidInput` where the arrays do not describe a matrix of `shape`.
    """

    kind = "csr"

    def __init__(
        self,
        data: FloatArray,
        indices: IntArray,
        indptr: IntArray,
        shape: tuple[int, int],
        certificate: Certificate | None = None,
    ) -> None:
        super().__init__(shape, certificate)
        self._data = frozen(data, np.float64)
        self._indices = frozen(indices, np.int64)
        self._indptr = frozen(indptr, np.int64)
        self._check()
        self._rows: IntArray = np.repeat(np.arange(self.shape[0]), np.diff(self._indptr))

    def _check(self) -> None:
        if self._data.ndim != 1 or self._indices.shape != self._data.shape:
            raise InvalidInput.at("", "data and indices must be two lists of equal length")
        pointers = self._indptr.shape == (self.shape[0] + 1,) and self._indptr[0] == 0
        if not (pointers and np.all(np.diff(self._indptr) >= 0) and self._indptr[-1] == len(self._data)):
            raise InvalidInput.at("", "indptr must rise from 0 to the number of entries, one step a row")
        if len(self._indices) and not (self._indices.min() >= 0 and self._indices.max() < self.shape[1]):
            raise InvalidInput.at("", f"indices must lie in 0 ... {self.shape[1] - 1}")

    @classmethod
    def from_partition(
        cls, index: IntArray, weight: FloatArray, n_coarse: int, certificate: Certificate | None = None
    ) -> SparseOperator:
        """One non-zero a row; see `Partition`."""
        n_fine = np.size(index)
        return cls(weight, index, np.arange(n_fine + 1), (n_fine, n_coarse), certificate)

    @property
    def partition(self) -> Partition | None:
        """The operator as a partition of the fine vertices, or None where a row has not exactly one entry."""
        if len(self._data) != self.shape[0] or not np.array_equal(self._indptr, np.arange(self.shape[0] + 1)):
            return None
        return Partition(index=self._indices, weight=self._data)

    @property
    def nnz(self) -> int:
        return len(self._data)

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {"data": self._data, "indices": self._indices, "indptr": self._indptr}

    def with_certificate(self, certificate: Certificate | None) -> SparseOperator:
        return SparseOperator(self._data, self._indices, self._indptr, self.shape, certificate)

    def prolong(self, x: FloatArray) -> FloatArray:
        entries = self._data[:, None] * self._leading(x, 1)[self._indices]
        return _sums(entries, self._indptr).reshape(self.shape[0], *np.shape(x)[1:])

    def restrict(self, y: FloatArray) -> FloatArray:
        order, colptr = self._columns
        entries = self._data[order, None] * self._leading(y, 0)[self._rows[order]]
        return _sums(entries, colptr).reshape(self.shape[1], *np.shape(y)[1:])

    @cached_property
    def _columns(self) -> tuple[IntArray, IntArray]:
        """The order of the entries by column, and where each column begins in it: the CSC form."""
        counts = np.bincount(self._indices, minlength=self.shape[1])
        return np.argsort(self._indices, kind="stable"), np.concatenate(([0], np.cumsum(counts)))

    def to_dense(self) -> FloatArray:
        matrix = np.zeros(self.shape)
        np.add.at(matrix, (self._rows, self._indices), self._data)
        return matrix

    def to_scipy(self) -> Any:
        sparse = optional("scipy.sparse", extra="worker", needed_for="to_scipy")
        # A copy: scipy sorts and merges entries in place, which the operator's own arrays refuse.
        return sparse.csr_array((self._data, self._indices, self._indptr), shape=self.shape, copy=True)

    def to_torch(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> torch.Tensor:
        library = optional("torch", extra="train", needed_for="to_torch")
        arrays = (library.tensor(array) for array in (self._indptr, self._indices, self._data))
        dtype = dtype or library.float64
        with warnings.catch_warnings():
            # torch calls its CSR tensors a beta version, and asks whether to check what was checked here.
            warnings.simplefilter("ignore", UserWarning)
            tensor: torch.Tensor = library.sparse_csr_tensor(*arrays, self.shape, device=device, dtype=dtype)
        return tensor

    def orthonormality_error(self) -> float:
        if self.partition is None:
            # Columns of P.T @ P in blocks: never more than n_fine times a few hundred numbers at once.
            return max(self._block_error(start) for start in range(0, self.shape[1], 256))
        gram = np.bincount(self._indices, weights=self._data**2, minlength=self.shape[1])
        return float(np.abs(gram - 1.0).max())

    def _block_error(self, start: int) -> float:
        unit = np.eye(self.shape[1], min(256, self.shape[1] - start), k=-start)
        return float(np.abs(self.restrict(self.prolong(unit)) - unit).max())


def _sums(entries: FloatArray, pointers: IntArray) -> FloatArray:
    """Row sums of `entries[pointers[i]:pointers[i + 1]]`, one a segment; empty segments are zero."""
    result = np.zeros((len(pointers) - 1, entries.shape[1]))
    filled = pointers[:-1] < pointers[1:]
    if filled.any():
        result[filled] = np.add.reduceat(entries, pointers[:-1][filled], axis=0)
    return result
