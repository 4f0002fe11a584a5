"""Samples of the finest level as any level of a hierarchy sees them."""

from __future__ import annotations

from torch import Tensor

from prolong.train.aggregation import is_aggregation
from prolong.train.hierarchy import Hierarchy
from prolong.train.lineage import Lineage
from prolong.train.samples import LevelSamples, coarsen
from prolong.train.transfer import AbstractTransfer, compose, transfer

__all__ = ["samples_at"]


def samples_at(fine: LevelSamples, hierarchy: Hierarchy, level: int) -> LevelSamples:
    """Level-0 samples on `level`: in one stride where all cells are equal, else step by step."""
    if level == 0:
        return fine
    like = fine.samples.inputs
    inputs, outputs = _data_axes(hierarchy, 0, level, like)
    if is_aggregation(inputs, like) and is_aggregation(outputs, like):
        return coarsen(fine, inputs, outputs)
    for finer in range(level):
        fine = coarsen(fine, *_data_axes(hierarchy, finer, finer + 1, like))
    return fine


def _data_axes(
    hierarchy: Hierarchy, finer: int, coarser: int, like: Tensor
) -> tuple[AbstractTransfer, AbstractTransfer]:
    inputs = _between(hierarchy.input, finer, coarser, like)
    shared = hierarchy.output is hierarchy.input
    return inputs, inputs if shared else _between(hierarchy.output, finer, coarser, like)


def _between(lineage: Lineage, finer: int, coarser: int, like: Tensor) -> AbstractTransfer:
    steps = [transfer(step, dtype=like.dtype, device=like.device) for step in lineage.operators[finer:coarser]]
    return compose(lineage.sizes[finer], steps)
