"""Graphs as data: what may stand as `coarse` and `fine` in a problem.

A specification is frozen, small and checked when it is made. It holds no matrices; `adjacency()` builds the
canonical form on demand. Vertices are numbered from 0; products and grids are in row-major order, so that
`numpy.kron` of factor operators fits them.
"""

from __future__ import annotations

from prolong.graphs.adjacency import Adjacency
from prolong.graphs.base import Axis, BaseGraph
from prolong.graphs.convert import from_arrays, from_edge_index, from_networkx, from_scipy
from prolong.graphs.edges import Edges, NodeLink
from prolong.graphs.files import read
from prolong.graphs.make import (
    box,
    complete,
    cycle,
    edges,
    grid,
    hypercube,
    path,
    random_geometric,
    star,
    tree,
    wheel,
)  # fmt: skip
from prolong.graphs.shorthand import parse
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
    "Adjacency",
    "Axis",
    "BaseGraph",
    "Box",
    "Complete",
    "Cycle",
    "Edges",
    "GraphSpec",
    "Grid",
    "Hypercube",
    "NodeLink",
    "Path",
    "RandomGeometric",
    "Star",
    "Tree",
    "Wheel",
    "box",
    "complete",
    "cycle",
    "edges",
    "from_arrays",
    "from_edge_index",
    "from_networkx",
    "from_scipy",
    "grid",
    "hypercube",
    "parse",
    "path",
    "random_geometric",
    "read",
    "star",
    "tree",
    "wheel",
]
