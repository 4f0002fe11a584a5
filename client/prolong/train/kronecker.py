"""Transfer of parameters: a Kronecker product with one small operator per tensor axis, never formed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from prolong.train.hierarchy import Hierarchy
from prolong.train.lineage import Lineage
from prolong.train.transfer import AbstractTransfer, compose, transfer

__all__ = ["ParameterTransfer", "parameter_transfers"]


@dataclass(frozen=True)
class ParameterTransfer:
    """`axes[0] (x) axes[1] (x) ...`: weights `(out, inp)` go to `P_out V P_inp^T`, biases to `P_out b`."""

    axes: tuple[AbstractTransfer, ...]

    def prolong(self, x: Tensor) -> Tensor:
        """From the coarse shape to the fine one."""
        for dim, axis in enumerate(self.axes):
            x = axis.prolong(x, dim)
        return x

    def restrict(self, y: Tensor) -> Tensor:
        """The exact adjoint of `prolong`, for gradients; also its left inverse, for iterates."""
        for dim, axis in enumerate(self.axes):
            y = axis.restrict(y, dim)
        return y


def parameter_transfers(
    hierarchy: Hierarchy,
    finer: int,
    coarser: int,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Mapping[str, ParameterTransfer]:
    """By parameter name (`layer.weight`, `layer.bias`), from level `coarser` to level `finer`."""
    joined: dict[Lineage, AbstractTransfer] = {}

    def between(lineage: Lineage) -> AbstractTransfer:
        if lineage not in joined:
            steps = [transfer(step, dtype=dtype, device=device) for step in lineage.operators[finer:coarser]]
            joined[lineage] = compose(lineage.sizes[finer], steps)
        return joined[lineage]

    found: dict[str, ParameterTransfer] = {}
    for name, axes in hierarchy.layers.items():
        out, inp = between(axes.out), between(axes.inp)
        found[f"{name}.weight"] = ParameterTransfer((out, inp))
        found[f"{name}.bias"] = ParameterTransfer((out,))
    return found
