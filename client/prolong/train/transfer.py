"""One operator applied along one axis of a tensor, by its structure and never as a dense product without need.

AbstractTransfer
├── BlockTransfer        equal contiguous cells, equal weights: repeat, and strided sums
├── PartitionTransfer    every fine vertex in one coarse vertex: index_select, and index_add
├── MatrixTransfer       anything else: a dense or sparse product
└── ChainTransfer        several in a row, applied factor by factor
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from prolong.operators import Operator, SparseOperator

__all__ = [
    "AbstractTransfer",
    "BlockTransfer",
    "ChainTransfer",
    "MatrixTransfer",
    "PartitionTransfer",
    "compose",
    "transfer",
]


class AbstractTransfer(ABC):
    """An orthonormal operator `P` of shape `(n_fine, n_coarse)` acting along axis `dim` of tensors."""

    n_fine: int
    n_coarse: int

    @abstractmethod
    def prolong(self, x: Tensor, dim: int = 0) -> Tensor:
        """`P x`: axis `dim >= 0` goes from `n_coarse` to `n_fine`."""

    @abstractmethod
    def restrict(self, y: Tensor, dim: int = 0) -> Tensor:
        """`P^T y`, the exact adjoint of `prolong`: axis `dim >= 0` goes from `n_fine` to `n_coarse`."""


@dataclass(frozen=True)
class BlockTransfer(AbstractTransfer):
    """Coarse vertex c stands for the `size` fine vertices from `c * size` on, each with weight `size ** -0.5`."""

    n_coarse: int
    size: int

    @property
    def n_fine(self) -> int:  # type: ignore[override]
        """The number of fine vertices."""
        return self.n_coarse * self.size

    @property
    def _weight(self) -> float:
        return 1.0 / math.sqrt(self.size)

    def prolong(self, x: Tensor, dim: int = 0) -> Tensor:
        return (x * self._weight).repeat_interleave(self.size, dim)

    def restrict(self, y: Tensor, dim: int = 0) -> Tensor:
        return _block_sum(y, self.size, dim) * self._weight


def _block_sum(y: Tensor, size: int, dim: int) -> Tensor:
    # Halving by strided sums is several times faster than torch's reduction over a short last axis.
    while size % 2 == 0:
        even, odd = torch.unflatten(y, dim, (-1, 2)).unbind(dim + 1)
        y, size = even + odd, size // 2
    return y if size == 1 else torch.unflatten(y, dim, (-1, size)).sum(dim + 1)


@dataclass(frozen=True, eq=False)
class PartitionTransfer(AbstractTransfer):
    """Fine vertex i belongs to coarse vertex `index[i]` with weight `weight[i]`; both of shape `(n_fine,)`."""

    index: Tensor
    weight: Tensor
    n_coarse: int

    @property
    def n_fine(self) -> int:  # type: ignore[override]
        """The number of fine vertices."""
        return self.index.shape[0]

    def prolong(self, x: Tensor, dim: int = 0) -> Tensor:
        return x.index_select(dim, self.index) * self._along(x, dim)

    def restrict(self, y: Tensor, dim: int = 0) -> Tensor:
        shape = list(y.shape)
        shape[dim] = self.n_coarse
        return y.new_zeros(shape).index_add(dim, self.index, y * self._along(y, dim))

    def _along(self, x: Tensor, dim: int) -> Tensor:
        shape = [1] * x.ndim
        shape[dim] = -1
        return self.weight.view(shape)


@dataclass(frozen=True, eq=False)
class MatrixTransfer(AbstractTransfer):
    """Any `matrix` of shape `(n_fine, n_coarse)`, dense or sparse; `adjoint` is its transpose."""

    matrix: Tensor
    adjoint: Tensor

    @property
    def n_fine(self) -> int:  # type: ignore[override]
        """The number of fine vertices."""
        return self.matrix.shape[0]

    @property
    def n_coarse(self) -> int:  # type: ignore[override]
        """The number of coarse vertices."""
        return self.matrix.shape[1]

    def prolong(self, x: Tensor, dim: int = 0) -> Tensor:
        return _product(self.matrix, x, dim)

    def restrict(self, y: Tensor, dim: int = 0) -> Tensor:
        return _product(self.adjoint, y, dim)


def _product(matrix: Tensor, x: Tensor, dim: int) -> Tensor:
    moved = x.movedim(dim, 0)
    product = matrix @ moved.reshape(moved.shape[0], -1)
    return product.view(matrix.shape[0], *moved.shape[1:]).movedim(0, dim)


@dataclass(frozen=True)
class ChainTransfer(AbstractTransfer):
    """`factors[0] factors[1] ...`, finest first, applied one after the other; without factors the identity."""

    n_fine: int
    factors: tuple[AbstractTransfer, ...]

    @property
    def n_coarse(self) -> int:  # type: ignore[override]
        """The number of coarse vertices."""
        return self.factors[-1].n_coarse if self.factors else self.n_fine

    def prolong(self, x: Tensor, dim: int = 0) -> Tensor:
        for factor in reversed(self.factors):
            x = factor.prolong(x, dim)
        return x

    def restrict(self, y: Tensor, dim: int = 0) -> Tensor:
        for factor in self.factors:
            y = factor.restrict(y, dim)
        return y


def transfer(
    operator: Operator, *, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> AbstractTransfer:
    """The operator as a transfer.

    Chosen in this order: equal contiguous cells, a partition, a sparse matrix, a dense one.
    """
    partition = operator.partition if isinstance(operator, SparseOperator) else None
    if partition is not None:
        size = _block_size(partition.index, partition.weight, operator.shape[1])
        if size is not None:
            return BlockTransfer(operator.shape[1], size)
        return PartitionTransfer(
            torch.tensor(partition.index, device=device),
            torch.tensor(partition.weight, dtype=dtype, device=device),
            operator.shape[1],
        )
    if isinstance(operator, SparseOperator):
        matrix = _coordinate(operator, dtype, device)
        return MatrixTransfer(matrix, matrix.t().coalesce())
    dense = torch.tensor(operator.to_dense(), dtype=dtype, device=device)
    return MatrixTransfer(dense, dense.t())


def compose(n_fine: int, transfers: Sequence[AbstractTransfer]) -> AbstractTransfer:
    """The product of `transfers`, finest first, starting at `n_fine`; blocks and partitions become one."""
    blocks = [factor for factor in transfers if isinstance(factor, BlockTransfer)]
    if blocks and len(blocks) == len(transfers):
        return BlockTransfer(blocks[-1].n_coarse, int(np.prod([factor.size for factor in blocks])))
    partitions = [factor for factor in transfers if isinstance(factor, PartitionTransfer)]
    if partitions and len(partitions) == len(transfers):
        return _joined(partitions)
    return transfers[0] if len(transfers) == 1 else ChainTransfer(n_fine, tuple(transfers))


def _joined(partitions: Sequence[PartitionTransfer]) -> PartitionTransfer:
    index, weight = partitions[0].index, partitions[0].weight
    for coarser in partitions[1:]:
        weight = weight * coarser.weight[index]
        index = coarser.index[index]
    return PartitionTransfer(index, weight, partitions[-1].n_coarse)


def _block_size(index: np.ndarray, weight: np.ndarray, n_coarse: int) -> int | None:
    size, rest = divmod(index.shape[0], n_coarse)
    contiguous = rest == 0 and np.array_equal(index, np.repeat(np.arange(n_coarse), size))
    return size if contiguous and np.allclose(weight, size**-0.5, rtol=1e-12, atol=0) else None


def _coordinate(operator: SparseOperator, dtype: torch.dtype, device: torch.device | str) -> Tensor:
    entries = operator.tensors()
    rows = np.repeat(np.arange(operator.shape[0]), np.diff(entries["indptr"]))
    indices = torch.tensor(np.stack([rows, entries["indices"]]))
    values = torch.tensor(entries["data"], dtype=dtype)
    matrix = torch.sparse_coo_tensor(indices, values, operator.shape, check_invariants=True)
    return matrix.to(device).coalesce()
