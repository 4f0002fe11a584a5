"""Short constructors: `graphs.path(32)` instead of `graphs.Path(n=32)`."""

from __future__ import annotations

from collections.abc import Iterable

from prolong.graphs.edges import Edge, Edges
from prolong.graphs.specs import (
    Box,
    Complete,
    Cycle,
    GraphSpec,
    Grid,
    Hypercube,
    Path,
    RandomGeometric,
    Star,
    Tree,
    Wheel,
)  # fmt: skip

__all__ = [
    "box", "complete", "cycle", "edges", "grid", "hypercube", "path", "random_geometric", "star", "tree", "wheel",
]  # fmt: skip


def path(n: int) -> Path:
    """`n` vertices in a line."""
    return Path(n=n)


def cycle(n: int) -> Cycle:
    """`n >= 3` vertices in a ring."""
    return Cycle(n=n)


def grid(*shape: int, periodic: bool = False) -> Grid:
    """A grid of the given sides, a torus where `periodic`; row-major vertex order."""
    return Grid(shape=shape, periodic=periodic)


def complete(n: int) -> Complete:
    """`n` vertices, every two joined."""
    return Complete(n=n)


def star(n: int) -> Star:
    """Vertex 0 joined to the `n - 1` others."""
    return Star(n=n)


def wheel(n: int) -> Wheel:
    """Vertex 0 joined to a ring of the `n - 1 >= 3` others."""
    return Wheel(n=n)


def hypercube(dim: int) -> Hypercube:
    """`2**dim` vertices, joined where one binary digit differs."""
    return Hypercube(dim=dim)


def tree(branching: int, depth: int) -> Tree:
    """The complete tree with `branching` children a vertex and `depth` levels below the root."""
    return Tree(branching=branching, depth=depth)


def random_geometric(n: int, radius: float, *, seed: int = 0) -> RandomGeometric:
    """`n` seeded uniform points of the unit square, joined within `radius`."""
    return RandomGeometric(n=n, radius=radius, seed=seed)


def edges(n: int, pairs: Iterable[Edge]) -> Edges:
    """`n` vertices and edges `(u, v)` or `(u, v, weight)`."""
    return Edges(n=n, edges=tuple(pairs))


def box(*factors: GraphSpec) -> Box:
    """The box (Cartesian) product of two or more graphs; row-major vertex order."""
    return Box(factors=factors)
