"""The canonical form and its components, held against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from prolong import graphs
from prolong.graphs import Adjacency


@st.composite
def edge_lists(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    n = draw(st.integers(1, 30))
    vertex = st.integers(0, n - 1)
    edges = draw(st.lists(st.tuples(vertex, vertex).filter(lambda edge: edge[0] != edge[1]), max_size=40))
    return n, edges


def made(n: int, edges: list[tuple[int, int]]) -> Adjacency:
    first, second = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    return Adjacency.from_edges(n, first, second)


@given(edge_lists())
def test_components_are_scipy_s(case: tuple[int, list[tuple[int, int]]]) -> None:
    n, edges = case
    adjacency = made(n, edges)
    matrix = coo_array((adjacency.weights, (adjacency.rows, adjacency.cols)), shape=(n, n))
    assert adjacency.components == connected_components(matrix, directed=False)[0]


@given(edge_lists(), st.randoms(use_true_random=False))
def test_order_direction_and_repetition_do_not_matter(
    case: tuple[int, list[tuple[int, int]]], random: np.random.RandomState
) -> None:
    n, edges = case
    shuffled = [edge[::-1] if random.random() < 0.5 else edge for edge in edges + edges[:3]]
    random.shuffle(shuffled)
    assert made(n, edges).canonical_bytes() == made(n, shuffled).canonical_bytes()


@pytest.mark.parametrize("order", ["forward", "backward", "shuffled"])
def test_components_of_a_long_path(order: str) -> None:
    n = 100_000
    labels = np.arange(n)
    if order == "backward":
        labels = labels[::-1]
    if order == "shuffled":
        labels = np.random.default_rng(0).permutation(n)
    assert Adjacency.from_edges(n, labels[:-1], labels[1:]).components == 1
    assert Adjacency.from_edges(n, labels[:-2], labels[1:-1]).components == 2


def test_vertices_without_edges_are_components() -> None:
    assert made(5, []).components == 5
    assert graphs.edges(4, [(0, 3)]).adjacency().components == 3


def test_the_vertex_count_is_part_of_the_form() -> None:
    assert made(2, [(0, 1)]).canonical_bytes() != made(3, [(0, 1)]).canonical_bytes()


def test_the_canonical_bytes_are_little_endian_columns() -> None:
    adjacency = graphs.edges(3, [(2, 1, 0.5), (1, 0)]).adjacency()
    integers = np.array([3, 2, 0, 1, 1, 2], dtype="<i8").tobytes()
    assert adjacency.canonical_bytes() == integers + np.array([1.0, 0.5], dtype="<f8").tobytes()


def test_the_arrays_of_the_caller_stay_the_caller_s() -> None:
    first, second, weights = np.array([0, 1]), np.array([1, 2]), np.array([1.0, 2.0])
    adjacency = Adjacency.from_edges(3, first, second, weights)
    first[0], second[0], weights[0] = 2, 0, 9.0
    assert (adjacency.rows.tolist(), adjacency.cols.tolist(), adjacency.weights.tolist()) == (
        [0, 1],
        [1, 2],
        [1, 2],
    )


@pytest.mark.parametrize(
    ("edges", "weights", "code"),
    [
        ([(0, 3)], None, "vertex_out_of_range"),
        ([(-1, 2)], None, "vertex_out_of_range"),
        ([(1, 1)], None, "self_loop"),
        ([(0, 1)], [0.0], "bad_weight"),
        ([(0, 1)], [-1.0], "bad_weight"),
        ([(0, 1)], [np.nan], "bad_weight"),
        ([(0, 1)], [np.inf], "bad_weight"),
        ([(0, 1), (1, 0)], [1.0, 2.0], "two_weights"),
    ],
)
def test_bad_edges_are_refused(edges: list[tuple[int, int]], weights: list[float] | None, code: str) -> None:
    first, second = np.array(edges).T
    with pytest.raises(PydanticCustomError) as caught:
        Adjacency.from_edges(3, first, second, None if weights is None else np.array(weights))
    assert caught.value.type == code
