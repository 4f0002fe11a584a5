"""Networks in coarse coordinates: for aggregation operators a coarse network is exactly a fine one.

Let P have one non-zero a row, equal within each cell (so `P P^T 1 = 1`), and D be the diagonal of cell sizes. With
a pointwise nonlinearity the fine network with `W = P_out V P_inp^T`, `b = P_out c` gives on cell i what the small
network with `w = D_out^{-1/2} V D_inp^{1/2}` and bias `D_out^{-1/2} c` gives at unit i on the cell means of the
input. In these coordinates a weight is copied along `out` and spread evenly along `inp`; a bias is copied;
gradients are summed along `out` and averaged along `inp`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from prolong.errors import InvalidInput
from prolong.train.hierarchy import Hierarchy
from prolong.train.kronecker import ParameterTransfer, parameter_transfers
from prolong.train.transfer import AbstractTransfer

__all__ = ["AggregationTransfer", "aggregation_transfers", "is_aggregation"]


class AggregationTransfer:
    """Moves one parameter of the small network, and its optimiser's moments, to a finer level.

    **Arguments:** `transfer`, of a weight `(out, inp)` or a bias `(out,)`; `like`, of its type and device.
    """

    def __init__(self, transfer: ParameterTransfer, like: Tensor) -> None:
        self._transfer = transfer
        # One size a coarse unit, shaped to multiply a weight along its own axis.
        shapes = ((-1,),) if len(transfer.axes) == 1 else ((-1, 1), (-1,))
        pairs = zip(transfer.axes, shapes, strict=True)
        self._sizes = [_cell_sizes(axis, shape, like) for axis, shape in pairs]

    def prolong(self, small: Tensor) -> Tensor:
        """The same function's parameter on the finer level."""
        return self._transfer.prolong(self._scaled(small, 0.5))

    def prolong_moment(self, moment: Tensor, power: int) -> Tensor:
        """A moving mean of the gradient's `power`-th power, where copies share a coarse unit's gradient evenly."""
        return self._transfer.prolong(self._scaled(moment, 0.5 - power, spread=0.5))

    def detail(self, noise: Tensor, dim: int) -> Tensor:
        """`noise` (fine shape) without its cell means along `dim`: no coarser level sees what is left."""
        axis = self._transfer.axes[dim]
        return noise - axis.prolong(axis.restrict(noise, dim), dim)

    def _scaled(self, small: Tensor, copied: float, spread: float = -0.5) -> Tensor:
        for sizes, power in zip(self._sizes, (copied, spread), strict=False):
            small = small * sizes**power
        return small


def _cell_sizes(axis: AbstractTransfer, shape: tuple[int, ...], like: Tensor) -> Tensor:
    return axis.restrict(like.new_ones(axis.n_fine)).square().view(shape)


def aggregation_transfers(
    hierarchy: Hierarchy, finer: int, coarser: int, like: Tensor
) -> Mapping[str, AggregationTransfer]:
    """By parameter name, from level `coarser` to level `finer`, in the type and on the device of `like`.

    **Raises:** `InvalidInput` when an operator is no aggregation, so that coarse coordinates are not exact.
    """
    transfers = parameter_transfers(hierarchy, finer, coarser, dtype=like.dtype, device=like.device)
    for name, found in transfers.items():
        for axis in found.axes:
            require_aggregation(axis, like, name)
    return {name: AggregationTransfer(found, like) for name, found in transfers.items()}


def require_aggregation(axis: AbstractTransfer, like: Tensor, name: str) -> None:
    """Check that `axis` is an aggregation.

    **Raises:** `InvalidInput` naming the parameter.
    """
    if not is_aggregation(axis, like):
        detail = (
            f"an operator of {name!r} is no aggregation (one entry a row, equal within a column), so a coarse "
            "network is not exactly a fine one: train additively, or ask for structure 'aggregation'"
        )
        raise InvalidInput.at(f"/layers/{name}", detail, code="not_aggregation")


def is_aggregation(axis: AbstractTransfer, like: Tensor) -> bool:
    """Whether rows copy cells: `P P^T 1 = 1`, and cell labels stay labels under squaring."""
    ones = like.new_ones(axis.n_fine)
    labels = torch.linspace(0, 1, axis.n_coarse, dtype=like.dtype, device=like.device)
    roots = axis.restrict(ones)
    copied = axis.prolong(roots * labels)
    return torch.allclose(axis.prolong(roots), ones, atol=1e-5) and torch.allclose(
        copied.square(), axis.prolong(roots * labels.square()), atol=1e-5
    )
