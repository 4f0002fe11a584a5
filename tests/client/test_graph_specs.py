"""The graph families, held against networkx and against Kronecker sums."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prolong import graphs
from prolong.graphs import Axis, BaseGraph


def edge_set(spec: BaseGraph) -> set[tuple[int, int]]:
    adjacency = spec.adjacency()
    return set(zip(adjacency.rows.tolist(), adjacency.cols.tolist(), strict=True))


def numbered(graph: nx.Graph[Any]) -> set[tuple[int, int]]:
    number = {node: index for index, node in enumerate(graph.nodes)}
    return {tuple(sorted((number[u], number[v]))) for u, v in graph.edges}  # type: ignore[misc]


def laplacian(spec: BaseGraph) -> np.ndarray[Any, Any]:
    adjacency = spec.adjacency()
    matrix = np.zeros((adjacency.n, adjacency.n))
    np.add.at(matrix, (adjacency.rows, adjacency.cols), adjacency.weights)
    matrix += matrix.T
    return np.diag(matrix.sum(axis=0)) - matrix


def torus(*shape: int) -> nx.Graph[Any]:
    # networkx lists the last dimension first; its own nodes are then sorted into row-major order.
    graph = nx.grid_graph(dim=tuple(reversed(shape)), periodic=True)
    ordered: nx.Graph[Any] = nx.Graph()
    ordered.add_nodes_from(sorted(graph.nodes))
    ordered.add_edges_from(graph.edges)
    return ordered


FAMILIES: list[tuple[BaseGraph, Callable[[], nx.Graph[Any]]]] = [
    (graphs.path(1), lambda: nx.path_graph(1)),
    (graphs.path(7), lambda: nx.path_graph(7)),
    (graphs.cycle(3), lambda: nx.cycle_graph(3)),
    (graphs.cycle(8), lambda: nx.cycle_graph(8)),
    (graphs.grid(5), lambda: nx.path_graph(5)),
    (graphs.grid(3, 4), lambda: nx.grid_2d_graph(3, 4)),
    (graphs.grid(1, 4), lambda: nx.grid_2d_graph(1, 4)),
    (graphs.grid(3, 4, periodic=True), lambda: torus(3, 4)),
    (graphs.grid(3, 4, 5, periodic=True), lambda: torus(3, 4, 5)),
    (graphs.complete(1), lambda: nx.complete_graph(1)),
    (graphs.complete(6), lambda: nx.complete_graph(6)),
    (graphs.star(1), lambda: nx.star_graph(0)),
    (graphs.star(6), lambda: nx.star_graph(5)),
    (graphs.wheel(4), lambda: nx.wheel_graph(4)),
    (graphs.wheel(7), lambda: nx.wheel_graph(7)),
    (graphs.tree(2, 4), lambda: nx.balanced_tree(2, 4)),
    (graphs.tree(3, 3), lambda: nx.balanced_tree(3, 3)),
    (graphs.tree(1, 5), lambda: nx.path_graph(6)),
    (graphs.tree(7, 0), lambda: nx.path_graph(1)),
    (graphs.hypercube(1), lambda: nx.path_graph(2)),
    (
        graphs.box(graphs.path(3), graphs.cycle(4)),
        lambda: nx.cartesian_product(nx.path_graph(3), nx.cycle_graph(4)),
    ),
]


@pytest.mark.parametrize(("spec", "oracle"), FAMILIES, ids=[repr(spec) for spec, _ in FAMILIES])
def test_family_is_networkx_s_graph_in_networkx_s_order(
    spec: BaseGraph, oracle: Callable[[], nx.Graph[Any]]
) -> None:
    graph = oracle()
    assert spec.n == len(graph)
    assert edge_set(spec) == numbered(graph)


@pytest.mark.parametrize("dim", [1, 2, 5])
def test_hypercube_joins_numbers_that_differ_in_one_digit(dim: int) -> None:
    n = 2**dim
    assert edge_set(graphs.hypercube(dim)) == {
        (u, v) for u in range(n) for v in range(u + 1, n) if (u ^ v).bit_count() == 1
    }


@pytest.mark.parametrize(
    ("n", "radius", "seed"), [(1, 0.5, 0), (2, 2.0, 0), (60, 0.2, 3), (40, 5.0, 1), (30, 1e308, 1)]
)
def test_random_geometric_joins_the_pairs_within_the_radius(n: int, radius: float, seed: int) -> None:
    points = np.random.default_rng(seed).random((n, 2))
    distance = np.linalg.norm(points[:, None] - points[None, :], axis=2)
    near = np.argwhere(np.triu(distance <= radius, k=1))
    assert edge_set(graphs.random_geometric(n, radius, seed=seed)) == {tuple(pair) for pair in near.tolist()}


def test_random_geometric_follows_its_seed() -> None:
    first, again, other = (graphs.random_geometric(50, 0.2, seed=seed) for seed in (1, 1, 2))
    assert edge_set(first) == edge_set(again)
    assert edge_set(first) != edge_set(other)


simple_specs = st.one_of(
    st.builds(graphs.path, st.integers(1, 9)),
    st.builds(graphs.cycle, st.integers(3, 9)),
    st.builds(graphs.complete, st.integers(1, 9)),
    st.builds(graphs.star, st.integers(1, 9)),
    st.builds(graphs.wheel, st.integers(4, 9)),
    st.builds(graphs.hypercube, st.integers(1, 4)),
    st.builds(graphs.tree, st.integers(1, 4), st.integers(0, 3)),
    st.builds(graphs.random_geometric, st.integers(1, 40), st.floats(0.01, 3), seed=st.integers(0, 9)),
    st.builds(lambda sides: graphs.grid(*sides), st.lists(st.integers(1, 4), min_size=1, max_size=3)),
    st.builds(
        lambda sides: graphs.grid(*sides, periodic=True), st.lists(st.integers(3, 5), min_size=1, max_size=3)
    ),
    st.just(graphs.edges(4, [(0, 1), (3, 1, 0.25)])),
)
specs = st.recursive(simple_specs, lambda inner: st.builds(graphs.box, inner, inner), max_leaves=3)


@given(specs)
def test_adjacency_is_canonical_and_within_the_counts(spec: BaseGraph) -> None:
    adjacency = spec.adjacency()
    assert adjacency.n == spec.n
    assert adjacency.m <= spec.edge_bound
    assert np.all(adjacency.rows < adjacency.cols)
    pairs = list(zip(adjacency.rows.tolist(), adjacency.cols.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    assert adjacency.rows.dtype == adjacency.cols.dtype == np.int64
    assert adjacency.weights.dtype == np.float64
    assert not any(array.flags.writeable for array in (adjacency.rows, adjacency.cols, adjacency.weights))


@given(specs)
def test_specification_survives_json(spec: Any) -> None:
    assert type(spec).parse(spec.model_dump_json()) == spec
    assert type(spec).parse(spec.model_dump()) == spec


@given(simple_specs, simple_specs)
def test_box_has_the_kronecker_sum_as_laplacian(left: Any, right: Any) -> None:
    if left.n * right.n > 300:
        left, right = graphs.path(3), right if right.n <= 100 else graphs.cycle(5)
    expected = np.kron(laplacian(left), np.eye(right.n)) + np.kron(np.eye(left.n), laplacian(right))
    np.testing.assert_allclose(laplacian(graphs.box(left, right)), expected, atol=1e-12)


def test_box_of_three_is_nested_boxes() -> None:
    factors = graphs.path(2), graphs.cycle(3), graphs.edges(2, [(0, 1, 0.5)])
    flat, nested = graphs.box(*factors), reduce(graphs.box, factors)
    assert flat.adjacency().canonical_bytes() == nested.adjacency().canonical_bytes()


@pytest.mark.parametrize(
    ("spec", "axes"),
    [
        (graphs.path(4), (Axis(4, periodic=False),)),
        (graphs.cycle(4), (Axis(4, periodic=True),)),
        (graphs.grid(2, 3), (Axis(2, periodic=False), Axis(3, periodic=False))),
        (graphs.grid(3, 4, periodic=True), (Axis(3, periodic=True), Axis(4, periodic=True))),
        (graphs.box(graphs.path(2), graphs.cycle(3)), (Axis(2, periodic=False), Axis(3, periodic=True))),
        (graphs.box(graphs.path(2), graphs.star(3)), None),
        (graphs.complete(4), None),
        (graphs.hypercube(2), None),
        (graphs.edges(2, [(0, 1)]), None),
    ],
    ids=repr,
)
def test_axes(spec: BaseGraph, axes: tuple[Axis, ...] | None) -> None:
    assert spec.axes() == axes


def test_grid_is_the_box_of_its_axes() -> None:
    grid = graphs.grid(3, 4, 2)
    box = graphs.box(graphs.path(3), graphs.path(4), graphs.path(2))
    assert grid.adjacency().canonical_bytes() == box.adjacency().canonical_bytes()
    assert grid.axes() == box.axes()


def test_equal_specifications_are_equal_and_hash_alike() -> None:
    assert graphs.grid(2, 3) == graphs.grid(2, 3)
    assert hash(graphs.grid(2, 3)) == hash(graphs.grid(2, 3))
    assert graphs.grid(2, 3) != graphs.grid(3, 2)
