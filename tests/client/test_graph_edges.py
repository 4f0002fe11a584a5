"""Edge lists and node-link documents."""

from __future__ import annotations

import json
from typing import Any

import networkx as nx
import numpy as np
import pytest

from prolong import InvalidInput, graphs
from prolong.graphs import Edges, NodeLink


def canonical(spec: graphs.BaseGraph) -> bytes:
    return spec.adjacency().canonical_bytes()


def test_edges_in_any_direction_with_and_without_weights() -> None:
    adjacency = graphs.edges(4, [(3, 2, 0.5), (1, 0), (2, 0, 7)]).adjacency()
    assert adjacency.rows.tolist() == [0, 0, 2]
    assert adjacency.cols.tolist() == [1, 2, 3]
    assert adjacency.weights.tolist() == [1.0, 7.0, 0.5]


def test_an_iterator_and_numpy_numbers_serve_as_edges() -> None:
    pairs = ((np.int32(i), np.int64(i + 1), np.float32(2)) for i in range(3))
    assert canonical(graphs.edges(4, pairs)) == canonical(graphs.edges(4, [(0, 1, 2), (1, 2, 2), (2, 3, 2)]))


def test_an_edge_given_twice_alike_counts_once() -> None:
    assert canonical(graphs.edges(2, [(0, 1), (1, 0), (0, 1, 1.0)])) == canonical(graphs.path(2))


@pytest.mark.parametrize(
    ("edges", "pointer", "code"),
    [
        ("0-1", "/edges", "bad_edges"),
        (7, "/edges", "bad_edges"),
        (None, "/edges", "bad_edges"),
        ({"0": 1}, "/edges", "bad_edges"),
        ([0, 1], "/edges/0", "bad_edge"),
        ([[0, 1], "12"], "/edges/1", "bad_edge"),
        ([[0, 1], [0]], "/edges/1", "bad_edge"),
        ([[0, 1, 1, 1]], "/edges/0", "bad_edge"),
        ([[0, True]], "/edges/0", "bad_edge"),
        ([[0, "1"]], "/edges/0", "bad_edge"),
        ([[0, 1.0]], "/edges/0", "bad_edge"),
        ([[0, None]], "/edges/0", "bad_edge"),
        ([[0, [1]]], "/edges/0", "bad_edge"),
        ([[0, 2**70]], "/edges/0", "bad_edge"),
        ([[0, -(2**70)]], "/edges/0", "bad_edge"),
        ([[0, 1], [1, 3]], "/edges/1", "vertex_out_of_range"),
        ([[0, 1], [-1, 1]], "/edges/1", "vertex_out_of_range"),
        ([[0, 1], [2, 2]], "/edges/1", "self_loop"),
        ([[0, 1, 0]], "/edges/0", "bad_weight"),
        ([[0, 1, -2.5]], "/edges/0", "bad_weight"),
        ([[0, 1, float("nan")]], "/edges/0", "bad_weight"),
        ([[0, 1, float("inf")]], "/edges/0", "bad_weight"),
        ([[0, 1, True]], "/edges/0", "bad_weight"),
        ([[0, 1, "1"]], "/edges/0", "bad_weight"),
        ([[0, 1, None]], "/edges/0", "bad_weight"),
        ([[0, 1, 10**400]], "/edges/0", "bad_weight"),
        ([[0, 1, 1e-13]], "/edges/0", "bad_weight"),
        ([[0, 1], [1, 2], [1, 0, 3.0]], "/edges/2", "two_weights"),
    ],
)
def test_each_bad_edge_is_named(edges: Any, pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Edges.parse({"n": 3, "edges": edges})
    assert [(error.pointer, error.code) for error in caught.value.errors] == [(pointer, code)]


def test_a_copy_with_other_edges_has_another_adjacency() -> None:
    path = graphs.edges(3, [(0, 1), (1, 2)])
    path.adjacency()
    assert canonical(path.model_copy(update={"edges": ((0, 1),)})) == canonical(graphs.edges(3, [(0, 1)]))
    with pytest.raises(InvalidInput, match="vertices are 0 to 1"):
        path.model_copy(update={"n": 2})


def document(graph: nx.Graph[Any], key: str) -> dict[str, Any]:
    made = {"kind": "node_link", **nx.node_link_data(graph, edges=key)}
    decoded: dict[str, Any] = json.loads(json.dumps(made))
    return decoded


@pytest.mark.parametrize("key", ["edges", "links"])
@pytest.mark.parametrize(
    "make",
    [
        nx.karate_club_graph,
        nx.les_miserables_graph,
        lambda: nx.grid_2d_graph(3, 4),
        lambda: nx.path_graph(["b", "a", "c"]),
        lambda: nx.empty_graph(3),
    ],
    ids=["karate", "miserables", "list_ids", "text_ids", "no_edges"],
)
def test_node_link_documents_are_networkx_s_graphs(make: Any, key: str) -> None:
    graph = make()
    spec = NodeLink.parse(document(graph, key))
    assert canonical(spec) == canonical(graphs.from_networkx(graph))
    assert (spec.n, spec.edge_bound) == (len(graph), graph.number_of_edges())
    assert canonical(NodeLink.parse(spec.model_dump_json())) == canonical(spec)


NODES = [{"id": 0}, {"id": 1}, {"id": "x"}]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"directed": True}, "", "not_simple"),
        ({"multigraph": True}, "", "not_simple"),
        ({"directed": "yes"}, "/directed", "bool_type"),
        ({"multigraph": 1}, "/multigraph", "bool_type"),
        ({"nodes": []}, "", "no_nodes"),
        ({"nodes": "abc"}, "/nodes", "tuple_type"),
        ({"nodes": [{"id": 0}, 1, 2, 3]}, "/nodes/1", "dict_type"),
        ({"nodes": [{"id": 0}, {"name": 1}]}, "/nodes/1", "bad_node"),
        ({"nodes": [{"id": 0}, {"id": 0}]}, "/nodes/1", "bad_node"),
        ({"nodes": [{"id": 0}, {"id": 0.5}]}, "/nodes/1", "bad_node"),
        ({"nodes": [{"id": {}}]}, "/nodes/0", "bad_node"),
        ({"nodes": [{"id": [[0]]}]}, "/nodes/0", "bad_node"),
        ({"links": [{"source": 0, "target": 2}]}, "", "unknown_node"),
        ({"links": [{"source": 0}]}, "", "unknown_node"),
        ({"links": [{"source": 0, "target": {}}]}, "", "unknown_node"),
        ({"links": [{"source": 0, "target": 0}]}, "", "self_loop"),
        ({"links": [{"source": 0, "target": 1, "weight": -1}]}, "", "bad_weight"),
        ({"links": [{"source": 0, "target": 1, "weight": None}]}, "", "bad_weight"),
        ({"links": [{"source": 0, "target": 1, "weight": 10**400}]}, "", "bad_weight"),
        ({"links": [1, 2]}, "/links/0", "dict_type"),
        ({"links": None}, "/links", "tuple_type"),
    ],
)
def test_each_bad_node_link_document_is_refused(change: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        NodeLink.parse({"nodes": NODES, "links": [], **change})
    assert [(error.pointer, error.code) for error in caught.value.errors] == [(pointer, code)]


def test_a_node_link_document_needs_its_links() -> None:
    with pytest.raises(InvalidInput, match="Field required"):
        NodeLink.parse({"nodes": NODES})
