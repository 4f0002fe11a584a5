"""Whether a module commutes with aggregation, found out by trying."""

from __future__ import annotations

import copy

import torch
from torch import nn

from prolong.errors import InvalidInput
from prolong.train.aggregation import aggregation_transfers
from prolong.train.hierarchy import Hierarchy
from prolong.train.kronecker import parameter_transfers
from prolong.train.linear import initialise, rediscretise

__all__ = ["require_equivalence"]

_TOLERANCE = 1e-4


@torch.no_grad()
def require_equivalence(module: nn.Module, hierarchy: Hierarchy) -> None:
    """Compare a random network on level 1 with its prolongation, on random data.

    **Raises:** `InvalidInput` when operators are no aggregations, or when outputs differ: some layer is neither
    linear nor pointwise.
    """
    if hierarchy.depth == 0:
        return
    generator = torch.Generator().manual_seed(0)
    fine, small = copy.deepcopy(module), rediscretise(module, hierarchy, 1)
    like = next(module.parameters())
    initialise(small, generator)
    moves = aggregation_transfers(hierarchy, 0, 1, like)
    fine.load_state_dict({name: moves[name].prolong(p) for name, p in small.named_parameters()}, strict=False)
    ends = parameter_transfers(hierarchy, 0, 1, dtype=like.dtype, device=like.device)
    first, last = next(iter(hierarchy.layers)), list(hierarchy.layers)[-1]
    inp, out = ends[f"{first}.weight"].axes[1], ends[f"{last}.weight"].axes[0]
    rows = torch.rand(4, inp.n_coarse, generator=generator).to(like)
    spread = inp.prolong(rows * inp.restrict(like.new_ones(inp.n_fine)), 1)
    expected = out.prolong(small(rows) * out.restrict(like.new_ones(out.n_fine)), 1)
    if not torch.allclose(fine(spread), expected, rtol=_TOLERANCE, atol=_TOLERANCE):
        detail = (
            f"{type(module).__name__} does not commute with aggregation: all its layers must be linear or act on "
            "each unit alone; train additively instead"
        )
        raise InvalidInput.at("/module", detail, code="not_equivalent")
