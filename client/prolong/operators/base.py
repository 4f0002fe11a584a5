"""What every prolongation operator can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prolong.certificate import Certificate
from prolong.errors import InvalidInput

if TYPE_CHECKING:
    import torch

__all__ = ["FloatArray", "Operator"]

FloatArray = NDArray[np.float64]


class Operator(ABC):
    """A prolongation P of shape `(n_fine, n_coarse)` with orthonormal columns, immutable.

    `certificate` says what is proved about it; None for operators that no search made.
    """

    kind: str

    def __init__(self, shape: tuple[int, int], certificate: Certificate | None) -> None:
        n_fine, n_coarse = shape
        if not 1 <= n_coarse <= n_fine:
            raise InvalidInput.at("", f"an operator has 1 <= n_coarse <= n_fine, got (n_fine, n_coarse) = {shape}")
        self._shape = (int(n_fine), int(n_coarse))
        self._certificate = certificate

    @property
    def shape(self) -> tuple[int, int]:
        """`(n_fine, n_coarse)`."""
        return self._shape

    @property
    def certificate(self) -> Certificate | None:
        """What is proved about this operator."""
        return self._certificate

    @property
    @abstractmethod
    def nnz(self) -> int:
        """The number of stored entries."""

    @abstractmethod
    def tensors(self) -> dict[str, NDArray[Any]]:
        """The arrays that the operator consists of, by name; what `prolong.formats` writes."""

    @abstractmethod
    def with_certificate(self, certificate: Certificate | None) -> Self:
        """The same operator under another certificate; the arrays are shared."""

    @abstractmethod
    def prolong(self, x: FloatArray) -> FloatArray:
        """`P @ x`: coarse to fine.

        **Arguments:** `x` of shape `(n_coarse, ...)`. **Returns:** shape `(n_fine, ...)`.
        **Raises:** `InvalidInput` where the first axis of `x` has another length.
        """

    @abstractmethod
    def restrict(self, y: FloatArray) -> FloatArray:
        """`P.T @ y`: fine to coarse, the adjoint and left inverse of `prolong`.

        **Arguments:** `y` of shape `(n_fine, ...)`. **Returns:** shape `(n_coarse, ...)`.
        **Raises:** `InvalidInput` where the first axis of `y` has another length.
        """

    @abstractmethod
    def to_dense(self) -> FloatArray:
        """P as an array of shape `(n_fine, n_coarse)`."""

    @abstractmethod
    def to_scipy(self) -> Any:
        """P as a `scipy.sparse.csr_array` (extra `worker`)."""

    @abstractmethod
    def to_torch(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> torch.Tensor:
        """P as a tensor, strided or sparse CSR as it is stored (extra `train`); float64 where `dtype` is None."""

    @abstractmethod
    def orthonormality_error(self) -> float:
        """`max |P.T @ P - I|`."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(shape={self.shape}, nnz={self.nnz})"

    def _leading(self, values: FloatArray, axis: int) -> FloatArray:
        """`values` as a matrix of `shape[axis]` rows."""
        array = _real(values, np.float64)
        if array.ndim == 0 or array.shape[0] != self.shape[axis]:
            end = ("fine", "coarse")[axis]
            raise InvalidInput.at(
                "",
                f"expected {self.shape[axis]} {end} values along the first axis, got the shape {array.shape}",
            )
        return array.reshape(array.shape[0], -1)


def frozen(array: ArrayLike, dtype: type) -> NDArray[Any]:
    """`array` as a contiguous array of the given type that nobody can change: copied unless it is one already.

    **Raises:** `InvalidInput` where the values are not numbers, or the type would change them in kind.
    """
    result = np.ascontiguousarray(_real(array, dtype))
    if not _is_immutable(result):
        result = np.array(result, order="C")
        result.flags.writeable = False
    return result


def _is_immutable(array: NDArray[Any]) -> bool:
    """Whether neither the array nor the memory that it looks into can be written to."""
    owner: Any = array
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return False
        owner = owner.base
    return owner is None or isinstance(owner, bytes)


def _real(values: ArrayLike, dtype: type) -> NDArray[Any]:
    """`values` as an array of the given type; complex numbers are not cut to reals, nor reals to integers."""
    try:
        array: NDArray[Any] = np.asarray(values)
        return array.astype(dtype, casting="same_kind" if array.size else "unsafe", copy=False)
    except (TypeError, ValueError) as error:
        raise InvalidInput.at("", f"expected an array of {dtype.__name__}: {error}") from error
