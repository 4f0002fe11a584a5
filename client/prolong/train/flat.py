"""Parameters as views of one buffer, so that one fused optimiser step updates them all."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

__all__ = ["FlatParameters"]


class FlatParameters:
    """Named tensors laid out one after the other in `vector`, whose `.grad` is laid out the same way.

    Optimisers see one parameter; small networks spend most of a step on the overhead of many.
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._shapes = {name: tensor.shape for name, tensor in tensors.items()}
        self.vector = nn.Parameter(torch.cat([tensor.detach().flatten() for tensor in tensors.values()]))
        self.gradient = torch.zeros_like(self.vector)
        self.vector.grad = self.gradient
        self.tensors = self.split(self.vector.detach())
        self.gradients = self.split(self.gradient)

    @classmethod
    def adopt(cls, module: nn.Module) -> FlatParameters:
        """Lay out a module's parameters and make them, and their gradients, views from now on."""
        parameters = dict(module.named_parameters())
        flat = cls(parameters)
        for name, parameter in parameters.items():
            parameter.data = flat.tensors[name]
            parameter.grad = flat.gradients[name]
        return flat

    def split(self, vector: Tensor) -> dict[str, Tensor]:
        """Views of a vector laid out like this one, by name."""
        lengths = [shape.numel() for shape in self._shapes.values()]
        pieces = zip(self._shapes.items(), torch.split(vector, lengths), strict=True)
        return {name: piece.view(shape) for (name, shape), piece in pieces}
