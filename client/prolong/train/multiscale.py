"""Additive multiscale parameters, the model of MsANN: `W = sum_l P_l V_l Q_l^T`, biases `b = sum_l P_l c_l`.

The network is always the fine one (*Galerkin*); a level is smoothed by moving its own `V_l` alone, whose gradient
is the fine gradient restricted, `P_l^T (dE/dW) Q_l`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from prolong.errors import InvalidInput
from prolong.train.flat import FlatParameters
from prolong.train.hierarchy import Hierarchy
from prolong.train.kronecker import parameter_transfers
from prolong.train.linear import glorot_uniform, require_covered
from prolong.train.optimizers import OptimizerFactory, adam
from prolong.train.samples import LevelSamples, Samples, batches
from prolong.train.scheme import AbstractScheme

__all__ = ["AdditiveScheme", "AdditiveSettings", "Multiscale"]


#: Each visit adds a rounding error to the sum, so it is computed anew now and then.
_VISITS_BETWEEN_SUMS = 256


class Multiscale:
    """The parameters of `module` as sums over the levels of `hierarchy`.

    The module's own parameters always hold the sum, so plain PyTorch can use or save it at any time.

    **Arguments:** `generator`, of Glorot's start, drawn for every level (biases start at 0).

    **Raises:** `InvalidInput` when a parameter of the module has no lineage.
    """

    def __init__(self, module: nn.Module, hierarchy: Hierarchy, *, generator: torch.Generator) -> None:
        require_covered(module, hierarchy)
        self._fine = FlatParameters.adopt(module)
        like = self._fine.vector
        self._transfers = [
            parameter_transfers(hierarchy, 0, level, dtype=like.dtype, device=like.device)
            for level in range(hierarchy.depth + 1)
        ]
        self.levels = tuple(self._started(level, generator) for level in range(hierarchy.depth + 1))
        self._focus: int | None = None
        self._visits = 0
        self._constant: dict[str, Tensor] = {}
        self._assemble()

    @torch.no_grad()
    def focus(self, level: int) -> None:
        """Choose the level that `refresh` reads; what the others contribute is computed once and kept."""
        self._visits += 1
        if self._visits % _VISITS_BETWEEN_SUMS == 0:
            self._assemble()
        own = self.levels[level].tensors
        transfers = self._transfers[level]
        self._constant = {
            name: total - transfers[name].prolong(own[name]) for name, total in self._fine.tensors.items()
        }
        self._focus = level

    @torch.no_grad()
    def refresh(self) -> None:
        """Write the sum into the module after the focused level has moved."""
        level = self._focused()
        transfers = self._transfers[level]
        for name, value in self.levels[level].tensors.items():
            torch.add(self._constant[name], transfers[name].prolong(value), out=self._fine.tensors[name])

    def clear_gradient(self) -> None:
        """Zero the module's gradients."""
        self._fine.gradient.zero_()

    @torch.no_grad()
    def restrict_gradient(self) -> None:
        """Fill the focused level's gradient from the module's."""
        level = self._focused()
        transfers = self._transfers[level]
        for name, into in self.levels[level].gradients.items():
            into.copy_(transfers[name].restrict(self._fine.gradients[name]))

    def merge(self) -> dict[str, Tensor]:
        """The fine network's parameters by name, copied: a `state_dict` for the plain module."""
        return {name: tensor.clone() for name, tensor in self._fine.tensors.items()}

    def _focused(self) -> int:
        if self._focus is None:
            raise InvalidInput.at("/schedule", "no level has been chosen yet: call focus first", code="schedule")
        return self._focus

    @torch.no_grad()
    def _assemble(self) -> None:
        """Sum all levels anew."""
        for name, total in self._fine.tensors.items():
            parts = zip(self._transfers, self.levels, strict=True)
            total.copy_(torch.stack([move[name].prolong(level.tensors[name]) for move, level in parts]).sum(0))

    def _started(self, level: int, generator: torch.Generator) -> FlatParameters:
        moves, fine = self._transfers[level], self._fine.tensors
        flat = FlatParameters({name: moves[name].restrict(tensor) for name, tensor in fine.items()})
        for tensor in flat.tensors.values():
            if tensor.ndim == 2:
                tensor.copy_(glorot_uniform(tensor, generator, gain=1.0))
            else:
                tensor.zero_()
        return flat


@dataclass(frozen=True)
class AdditiveSettings:
    """How an additive scheme trains: samples a step, the seed of start and batches, each level's optimiser."""

    batch: int = 128
    seed: int = 0
    optimizer: OptimizerFactory = field(default_factory=adam)


class AdditiveScheme(AbstractScheme):
    """MsANN's way: any operators, any modules of linear layers, any order of levels.

    **Arguments:** `module`, the fine network, whose parameters are replaced; `data` and `held_out`, on level 0.
    """

    def __init__(
        self,
        module: nn.Module,
        hierarchy: Hierarchy,
        *,
        data: Samples,
        held_out: Samples,
        settings: AdditiveSettings | None = None,
    ) -> None:
        self.hierarchy = hierarchy
        settings = settings or AdditiveSettings()
        self.batch = settings.batch
        generator = torch.Generator().manual_seed(settings.seed)
        self.parameters = Multiscale(module, hierarchy, generator=generator)
        self._module = module
        self._data, self._held_out = LevelSamples(data), LevelSamples(held_out)
        self._stream = batches(data, self.batch, generator)
        self._optimizers: list[Optimizer] = [
            settings.optimizer(flat.vector, level) for level, flat in enumerate(self.parameters.levels)
        ]
        self._level: int | None = None

    def enter(self, level: int) -> None:
        if level != self._level:
            self.parameters.focus(level)
            self._level = level

    def step(self) -> float:
        if self._level is None:
            raise InvalidInput.at("/schedule", "no level has been entered yet", code="schedule")
        inputs, targets = next(self._stream)
        self.parameters.clear_gradient()
        loss = self._data.loss(self._module(inputs), targets)
        torch.autograd.backward(loss)
        self.parameters.restrict_gradient()
        self._optimizers[self._level].step()
        self.parameters.refresh()
        return float(loss.detach())

    @torch.no_grad()
    def evaluate(self) -> float:
        seen = self._held_out.samples
        return float(self._held_out.loss(self._module(seen.inputs), seen.targets))

    def merge(self) -> dict[str, Tensor]:
        return self.parameters.merge()
