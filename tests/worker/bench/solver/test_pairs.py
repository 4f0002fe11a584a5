"""The suite."""

from __future__ import annotations

import pytest

from prolong_worker.bench.solver.pairs import ALPHA, random_geometric, suite

SUITE = suite(0)


def test_the_suite_is_as_wide_as_promised():
    assert len([pair for pair in SUITE if 48 <= pair.fine.n <= 512]) >= 16
    assert len({pair.name for pair in SUITE}) == len(SUITE)
    assert max(pair.fine.n for pair in SUITE) == 512
    assert [pair.fine.n for pair in SUITE] == sorted(pair.fine.n for pair in SUITE)
    assert any(pair.fine.n != 2 * pair.coarse.n for pair in SUITE)
    assert len([pair for pair in SUITE if pair.quick]) == 4


@pytest.mark.parametrize("seed", range(4))
def test_graphs_are_connected_and_fit_whatever_the_seed(seed):
    for pair in suite(seed):
        assert pair.coarse.n <= pair.fine.n
        assert pair.coarse.adjacency().components == pair.fine.adjacency().components == 1


def test_the_seed_moves_random_graphs_only():
    moved = {one.name for one, other in zip(suite(0), suite(1), strict=True) if one.fine != other.fine}
    assert moved == {pair.name for pair in SUITE if pair.name.split()[0] in {"random", "small", "scale"}}


def test_the_same_seed_gives_the_same_graphs():
    assert random_geometric(20, 40, seed=5) == random_geometric(20, 40, seed=5)


def test_every_method_gets_the_same_scales():
    pair = next(pair for pair in SUITE if pair.quick)
    problems = [pair.problem(locality, seed=3) for locality in (0.0, 0.3, 0.7, 1.0)]
    assert {problem.alpha for problem in problems} == {ALPHA}
    assert {problem.beta for problem in problems} == {pair.beta}
    assert all(isinstance(problem.beta, float) for problem in problems)
