"""The graph diffusion distance against its definition."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from prolong import graphs
from prolong_worker.solve.distance import LaplacianSpectrum, distance, distance_operator, in_order, pairs

TIMES = [None, 0.05, 1.0]


def spectrum(graph: Any) -> LaplacianSpectrum:
    return LaplacianSpectrum(graph.adjacency())


def dense_laplacian(graph: Any) -> np.ndarray:
    edges = graph.adjacency()
    matrix = np.zeros((edges.n, edges.n))
    matrix[edges.rows, edges.cols] = matrix[edges.cols, edges.rows] = -edges.weights
    return matrix - np.diag(matrix.sum(axis=0))


def definition(coarse: Any, fine: Any, point: np.ndarray, *, time: float | None, alpha: float) -> float:
    small, large = dense_laplacian(coarse), dense_laplacian(fine)
    if time is None:
        return float(np.linalg.norm(point @ small / alpha**0.5 - alpha**0.5 * large @ point))
    before, after = scipy.linalg.expm(-time / alpha * small), scipy.linalg.expm(-time * alpha * large)
    return float(np.linalg.norm(point @ before - after @ point))


@st.composite
def random_graphs(draw: st.DrawFn, most: int = 7) -> Any:
    n = draw(st.integers(2, most))
    parents = [draw(st.integers(0, child - 1)) for child in range(1, n)]
    edges = {(parent, child + 1) for child, parent in enumerate(parents)}
    others = [edge for edge in itertools.combinations(range(n), 2) if edge not in edges]
    chosen = draw(st.lists(st.sampled_from(others), unique=True)) if others else []
    return graphs.edges(n, sorted(edges | set(chosen)))


@pytest.mark.parametrize("time", TIMES)
@given(first=random_graphs(), second=random_graphs())
@settings(max_examples=25, deadline=None)
def test_the_operator_reproduces_the_distance(first: Any, second: Any, time: float | None) -> None:
    spectra = spectrum(first), spectrum(second)
    found = distance(*spectra, time)
    point = distance_operator(*spectra, time=time, alpha=found.alpha)
    coarse, fine = (first, second) if first.n <= second.n else (second, first)
    np.testing.assert_allclose(point.T @ point, np.eye(coarse.n), atol=1e-12)
    value = definition(coarse, fine, point, time=time, alpha=found.alpha)
    assert value == pytest.approx(found.value, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("time", TIMES)
@given(first=random_graphs(), second=random_graphs(), seed=st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_no_operator_at_any_scale_is_below_the_bound(
    first: Any, second: Any, seed: int, time: float | None
) -> None:
    coarse, fine = (first, second) if first.n <= second.n else (second, first)
    found = distance(spectrum(first), spectrum(second), time)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        point, _ = np.linalg.qr(rng.standard_normal((fine.n, coarse.n)))
        alpha = float(np.exp(rng.normal()))
        assert definition(coarse, fine, point, time=time, alpha=alpha) >= found.lower_bound - 1e-12


@pytest.mark.parametrize("time", TIMES)
@given(first=random_graphs(5), second=random_graphs(5))
@settings(max_examples=15, deadline=None)
def test_it_is_the_best_of_all_matchings_on_a_grid_of_scales(first: Any, second: Any, time: float | None) -> None:
    found = distance(spectrum(first), spectrum(second), time)
    coarse, fine = (spectrum(graph).values for graph in sorted((first, second), key=lambda graph: graph.n))
    grid = np.exp(np.linspace(-4, 4, 401))
    if time is None:
        small, large = coarse / np.sqrt(grid)[:, None], fine * np.sqrt(grid)[:, None]
    else:
        small, large = np.exp(-time / grid[:, None] * coarse), np.exp(-time * grid[:, None] * fine)
    choices = itertools.permutations(range(fine.size), coarse.size)
    best = min(float(np.min(np.sum((small - large[:, list(chosen)]) ** 2, axis=1))) for chosen in choices)
    assert found.lower_bound <= math.sqrt(best) + 1e-12
    assert found.value <= math.sqrt(best) + 1e-12
    assert found.value >= math.sqrt(best) - 0.02 * (coarse[-1] + fine[-1])


@pytest.mark.parametrize("time", TIMES)
@given(first=random_graphs(), second=random_graphs())
@settings(max_examples=20, deadline=None)
def test_it_is_symmetric_and_its_proof_is_closed(first: Any, second: Any, time: float | None) -> None:
    one = distance(spectrum(first), spectrum(second), time)
    other = distance(spectrum(second), spectrum(first), time)
    assert one.value == pytest.approx(other.value, rel=1e-8, abs=1e-11)
    assert one.value - one.lower_bound <= 1e-6 * one.value + 1e-9


@pytest.mark.parametrize("time", TIMES)
@given(graph=random_graphs(), seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_it_is_zero_between_copies_with_other_labels(graph: Any, seed: int, time: float | None) -> None:
    order = np.random.default_rng(seed).permutation(graph.n)
    edges = graph.adjacency()
    copy = graphs.edges(
        graph.n, [(int(order[u]), int(order[v])) for u, v in zip(edges.rows, edges.cols, strict=True)]
    )
    found = distance(spectrum(graph), spectrum(copy), time)
    assert found.value == pytest.approx(0, abs=1e-12)
    assert found.lower_bound == found.value


def test_paths_nest_in_paths_of_twice_the_length() -> None:
    for time in TIMES:
        assert distance(spectrum(graphs.path(8)), spectrum(graphs.path(16)), time).value < 1e-12


@pytest.mark.parametrize("names", [("path:9", "cycle:14"), ("star:6", "tree:2,3"), ("grid:3x3", "wheel:9")])
def test_heat_at_small_times_is_the_linear_form(names: tuple[str, str]) -> None:
    first, second = (spectrum(graphs.parse(name)) for name in names)
    linear, heat = distance(first, second, None), distance(first, second, 1e-6)
    assert heat.value / 1e-6 == pytest.approx(linear.value, rel=1e-4)
    assert heat.alpha**2 == pytest.approx(linear.alpha, rel=1e-3)


def test_at_one_scale_equal_orders_obey_the_triangle_inequality() -> None:
    # With alpha = 1 the distance of graphs of one order is the Euclidean one of sorted spectra; the best scale can
    # only lower it.
    shapes = [
        spectrum(graphs.parse(name)) for name in ("path:8", "cycle:8", "star:8", "complete:8", "hypercube:3")
    ]
    for first, second in itertools.combinations(shapes, 2):
        plain = float(np.linalg.norm(np.exp(-first.values) - np.exp(-second.values)))
        assert distance(first, second, 1.0).value <= plain + 1e-12


def test_components_are_exact_zeros() -> None:
    values = spectrum(graphs.edges(6, [(0, 1), (2, 3, 1e-9), (4, 5, 1e6)])).values
    assert list(values[:3]) == [0, 0, 0]
    np.testing.assert_allclose(values[3:], [2e-9, 2, 2e6], rtol=1e-3)


def test_edgeless_graphs_have_a_distance_too() -> None:
    single, empty, path = (spectrum(graph) for graph in (graphs.path(1), graphs.edges(3, []), graphs.path(5)))
    for time in TIMES:
        assert distance(single, path, time).value < 1e-12
        assert distance(single, empty, time).value == 0
        assert distance(empty, path, time).lower_bound <= 1e-5


def test_the_smaller_graph_is_the_coarse_one() -> None:
    small, large = spectrum(graphs.path(3)), spectrum(graphs.path(5))
    assert in_order(large, small) == in_order(small, large) == (small, large)
    assert pairs(3) == [(0, 1), (0, 2), (1, 2)]
