"""Graphs given by their edges: an explicit list, or a networkx node-link document."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AliasChoices, BeforeValidator, ConfigDict, FailFast, Field, WithJsonSchema, model_validator

from prolong.graphs.adjacency import Adjacency
from prolong.graphs.base import BaseGraph
from prolong.model import MAX_RATIO, MAX_VERTICES, Vertices, rejected

__all__ = ["Edges", "NodeLink"]

Edge = tuple[int, int] | tuple[int, int, float]

_EDGE_SCHEMA = {
    "type": "array",
    "description": "Pairs of vertices, each optionally followed by a positive weight.",
    "items": {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "number"}},
    "examples": [[[0, 1], [1, 2, 0.5]]],
}


def _is_int(value: object) -> bool:
    return type(value) is int or isinstance(value, np.integer)


def _is_weight(value: object) -> bool:
    number = _is_int(value) or isinstance(value, float | np.floating)
    return number and bool(1 / MAX_RATIO <= value <= MAX_RATIO)  # type: ignore[operator]


def _edge(index: int, item: object, *, at: str) -> Edge:
    if isinstance(item, str | bytes) or not isinstance(item, Sequence) or len(item) not in {2, 3}:
        raise rejected("bad_edge", "edge {i} must be [u, v] or [u, v, weight]", i=index, at=at)
    u, v = item[0], item[1]
    if not (_is_int(u) and _is_int(v)) or abs(u) > MAX_VERTICES or abs(v) > MAX_VERTICES:
        raise rejected("bad_edge", "edge {i} must join two vertex numbers", i=index, at=at)
    if len(item) == 2:
        return int(u), int(v)
    if not _is_weight(item[2]):
        detail = "edge {i} must have a positive number (1e-12 to 1e12) as its weight"
        raise rejected("bad_weight", detail, i=index, at=at)
    return int(u), int(v), float(item[2])


def _edges(value: object) -> tuple[Edge, ...]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise rejected("bad_edges", "edges must be a list of [u, v] or [u, v, weight]")
    if _are_plain_pairs(value):
        return tuple(map(tuple, value))
    return tuple(_edge(index, item, at=f"/{index}") for index, item in enumerate(value))


def _are_plain_pairs(items: Sequence[Any]) -> bool:
    """Whether all are [u, v] with Python integers: the usual long list, settled without a Python step an edge."""
    return (
        {list, tuple}.issuperset(map(type, items))
        and {2}.issuperset(map(len, items))
        and {int}.issuperset(map(type, chain.from_iterable(items)))
        and max(map(max, items), default=0) <= MAX_VERTICES
        and min(map(min, items), default=0) >= -MAX_VERTICES
    )


class Edges(BaseGraph):
    """`n` vertices and a list of edges `(u, v)` or `(u, v, weight)`, in any order and direction.

    The weight, 1 where it is not given, is a conductance in the Laplacian; hop distances do not see it.
    """

    kind: Literal["edges"] = "edges"
    n: Vertices
    edges: Annotated[tuple[Any, ...], BeforeValidator(_edges), WithJsonSchema(_EDGE_SCHEMA)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        self.adjacency()
        return self

    @property
    def edge_bound(self) -> int:
        return len(self.edges)

    @cached_property
    def _arrays(self) -> Adjacency:
        m = len(self.edges)
        ends = np.fromiter(chain.from_iterable(edge[:2] for edge in self.edges), dtype=np.int64, count=2 * m)
        weights = np.fromiter((edge[2] if len(edge) == 3 else 1.0 for edge in self.edges), np.float64, count=m)
        return Adjacency.from_edges(self.n, ends[::2], ends[1::2], weights, at="/edges")

    def adjacency(self) -> Adjacency:
        return self._arrays


def _name(value: object) -> object:
    """A node's id as networkx has it in Python (JSON's lists are its tuples); None where it cannot be one."""
    if isinstance(value, list | tuple):
        return tuple(value) if all(isinstance(part, str | int) for part in value) else None
    return value if isinstance(value, str | int) else None


class NodeLink(BaseGraph):
    """A networkx node-link document (`networkx.node_link_data`); its node order is the vertex order.

    Links are read from `edges` or `links`; their `weight`, 1 where it is not given, is a conductance.
    Directed documents and multigraphs are refused.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    kind: Literal["node_link"] = "node_link"
    directed: Annotated[bool, Field(strict=True)] = False
    multigraph: Annotated[bool, Field(strict=True)] = False
    nodes: Annotated[tuple[dict[str, Any], ...], FailFast()]
    links: Annotated[tuple[dict[str, Any], ...], FailFast()] = Field(
        validation_alias=AliasChoices("links", "edges")
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.directed or self.multigraph:
            raise rejected("not_simple", "the node-link document must be undirected and not a multigraph")
        self.adjacency()
        return self

    @cached_property
    def _arrays(self) -> Adjacency:
        numbers = self._vertex_numbers()
        first, second, weights = [], [], []
        for index, link in enumerate(self.links):
            ends = _name(link.get("source")), _name(link.get("target"))
            if not all(end in numbers for end in ends):
                raise rejected("unknown_node", "link {i} must join two nodes of the document", i=index)
            weight = link.get("weight", 1.0)
            if not _is_weight(weight):
                detail = "link {i} must have a positive number (1e-12 to 1e12) as its weight"
                raise rejected("bad_weight", detail, i=index)
            first.append(numbers[ends[0]])
            second.append(numbers[ends[1]])
            weights.append(weight)
        as_ints = np.array(first, dtype=np.int64), np.array(second, dtype=np.int64)
        return Adjacency.from_edges(self.n, *as_ints, np.array(weights, dtype=np.float64))

    def _vertex_numbers(self) -> dict[object, int]:
        numbers: dict[object, int] = {}
        for index, node in enumerate(self.nodes):
            name = _name(node.get("id"))
            if name is None or name in numbers:
                detail = "node {i} must have an id of its own: a text, a whole number, or a list of such"
                raise rejected("bad_node", detail, i=index, at=f"/nodes/{index}")
            numbers[name] = index
        if not numbers:
            raise rejected("no_nodes", "the node-link document has no nodes")
        return numbers

    @property
    def n(self) -> int:
        return len(self.nodes)

    @property
    def edge_bound(self) -> int:
        return len(self.links)

    def adjacency(self) -> Adjacency:
        return self._arrays
