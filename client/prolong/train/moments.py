"""An optimiser's memory of past gradients, moved to a finer level."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.optim import Optimizer

from prolong.errors import InvalidInput
from prolong.train.aggregation import AggregationTransfer
from prolong.train.flat import FlatParameters

__all__ = ["prolong_moments"]

#: The power of the gradient that each tensor of torch's optimisers (and ours) averages.
_POWERS = {"exp_avg": 1, "momentum_buffer": 1, "exp_avg_sq": 2, "square_avg": 2}


def prolong_moments(
    source: tuple[FlatParameters, Optimizer],
    into: tuple[FlatParameters, Optimizer],
    transfers: Mapping[str, AggregationTransfer],
) -> None:
    """Start the finer optimiser with the coarser one's moments; step counts and the like are copied.

    **Raises:** `InvalidInput` for a state that is no known moment.
    """
    (coarse, old), (fine, new) = source, into
    moved: dict[str, object] = {}
    for name, value in old.state[coarse.vector].items():
        if not isinstance(value, Tensor) or value.ndim == 0:
            moved[name] = value.clone() if isinstance(value, Tensor) else value
        elif name in _POWERS:
            moved[name] = _prolonged(coarse.split(value), transfers, _POWERS[name])
        else:
            raise InvalidInput.at("/optimizer", f"cannot carry its state {name!r} to a finer level", code="state")
    if moved:
        new.state[fine.vector] = moved


def _prolonged(moments: Mapping[str, Tensor], transfers: Mapping[str, AggregationTransfer], power: int) -> Tensor:
    pieces = (transfers[name].prolong_moment(moment, power).flatten() for name, moment in moments.items())
    return torch.cat(tuple(pieces))
