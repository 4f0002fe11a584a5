"""Nested iteration in coarse coordinates: train a small network on pooled data, prolong it, go on.

For aggregation operators and pointwise nonlinearities the small network *is* the fine one with all finer parts
zero (`prolong.train.aggregation`), so nothing is approximated and a step at level l costs about `4**-l` of one
at the finest.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from prolong.errors import InvalidInput
from prolong.train.aggregation import AggregationTransfer, aggregation_transfers
from prolong.train.equivalence import require_equivalence
from prolong.train.flat import FlatParameters
from prolong.train.hierarchy import Hierarchy
from prolong.train.linear import glorot_uniform, initialise, rediscretise, require_covered
from prolong.train.moments import prolong_moments
from prolong.train.optimizers import OptimizerFactory, adam
from prolong.train.samples import LevelSamples, Samples, batches
from prolong.train.scheme import AbstractScheme
from prolong.train.views import samples_at

__all__ = ["NestedScheme", "NestedSettings"]


@dataclass(frozen=True)
class NestedSettings:
    """How a nested scheme trains.

    **Arguments:** `batch`, samples a step; `seed`, of the start, the batches and the noise; `gain`, of Glorot's
    start (4 for logistic sigmoids, whose slope at 0 is 1/4: with 1 sigmoid networks first sit on a plateau);
    `noise`, how large the finer parts start, as a part of a fresh network's start, which separates units that were
    one unit a level before (0: they stay equal for ever); `optimizer`, of each level.
    """

    batch: int = 128
    seed: int = 0
    gain: float = 4.0
    noise: float = 1.0
    optimizer: OptimizerFactory = field(default_factory=adam)


@dataclass(frozen=True)
class _Current:
    level: int
    module: nn.Module
    flat: FlatParameters
    optimizer: Optimizer
    data: LevelSamples


class NestedScheme(AbstractScheme):
    """A network trained from its coarsest level to its finest, each level once.

    **Arguments:** `module`, the fine network, whose parameters are replaced; `data` and `held_out`, on level 0.

    **Raises:** `InvalidInput` when a layer has no lineage, an operator is no aggregation, or the module does not
    commute with aggregation (layers other than linear ones and pointwise nonlinearities).
    """

    def __init__(
        self,
        module: nn.Module,
        hierarchy: Hierarchy,
        *,
        data: Samples,
        held_out: Samples,
        settings: NestedSettings | None = None,
    ) -> None:
        require_covered(module, hierarchy)
        self.hierarchy = hierarchy
        self.settings = settings or NestedSettings()
        self.batch = self.settings.batch
        self._module = module
        self._generator = torch.Generator().manual_seed(self.settings.seed)
        self._data, self._held_out = LevelSamples(data), LevelSamples(held_out)
        self._like = next(module.parameters()).detach()
        self._current: _Current | None = None
        self._held_out_here = self._held_out
        require_equivalence(module, hierarchy)

    def enter(self, level: int) -> None:
        if self._current is not None and level == self._current.level:
            return
        if self._current is not None and level > self._current.level:
            detail = f"nested iteration cannot go from level {self._current.level} back to level {level}"
            raise InvalidInput.at("/schedule", detail, code="schedule")
        before, self._current = self._current, self._opened(level)
        if before is None:
            initialise(self._current.module, self._generator, gain=self.settings.gain)
        else:
            self._carry_over(before, self._current)
        self._stream = batches(self._current.data.samples, self.batch, self._generator)
        self._held_out_here = samples_at(self._held_out, self.hierarchy, level)

    def step(self) -> float:
        current = self._entered()
        inputs, targets = next(self._stream)
        current.flat.gradient.zero_()
        loss = current.data.loss(current.module(inputs), targets)
        torch.autograd.backward(loss)
        current.optimizer.step()
        return float(loss.detach()) + current.data.floor

    @torch.no_grad()
    def evaluate(self) -> float:
        current, seen = self._entered(), self._held_out_here
        return float(seen.loss(current.module(seen.samples.inputs), seen.samples.targets)) + seen.floor

    @torch.no_grad()
    def merge(self) -> dict[str, Tensor]:
        current = self._entered()
        tensors = current.flat.tensors
        for level in range(current.level, 0, -1):
            steps = aggregation_transfers(self.hierarchy, level - 1, level, self._like)
            tensors = {name: steps[name].prolong(small) for name, small in tensors.items()}
        return {name: tensor.clone() for name, tensor in tensors.items()}

    @property
    def level_module(self) -> nn.Module:
        """The current level's network; on level 0 the module itself."""
        return self._entered().module

    def _entered(self) -> _Current:
        if self._current is None:
            raise InvalidInput.at("/schedule", "no level has been entered yet", code="schedule")
        return self._current

    def _opened(self, level: int) -> _Current:
        module = rediscretise(self._module, self.hierarchy, level)
        flat = FlatParameters.adopt(module)
        optimizer = self.settings.optimizer(flat.vector, level)
        return _Current(level, module, flat, optimizer, samples_at(self._data, self.hierarchy, level))

    @torch.no_grad()
    def _carry_over(self, coarse: _Current, fine: _Current) -> None:
        transfers = aggregation_transfers(self.hierarchy, fine.level, coarse.level, self._like)
        for name, small in coarse.flat.tensors.items():
            weight = transfers[name].prolong(small)
            fine.flat.tensors[name].copy_(weight + self._noise(name, weight, transfers[name]))
        prolong_moments((coarse.flat, coarse.optimizer), (fine.flat, fine.optimizer), transfers)

    def _noise(self, name: str, weight: Tensor, axes: AggregationTransfer) -> Tensor:
        """Noise that separates the copies of hidden units but cancels, to first order, in the network's output."""
        if weight.ndim != 2 or self.settings.noise == 0:
            return torch.zeros_like(weight)
        gain = self.settings.noise * self.settings.gain
        noise = glorot_uniform(weight, self._generator, gain=gain)
        last = list(self.hierarchy.layers)[-1]
        return axes.detail(noise, dim=1 if name.rpartition(".")[0] == last else 0)
