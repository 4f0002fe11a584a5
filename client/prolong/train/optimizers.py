"""Optimisers for one flat vector: a settings function returns what builds them, one per level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

__all__ = ["OptimizerFactory", "ReferenceRMSProp", "adam", "reference_rmsprop"]

#: Builds the optimiser of a level's vector; the second argument is the level.
OptimizerFactory = Callable[[nn.Parameter, int], Optimizer]


def adam(
    learning_rate: float = 6e-3,
    *,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-12,
    coarse_factor: float = 1.2,
) -> OptimizerFactory:
    """Fused Adam. The loss is a mean over many outputs, so gradients are tiny and `eps` must be far smaller.

    **Arguments:** `coarse_factor` multiplies the learning rate once per level of coarsening.
    """
    return lambda vector, level: Adam(
        [vector], lr=learning_rate * coarse_factor**level, betas=betas, eps=eps, fused=True
    )


def reference_rmsprop(learning_rate: float = 5e-4) -> OptimizerFactory:
    """What the authors of MsANN trained with; see `ReferenceRMSProp`."""
    return lambda vector, _: ReferenceRMSProp([vector], lr=learning_rate)


class ReferenceRMSProp(Optimizer):
    """RMSProp as TensorFlow 1 computes it: accumulators start at 1 and `eps` stands inside the root.

    `m <- decay m + (1 - decay) g^2; x <- x - lr g / sqrt(m + eps)`. The floor `sqrt(eps) = 1e-5` is above many
    gradients of a mean over 1,024 outputs, which slows it down; it is here for comparisons with published runs.
    """

    def __init__(
        self, params: list[nn.Parameter], lr: float = 5e-4, *, decay: float = 0.9, eps: float = 1e-10
    ) -> None:
        super().__init__(params, {"lr": lr, "decay": decay, "eps": eps})

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], float]) -> float: ...
    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """One update of every parameter that has a gradient."""
        loss = None if closure is None else torch.enable_grad()(closure)()
        for group in self.param_groups:
            for vector in group["params"]:
                if vector.grad is not None:
                    self._update(vector, vector.grad, group)
        return loss

    def _update(self, vector: nn.Parameter, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[vector]
        if not state:
            state["square_avg"] = torch.ones_like(vector)
        mean_square = state["square_avg"]
        mean_square.mul_(group["decay"]).addcmul_(gradient, gradient, value=1 - group["decay"])
        vector.addcdiv_(gradient, (mean_square + group["eps"]).sqrt_(), value=-group["lr"])
