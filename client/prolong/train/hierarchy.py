"""The levels of a network: which layer has which shape where. No torch, no parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from prolong.errors import InvalidInput
from prolong.operators import Operator
from prolong.train.lineage import Lineage

__all__ = ["Hierarchy", "LayerAxes", "Level"]


@dataclass(frozen=True)
class LayerAxes:
    """The lineages of a linear layer's two unit axes; its weight has shape `(out, inp)`, its bias `(out,)`."""

    out: Lineage
    inp: Lineage


@dataclass(frozen=True)
class Level:
    """One level's shapes.

    **Arguments:** `index`, 0 is the finest; `shapes`, layer name to `(out, inp)`; `parameters`, the number of
    weights and biases.
    """

    index: int
    shapes: Mapping[str, tuple[int, int]]
    parameters: int


@dataclass(frozen=True)
class Hierarchy:
    """All levels of a network whose layers' axes have lineages of one depth.

    **Arguments:** `layers`, layer name to its axes, in the order in which the data pass through them.

    **Raises:** `InvalidInput` when there is no layer or depths differ.
    """

    layers: Mapping[str, LayerAxes]

    def __post_init__(self) -> None:
        if not self.layers:
            raise InvalidInput.at("/layers", "a hierarchy needs at least one layer", code="empty")
        for name, axes in self.layers.items():
            if {axes.out.depth, axes.inp.depth} != {self.depth}:
                raise InvalidInput.at(
                    f"/layers/{name}",
                    f"its lineages have {axes.out.depth} and {axes.inp.depth} steps, but the first layer's "
                    f"have {self.depth}: all axes need one depth",
                    code="depths_differ",
                )
        object.__setattr__(self, "layers", MappingProxyType(dict(self.layers)))

    @classmethod
    def of(
        cls,
        shapes: Mapping[str, tuple[int, int]],
        operators: Mapping[int, Operator],
        *,
        depth: int,
        keep: Mapping[int, int] | None = None,
    ) -> Hierarchy:
        """Build it from operators keyed by fine size; axes of one size share one lineage.

        **Arguments:** `shapes`, layer name to `(out, inp)` at level 0, in order; `depth`, the number of steps;
        `keep`, for semi-coarsening, by size: how many steps from the finest leave axes of that size as they are.

        **Raises:** `InvalidInput` when an operator is missing or depth is negative.
        """
        if depth < 0:
            raise InvalidInput.at("/depth", f"got {depth}, needed 0 or more", code="negative")
        sizes = {size for shape in shapes.values() for size in shape}
        kept = keep or {}
        lineages = {
            size: Lineage.of(operators, size, depth=depth, keep=kept.get(size, 0)) for size in sorted(sizes)
        }
        return cls({name: LayerAxes(lineages[out], lineages[inp]) for name, (out, inp) in shapes.items()})

    @property
    def depth(self) -> int:
        """The index of the coarsest level."""
        return next(iter(self.layers.values())).inp.depth

    @property
    def input(self) -> Lineage:
        """The lineage of what goes into the first layer."""
        return next(iter(self.layers.values())).inp

    @property
    def output(self) -> Lineage:
        """The lineage of what comes out of the last layer."""
        return list(self.layers.values())[-1].out

    @property
    def levels(self) -> tuple[Level, ...]:
        """All levels, finest first."""
        return tuple(self._level(index) for index in range(self.depth + 1))

    def relative_size(self, level: int) -> float:
        """`|theta_level| / |theta_0|`: the work of one step at `level` in the cost metric of MsANN."""
        return self._level(level).parameters / self._level(0).parameters

    def operator_complexity(self) -> float:
        """The parameters of all levels over those of the finest."""
        return sum(self.relative_size(level) for level in range(self.depth + 1))

    def _level(self, index: int) -> Level:
        shapes = {name: (axes.out.sizes[index], axes.inp.sizes[index]) for name, axes in self.layers.items()}
        parameters = sum(out * inp + out for out, inp in shapes.values())
        return Level(index, MappingProxyType(shapes), parameters)
