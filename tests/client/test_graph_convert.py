"""Graphs from networkx, scipy, edge indices and arrays."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest
import torch
from scipy import sparse

from prolong import InvalidInput, graphs


def canonical(spec: graphs.BaseGraph) -> bytes:
    return spec.adjacency().canonical_bytes()


WEIGHTED = graphs.edges(4, [(0, 1, 0.5), (1, 2), (0, 3, 3.0)])
MATRIX = np.array([[0, 0.5, 0, 3], [0.5, 0, 1, 0], [0, 1, 0, 0], [3, 0, 0, 0]])


def test_networkx_node_order_is_the_vertex_order() -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from("dacb")
    graph.add_weighted_edges_from([("d", "a", 0.5), ("b", "d", np.int64(3)), ("a", "c", 1)])
    assert canonical(graphs.from_networkx(graph)) == canonical(WEIGHTED)


def test_networkx_weights_can_be_ignored_or_named() -> None:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_edge(0, 1, weight=5.0, strength=0.25)
    assert canonical(graphs.from_networkx(graph, weight=None)) == canonical(graphs.path(2))
    assert canonical(graphs.from_networkx(graph, weight="strength")) == canonical(graphs.edges(2, [(0, 1, 0.25)]))
    assert canonical(graphs.from_networkx(graph, weight="missing")) == canonical(graphs.path(2))


def bad_networkx() -> list[tuple[str, nx.Graph[Any]]]:
    weighted = [nx.Graph([(0, 1, {"weight": weight})]) for weight in ("x", None, -1.0, float("nan"))]
    return [
        ("undirected", nx.DiGraph([(0, 1)])),
        ("multigraph", nx.MultiGraph([(0, 1), (0, 1)])),
        ("self-loop", nx.Graph([(0, 1), (1, 1)])),
        ("greater than or equal to 1", nx.Graph()),
        *(("weight", graph) for graph in weighted),
    ]


@pytest.mark.parametrize(("message", "graph"), bad_networkx())
def test_bad_networkx_graphs_are_refused(message: str, graph: nx.Graph[Any]) -> None:
    with pytest.raises(InvalidInput, match=message):
        graphs.from_networkx(graph)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "bsr", "dia"])
@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csr_matrix])
def test_scipy_matrices_of_every_form(form: str, kind: Any) -> None:
    matrix = kind(MATRIX).asformat(form)
    assert canonical(graphs.from_scipy(matrix)) == canonical(WEIGHTED)
    np.testing.assert_array_equal(matrix.toarray(), MATRIX)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_scipy_entries_of_every_type(dtype: Any) -> None:
    matrix = sparse.csr_array(np.array([[0, 1], [1, 0]], dtype=dtype))
    assert canonical(graphs.from_scipy(matrix)) == canonical(graphs.path(2))


def test_scipy_zeros_are_no_edges_and_duplicates_are_summed() -> None:
    rows, cols = [0, 1, 0, 0, 1, 1], [1, 0, 2, 1, 0, 1]
    matrix = sparse.coo_array(([0.25, 0.25, 0.0, 0.25, 0.25, 0.0], (rows, cols)), shape=(3, 3))
    assert canonical(graphs.from_scipy(matrix)) == canonical(graphs.edges(3, [(0, 1, 0.5)]))


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones((2, 3)), "square"),
        (np.array([[0, 1], [0, 0]]), "not symmetric"),
        (np.array([[0, 1.0], [1.0 + 1e-15, 0]]), "not symmetric"),
        (np.array([[0, 1], [1, 1]]), "self-loop"),
        (np.array([[0, -1], [-1, 0]]), "weight"),
        (np.array([[0, np.nan], [np.nan, 0]]), "finite"),
        (np.array([[0, np.inf], [np.inf, 0]]), "finite"),
        (np.array([[0, 1j], [1j, 0]]), "real numbers"),
        (np.empty((0, 0)), "greater than or equal to 1"),
    ],
)
def test_bad_scipy_matrices_are_refused(matrix: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        graphs.from_scipy(sparse.csr_array(matrix))


@pytest.mark.parametrize("wrap", [np.array, torch.tensor], ids=["numpy", "torch"])
def test_edge_index_in_one_or_both_directions(wrap: Any) -> None:
    one, both = wrap([[1, 0, 3], [0, 2, 2]]), wrap([[1, 0, 3, 0, 2, 2], [0, 2, 2, 1, 0, 3]])
    expected = canonical(graphs.edges(4, [(0, 1), (0, 2), (2, 3)]))
    assert canonical(graphs.from_edge_index(one)) == canonical(graphs.from_edge_index(both)) == expected
    assert graphs.from_edge_index(one, n=9).n == 9


@pytest.mark.parametrize("wrap", [np.array, torch.tensor], ids=["numpy", "torch"])
def test_edge_index_with_weights(wrap: Any) -> None:
    made = graphs.from_edge_index(wrap([[0, 1, 3], [1, 2, 0]]), weights=wrap([0.5, 1.0, 3.0]))
    assert canonical(made) == canonical(WEIGHTED)


@pytest.mark.parametrize(
    ("edge_index", "more", "message"),
    [
        (np.zeros((3, 2), dtype=int), {}, "shape"),
        (np.zeros(4, dtype=int), {}, "shape"),
        (np.zeros((2, 2, 2), dtype=int), {}, "shape"),
        (np.array([[0.0], [1.0]]), {}, "whole numbers"),
        (np.array([[np.nan], [1.0]]), {}, "whole numbers"),
        (np.array([[True], [False]]), {}, "whole numbers"),
        (np.empty((2, 0), dtype=int), {}, "greater than or equal to 1"),
        (np.array([[0], [1]]), {"n": 1}, "vertices are 0 to 0"),
        (np.array([[0], [-1]]), {}, "vertices are 0 to"),
        (np.array([[0], [1]]), {"weights": [1.0, 2.0]}, "equally long"),
        (np.array([[0], [1]]), {"weights": [[1.0]]}, r"shape \(m,\)"),
        (np.array([[0], [1]]), {"weights": ["1"]}, "real numbers"),
        (np.array([[0], [1]]), {"weights": [-1.0]}, "weight"),
        (np.array([[0], [2**64 - 1]], dtype=np.uint64), {}, "vertex numbers"),
    ],
)
def test_bad_edge_indices_are_refused(edge_index: Any, more: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        graphs.from_edge_index(edge_index, **more)


def test_arrays_must_be_lists_of_equal_length() -> None:
    assert canonical(graphs.from_arrays(3, [0, 1], [1, 2])) == canonical(graphs.path(3))
    assert graphs.from_arrays(2, [], []).adjacency().m == 0
    with pytest.raises(InvalidInput, match="equally long"):
        graphs.from_arrays(3, [0, 1], [1])
    with pytest.raises(InvalidInput, match=r"shape \(m,\)"):
        graphs.from_arrays(3, 0, 1)
