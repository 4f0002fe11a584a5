"""Training data, and the same data seen from a coarser level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from prolong.errors import InvalidInput
from prolong.train.transfer import AbstractTransfer

__all__ = ["LevelSamples", "Samples", "batches", "coarsen"]

#: Rows pooled at a time: few enough that a block stays in the processor's cache.
_ROWS = 1024


@dataclass(frozen=True, eq=False)
class Samples:
    """`inputs` of shape `(n, n_in)` and `targets` of shape `(n, n_out)`; one tensor for both in autoencoders.

    **Raises:** `InvalidInput` for empty or unequal numbers of rows.
    """

    inputs: Tensor
    targets: Tensor

    def __post_init__(self) -> None:
        shapes = tuple(self.inputs.shape), tuple(self.targets.shape)
        if not len(shapes[0]) == len(shapes[1]) == 2 or shapes[0][0] != shapes[1][0] or shapes[0][0] == 0:
            detail = f"got inputs {shapes[0]} and targets {shapes[1]}, needed (n, n_in) and (n, n_out), n > 0"
            raise InvalidInput.at("/samples", detail, code="shape")

    @classmethod
    def autoencoding(cls, rows: Tensor) -> Samples:
        """Rows of shape `(n, n_in)` that the network shall reproduce."""
        return cls(rows, rows)

    def __len__(self) -> int:
        return self.inputs.shape[0]


@dataclass(frozen=True, eq=False)
class LevelSamples:
    """Samples on one level, such that the fine network's mean squared error is `mean(mass * error^2) + floor`.

    **Arguments:** `mass` of shape `(n_out,)`, how much of the fine output each coarse one stands for, mean 1
    (None: all equal); `floor`, the part of the fine error that no network on this level can change.
    """

    samples: Samples
    mass: Tensor | None = None
    floor: float = 0.0

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        """The mean squared error without the floor; `output` and `target` of shape `(batch, n_out)`."""
        if self.mass is None:
            return torch.nn.functional.mse_loss(output, target)
        return ((output - target).square() * self.mass).mean()


def coarsen(fine: LevelSamples, inputs: AbstractTransfer, outputs: AbstractTransfer) -> LevelSamples:
    """The same samples one or more levels coarser: cell means of inputs, mass-weighted cell means of targets.

    **Arguments:** `inputs`, `outputs`: aggregation transfers (equal weights within a cell) of the two data axes.
    """
    targets, mass, floor = _coarse_targets(fine, outputs)
    shared = fine.samples.inputs is fine.samples.targets and inputs is outputs and fine.mass is None
    source = targets if shared and mass is None else _cell_means(fine.samples.inputs, inputs)
    return LevelSamples(Samples(source, targets), mass, fine.floor + floor)


def _cell_roots(axis: AbstractTransfer, like: Tensor) -> Tensor:
    return axis.restrict(like.new_ones(axis.n_fine))


def _cell_means(rows: Tensor, axis: AbstractTransfer) -> Tensor:
    means = rows.new_empty(rows.shape[0], axis.n_coarse)
    roots = _cell_roots(axis, rows)
    for source, into in zip(torch.split(rows, _ROWS), torch.split(means, _ROWS), strict=True):
        torch.div(axis.restrict(source, 1), roots, out=into)
    return means


def _coarse_targets(fine: LevelSamples, axis: AbstractTransfer) -> tuple[Tensor, Tensor | None, float]:
    """Cell means, the new masses, and the mean squared error that replacing rows by cell means makes."""
    rows = fine.samples.targets
    roots = _cell_roots(axis, rows)
    sizes = roots * roots
    weights = rows.new_ones(axis.n_fine) if fine.mass is None else fine.mass
    totals = axis.restrict(weights) * roots
    mass = totals * (axis.n_coarse / axis.n_fine)
    uniform = fine.mass is None and bool(torch.allclose(sizes, sizes[:1]))
    weighted = rows if fine.mass is None else rows * fine.mass
    means = _cell_means(weighted, axis) * (sizes / totals) if fine.mass is not None else _cell_means(rows, axis)
    lost = _mean_square(rows, fine.mass) - _mean_square(means, None if uniform else mass)
    return means, None if uniform else mass, max(lost, 0.0)


def _mean_square(rows: Tensor, mass: Tensor | None) -> float:
    total = 0.0
    for block in torch.split(rows, _ROWS):
        weighted = block if mass is None else block * mass
        total += float(torch.dot(block.flatten(), weighted.flatten()))
    return total / rows.numel()


def batches(samples: Samples, size: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless seeded batches of `size` rows, every sample once per pass (the last rows of a pass are left out).

    **Raises:** `InvalidInput` when there are fewer than `size` samples.
    """
    if not 1 <= size <= len(samples):
        raise InvalidInput.at("/batch", f"got {size}, needed 1 to {len(samples)} (the samples)", code="batch")
    return _batches(samples, size, generator)


def _batches(samples: Samples, size: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    inputs, targets = samples.inputs, samples.targets
    while True:
        order = torch.randperm(len(samples), generator=generator).to(inputs.device)
        for chosen in torch.split(order, size)[: len(samples) // size]:
            rows = inputs.index_select(0, chosen)
            yield rows, rows if targets is inputs else targets.index_select(0, chosen)
