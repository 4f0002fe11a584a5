"""The graph families as data, and the union of all specifications."""

from __future__ import annotations

import math
from functools import reduce
from typing import Annotated, Literal, Self

from pydantic import FailFast, Field, model_validator

from prolong.graphs import families
from prolong.graphs.adjacency import Adjacency
from prolong.graphs.base import Axis, BaseGraph
from prolong.graphs.edges import Edges, NodeLink
from prolong.model import MAX_VERTICES, Count, Real, Vertices, rejected

__all__ = [
    "MAX_BOX_DEPTH",
    "Box",
    "Complete",
    "Cycle",
    "GraphSpec",
    "Grid",
    "Hypercube",
    "Path",
    "RandomGeometric",
    "Star",
    "Tree",
    "Wheel",
]

#: Products may be nested, but no deeper than anybody writes by hand.
MAX_BOX_DEPTH = 8


def _bounded(n: int) -> None:
    if n > MAX_VERTICES:
        raise rejected("too_many_vertices", "the graph would have more than {most} vertices", most=MAX_VERTICES)


class Path(BaseGraph):
    """0 - 1 - ... - (n - 1)."""

    kind: Literal["path"] = "path"
    n: Vertices

    @property
    def edge_bound(self) -> int:
        return self.n - 1

    def axes(self) -> tuple[Axis, ...]:
        return (Axis(self.n, periodic=False),)

    def adjacency(self) -> Adjacency:
        return families.path(self.n)


class Cycle(BaseGraph):
    """A ring of n >= 3 vertices."""

    kind: Literal["cycle"] = "cycle"
    n: Annotated[Vertices, Field(ge=3)]

    @property
    def edge_bound(self) -> int:
        return self.n

    def axes(self) -> tuple[Axis, ...]:
        return (Axis(self.n, periodic=True),)

    def adjacency(self) -> Adjacency:
        return families.cycle(self.n)


class Grid(BaseGraph):
    """The box product of paths (of cycles where `periodic`), vertices in row-major order."""

    kind: Literal["grid"] = "grid"
    shape: Annotated[tuple[Count, ...], Field(min_length=1, max_length=16), FailFast()]
    periodic: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.periodic and min(self.shape) < 3:
            raise rejected("short_cycle", "each side of a periodic grid needs at least 3 vertices", at="/shape")
        _bounded(self.n)
        return self

    @property
    def n(self) -> int:
        return math.prod(self.shape)

    @property
    def edge_bound(self) -> int:
        return self.n * len(self.shape)

    def axes(self) -> tuple[Axis, ...]:
        return tuple(Axis(side, periodic=self.periodic) for side in self.shape)

    def adjacency(self) -> Adjacency:
        line = families.cycle if self.periodic else families.path
        return reduce(families.box, map(line, self.shape))


class Complete(BaseGraph):
    """Every pair of n vertices."""

    kind: Literal["complete"] = "complete"
    n: Vertices

    @property
    def edge_bound(self) -> int:
        return self.n * (self.n - 1) // 2

    def adjacency(self) -> Adjacency:
        return families.complete(self.n)


class Star(BaseGraph):
    """Vertex 0 joined to the n - 1 others."""

    kind: Literal["star"] = "star"
    n: Vertices

    @property
    def edge_bound(self) -> int:
        return self.n - 1

    def adjacency(self) -> Adjacency:
        return families.star(self.n, rim=False)


class Wheel(BaseGraph):
    """Vertex 0 joined to a ring of the n - 1 >= 3 others."""

    kind: Literal["wheel"] = "wheel"
    n: Annotated[Vertices, Field(ge=4)]

    @property
    def edge_bound(self) -> int:
        return 2 * (self.n - 1)

    def adjacency(self) -> Adjacency:
        return families.star(self.n, rim=True)


class Hypercube(BaseGraph):
    """2^dim vertices; two are joined where their numbers differ in one binary digit."""

    kind: Literal["hypercube"] = "hypercube"
    dim: Annotated[int, Field(strict=True, ge=1, le=30)]

    @property
    def n(self) -> int:
        return 1 << self.dim

    @property
    def edge_bound(self) -> int:
        return self.dim * self.n // 2

    def adjacency(self) -> Adjacency:
        return reduce(families.box, [families.path(2)] * self.dim)


class Tree(BaseGraph):
    """The complete tree in which every vertex above the last of `depth` levels has `branching` children."""

    kind: Literal["tree"] = "tree"
    branching: Count
    depth: Annotated[int, Field(strict=True, ge=0, le=100_000)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        # The power is bounded before it is taken: branching**depth may have millions of digits.
        if self.branching > 1 and self.depth > 31:
            _bounded(MAX_VERTICES + 1)
        _bounded(self.n)
        return self

    @property
    def n(self) -> int:
        if self.branching == 1:
            return self.depth + 1
        return int((self.branching ** (self.depth + 1) - 1) // (self.branching - 1))

    @property
    def edge_bound(self) -> int:
        return self.n - 1

    def adjacency(self) -> Adjacency:
        return families.tree(self.branching, self.n)


class RandomGeometric(BaseGraph):
    """n seeded uniform points of the unit square, joined within the distance `radius`."""

    kind: Literal["random_geometric"] = "random_geometric"
    n: Vertices
    radius: Annotated[Real, Field(gt=0)]
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = 0

    @property
    def edge_bound(self) -> int:
        # Twice the expectation (which the border only lowers) and a margin for small graphs.
        pairs = self.n * (self.n - 1) // 2
        return min(pairs, math.ceil(2 * pairs * min(1.0, math.pi * min(self.radius, 1.0) ** 2)) + 1000)

    def adjacency(self) -> Adjacency:
        return families.random_geometric(self.n, self.radius, self.seed)


class Box(BaseGraph):
    """The box (Cartesian) product: `L = L1 ⊗ I + I ⊗ L2`, first factor slowest, as `numpy.kron` orders."""

    kind: Literal["box"] = "box"
    factors: Annotated[tuple[GraphSpec, ...], Field(min_length=2, max_length=16), FailFast()]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.depth > MAX_BOX_DEPTH:
            raise rejected("too_deep", "products may be nested {most} deep", most=MAX_BOX_DEPTH)
        _bounded(self.n)
        return self

    @property
    def depth(self) -> int:
        """How deep products stand in this product, itself included."""
        return 1 + max(factor.depth if isinstance(factor, Box) else 0 for factor in self.factors)

    @property
    def n(self) -> int:
        return math.prod(factor.n for factor in self.factors)

    @property
    def edge_bound(self) -> int:
        n = self.n
        return sum(factor.edge_bound * (n // factor.n) for factor in self.factors)

    def axes(self) -> tuple[Axis, ...] | None:
        parts = [factor.axes() for factor in self.factors]
        if any(part is None for part in parts):
            return None
        return tuple(axis for part in parts if part is not None for axis in part)

    def adjacency(self) -> Adjacency:
        return reduce(families.box, (factor.adjacency() for factor in self.factors))


GraphSpec = Annotated[
    Path | Cycle | Grid | Complete | Star | Wheel | Hypercube | Tree | RandomGeometric | Edges | NodeLink | Box,
    Field(discriminator="kind"),
]

Box.model_rebuild()
