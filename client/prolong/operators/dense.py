"""An operator stored as a full matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from prolong.certificate import Certificate
from prolong.errors import InvalidInput
from prolong.extras import optional
from prolong.operators.base import FloatArray, Operator, frozen

if TYPE_CHECKING:
    import torch

__all__ = ["DenseOperator"]


class DenseOperator(Operator):
    """P as an array of shape `(n_fine, n_coarse)`."""

    kind = "dense"

    def __init__(self, matrix: FloatArray, certificate: Certificate | None = None) -> None:
        self._matrix = frozen(matrix, np.float64)
        if self._matrix.ndim != 2:
            raise InvalidInput.at("", f"an operator is a matrix, got the shape {np.shape(matrix)}")
        super().__init__((self._matrix.shape[0], self._matrix.shape[1]), certificate)

    @property
    def nnz(self) -> int:
        return self._matrix.size

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {"P": self._matrix}

    def with_certificate(self, certificate: Certificate | None) -> DenseOperator:
        return DenseOperator(self._matrix, certificate)

    def prolong(self, x: FloatArray) -> FloatArray:
        return (self._matrix @ self._leading(x, 1)).reshape(self.shape[0], *np.shape(x)[1:])

    def restrict(self, y: FloatArray) -> FloatArray:
        return (self._matrix.T @ self._leading(y, 0)).reshape(self.shape[1], *np.shape(y)[1:])

    def to_dense(self) -> FloatArray:
        return self._matrix

    def to_scipy(self) -> Any:
        sparse = optional("scipy.sparse", extra="worker", needed_for="to_scipy")
        return sparse.csr_array(self._matrix)

    def to_torch(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> torch.Tensor:
        library = optional("torch", extra="train", needed_for="to_torch")
        tensor: torch.Tensor = library.tensor(self._matrix, device=device, dtype=dtype or library.float64)
        return tensor

    def orthonormality_error(self) -> float:
        gram = self._matrix.T @ self._matrix
        return float(np.abs(gram - np.eye(self.shape[1])).max())
