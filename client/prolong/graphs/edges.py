"""Graphs given by their edges: an explicit list, or a networkx node-link document."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from prolong.graphs.adjacency import Adjacency
from prolong.graphs.base import BaseGraph
from prolong.model import MAX_VERTICES, Vertices, rejected

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


def _edge(index: int, item: object) -> Edge:
    if isinstance(item, str | bytes) or not isinstance(item, Sequence) or len(item) not in {2, 3}:
        raise rejected("bad_edge", "edge {i} must be [u, v] or [u, v, weight]", i=index)
    u, v = item[0], item[1]
    if not (_is_int(u) and _is_int(v)) or abs(u) > MAX_VERTICES or abs(v) > MAX_VERTICES:
        raise rejected("bad_edge", "edge {i} must join two vertex numbers", i=index)
    if len(item) == 2:
        return int(u), int(v)
    weight = item[2]
    if isinstance(weight, bool) or not isinstance(weight, int | float | np.floating) or not math.isfinite(weight):
        raise rejected("bad_weight", "edge {i} must have a finite number as its weight", i=index)
    return int(u), int(v), float(weight)


def _edges(value: object) -> tuple[Edge, ...]:
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise rejected("bad_edges", "edges must be a list of [u, v] or [u, v, weight]")
    return tuple(_edge(index, item) for index, item in enumerate(value))


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
        first = np.fromiter((edge[0] for edge in self.edges), dtype=np.int64, count=len(self.edges))
        second = np.fromiter((edge[1] for edge in self.edges), dtype=np.int64, count=len(self.edges))
        weights = np.fromiter(
            (edge[2] if len(edge) == 3 else 1.0 for edge in self.edges),
            dtype=np.float64,
            count=len(self.edges),
        )
        return Adjacency.from_edges(self.n, first, second, weights)

    def adjacency(self) -> Adjacency:
        return self._arrays


class NodeLink(BaseGraph):
    """A networkx node-link document (`networkx.node_link_data`); its node order is the vertex order.

    Links are read from `edges` or `links`; their `weight`, 1 where it is not given, is a conductance.
    Directed documents and multigraphs are refused.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    kind: Literal["node_link"] = "node_link"
    directed: bool = False
    multigraph: bool = False
    nodes: tuple[dict[str, Any], ...]
    links: tuple[dict[str, Any], ...] = Field(validation_alias=AliasChoices("links", "edges"))

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
            ends = link.get("source"), link.get("target")
            if not all(isinstance(end, str | int) and end in numbers for end in ends):
                raise rejected("unknown_node", "link {i} must join two nodes of the document", i=index)
            edge = _edge(index, (*(numbers[end] for end in ends), link.get("weight", 1.0)))
            first.append(edge[0])
            second.append(edge[1])
            weights.append(edge[2] if len(edge) == 3 else 1.0)
        as_ints = np.array(first, dtype=np.int64), np.array(second, dtype=np.int64)
        return Adjacency.from_edges(self.n, *as_ints, np.array(weights, dtype=np.float64))

    def _vertex_numbers(self) -> dict[object, int]:
        numbers: dict[object, int] = {}
        for index, node in enumerate(self.nodes):
            name = node.get("id")
            if not isinstance(name, str | int) or name in numbers:
                raise rejected(
                    "bad_node", "node {i} must have an id of its own, a text or a whole number", i=index
                )
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
