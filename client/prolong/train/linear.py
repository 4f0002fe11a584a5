"""The linear layers of a module: their shapes, their start, and the same module with smaller ones."""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor, nn

from prolong.errors import InvalidInput
from prolong.train.hierarchy import Hierarchy

__all__ = ["glorot_uniform", "initialise", "linear_shapes", "rediscretise", "require_covered"]


def linear_shapes(module: nn.Module) -> dict[str, tuple[int, int]]:
    """`(out, inp)` of each `nn.Linear` by name, in the order of registration."""
    return {
        name: (layer.out_features, layer.in_features)
        for name, layer in module.named_modules()
        if isinstance(layer, nn.Linear)
    }


def require_covered(module: nn.Module, hierarchy: Hierarchy) -> None:
    """Check that `hierarchy` names every parameter's layer, with its shape.

    **Raises:** `InvalidInput` naming the layer that cannot be coarsened, and why.
    """
    shapes = linear_shapes(module)
    for name, shape in hierarchy.levels[0].shapes.items():
        if shapes.get(name) != shape:
            detail = f"layer {name!r} has shape {shape} in the hierarchy and {shapes.get(name)} in the module"
            raise InvalidInput.at(f"/layers/{name}", detail, code="shape")
    for name, _ in module.named_parameters():
        layer = name.rpartition(".")[0]
        if layer not in hierarchy.layers:
            kind = type(module.get_submodule(layer)).__name__
            detail = f"parameter {name!r} belongs to a {kind} without lineages, which cannot be coarsened"
            raise InvalidInput.at(f"/layers/{layer}", detail, code="no_lineage")


def rediscretise(module: nn.Module, hierarchy: Hierarchy, level: int) -> nn.Module:
    """The module of `level`: a copy whose linear layers have the level's shapes; on level 0 the module itself.

    The new layers' parameters are uninitialised.
    """
    if level == 0:
        return module
    small = copy.deepcopy(module)
    for name, (out, inp) in hierarchy.levels[level].shapes.items():
        old = module.get_submodule(name)
        like = next(old.parameters())
        layer = nn.Linear(inp, out, bias=old.bias is not None, dtype=like.dtype, device="meta")
        layer.to_empty(device=like.device)
        parent, _, attribute = name.rpartition(".")
        setattr(small.get_submodule(parent), attribute, layer)
    return small


@torch.no_grad()
def initialise(module: nn.Module, generator: torch.Generator, *, gain: float = 1.0) -> None:
    """Glorot's uniform start, times `gain`, for every linear layer, zero biases, from the given generator only."""
    for parameter in module.parameters():
        if parameter.ndim == 2:
            parameter.copy_(glorot_uniform(parameter, generator, gain=gain))
        else:
            parameter.zero_()


def glorot_uniform(weight: Tensor, generator: torch.Generator, *, gain: float) -> Tensor:
    """Fresh values for a weight of shape `(out, inp)`: uniform within `gain * sqrt(6 / (out + inp))`.

    Drawn on the processor, so that a seed means the same on every device (Glorot & Bengio 2010).
    """
    bound = gain * math.sqrt(6.0 / sum(weight.shape))
    drawn = torch.empty(weight.shape, dtype=weight.dtype).uniform_(-bound, bound, generator=generator)
    return drawn.to(weight.device)
