"""Bounds of E: below every point, close to the semidefinite programs, honest about their kind."""

from contextlib import suppress
from dataclasses import replace

import cvxpy
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prolong import Problem, graphs
from prolong.certificate import Outcome, Proof
from prolong_worker.solve.control import Control, Interrupted, Watch
from prolong_worker.solve.descent import sprint
from prolong_worker.solve.dual import proof, prove
from prolong_worker.solve.dual.ascent import ascend, start_at
from prolong_worker.solve.dual.multipliers import Multipliers
from prolong_worker.solve.dual.quadratic import Quadratic
from prolong_worker.solve.quadratic import minimise_quadratic
from prolong_worker.solve.search import Search
from prolong_worker.solve.setting import setting_of
from prolong_worker.solve.starts import random_point


def _watch(control=None):
    return Watch(control or Control(), 600.0)


def _searched(setting, control=None):
    search = Search(setting.objective, setting.lower_bound, setting.rounding, _watch(control))
    with suppress(Interrupted):
        sprint(search, random_point(setting.shape, np.random.default_rng(1)), rounds=3)
    return search


def _problem(coarse, fine, **settings):
    return setting_of(
        Problem(coarse=coarse, fine=fine, **{"alpha": 1.0, "beta": 0.25, "locality": 0.5, **settings})
    )


def _program(quadratic):
    """The optimum of the relaxation's dual by an interior-point method."""
    n_fine, n_coarse = quadratic.shape
    coarse = cvxpy.Variable((n_coarse, n_coarse), symmetric=True)
    fine = cvxpy.Variable((n_fine, n_fine), PSD=True)
    fixed = Multipliers(quadratic, np.zeros((n_coarse, n_coarse)), np.zeros((n_fine, n_fine))).matrix()
    shifted = fixed + cvxpy.kron(fine, np.eye(n_coarse)) - cvxpy.kron(np.eye(n_fine), coarse)
    program = cvxpy.Problem(
        cvxpy.Maximize(cvxpy.trace(coarse) - cvxpy.trace(fine)), [(shifted + shifted.T) / 2 >> 0]
    )
    program.solve(solver=cvxpy.CLARABEL)
    return float(program.value)


# The interior-point method may end a little short of its own goal.
@pytest.mark.filterwarnings("ignore:Solution may be inaccurate")
@pytest.mark.parametrize(
    ("coarse", "fine", "weights"),
    [
        (graphs.path(3), graphs.path(6), (1.0, 0.5)),
        (graphs.star(4), graphs.path(6), (1.0, 1.0)),
        (graphs.wheel(4), graphs.star(5), (1.0, 1.0)),
        (graphs.cycle(3), graphs.path(5), (0.3, 1.0)),
        (graphs.path(4), graphs.path(4), (1.0, 1.0)),
        (graphs.path(1), graphs.star(5), (1.0, 1.0)),
    ],
)
def test_the_ascent_meets_the_semidefinite_program(coarse, fine, weights):
    setting = _problem(coarse, fine)
    quadratic = Quadratic.of(setting, weights)
    rng = np.random.default_rng(2)
    point = minimise_quadratic(setting, weights, random_point(setting.shape, rng), watch=_watch())
    value = quadratic.value(point)
    rounds = ascend(quadratic, start_at(point, value, rng), accuracy=1e-5 * value, check=lambda: None, rng=rng)
    found = [next(rounds) for _ in range(8)]
    optimum = _program(quadratic)
    proven = max(
        result.multipliers.bound(float(np.linalg.eigvalsh(result.multipliers.matrix())[0])) for result in found
    )
    assert proven <= optimum + 1e-6 * (1 + value)
    assert proven >= optimum - 2e-3 * value


@pytest.mark.parametrize("kind", [Proof.DUAL_RIGOROUS, Proof.DUAL_NUMERICAL])
@pytest.mark.parametrize(
    ("coarse", "fine"), [(graphs.path(4), graphs.path(8)), (graphs.tree(2, 2), graphs.tree(2, 3))]
)
def test_both_kinds_close_the_gap(monkeypatch, kind, coarse, fine):
    monkeypatch.setattr(proof, "_DENSE_ORDER", 4000 if kind is Proof.DUAL_RIGOROUS else 0)
    setting = _problem(coarse, fine)
    search = _searched(setting)
    bound, outcome = prove(setting, search, tolerance=5e-3)
    assert bound.proof == kind
    assert setting.lower_bound < bound.value <= search.found.value
    assert search.found.value - bound.value <= 0.01 * search.found.value
    assert search.lower_bound == pytest.approx(bound.value)
    assert outcome in (Outcome.OPTIMAL, None)


def _connected(n, seed):
    graph = nx.gnp_random_graph(n, 0.35, seed=seed)
    nx.add_path(graph, range(n))
    return graphs.from_networkx(graph, weight=None)


@settings(max_examples=12, deadline=None)
@given(
    st.integers(1, 5), st.integers(0, 4), st.integers(0, 10**6), st.sampled_from([0.05, 0.5, 0.9]), st.booleans()
)  # fmt: skip
def test_no_point_and_no_descent_is_below_the_bound(n_coarse, more, seed, locality, rigorous):
    setting = _problem(_connected(n_coarse, seed), _connected(n_coarse + more, seed + 1), locality=locality)
    search = _searched(setting)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proof, "_DENSE_ORDER", 4000 if rigorous else 0)
        patch.setattr(proof, "_MOST_WEIGHTS", 3)
        bound, _ = prove(setting, search, tolerance=1e-4)
    rng = np.random.default_rng(seed)
    allowed = bound.value - setting.rounding - 1e-12 * abs(bound.value)
    for _ in range(100):
        assert setting.objective.value(random_point(setting.shape, rng)) >= allowed
    for _ in range(4):
        other = Search(setting.objective, -np.inf, 0.0, _watch())
        sprint(other, random_point(setting.shape, rng), rounds=2)
        assert other.found.value >= allowed


@pytest.mark.parametrize(
    ("coarse", "fine", "changes"),
    [
        (graphs.path(1), graphs.path(1), {}),
        (graphs.path(1), graphs.path(3), {}),
        (graphs.star(4), graphs.star(4), {}),
        (graphs.cycle(4), graphs.cycle(8), {}),
        (graphs.complete(4), graphs.complete(6), {}),
        (graphs.hypercube(2), graphs.hypercube(3), {}),
        (graphs.path(3), graphs.wheel(7), {"alpha": "joint"}),
        (graphs.path(3), graphs.wheel(7), {"locality": 0.0}),
        (graphs.edges(4, [(0, 1), (2, 3)]), graphs.edges(5, [(0, 1)]), {"locality": 0.0}),
    ],
)
def test_unusual_pairs(coarse, fine, changes):
    setting = _problem(coarse, fine, **changes)
    search = Search(setting.objective, setting.lower_bound, setting.rounding, _watch())
    point = np.eye(*setting.shape)
    search.best = setting.objective.at(point)
    bound, _ = prove(setting, search, tolerance=1e-3)
    assert setting.lower_bound <= bound.value + setting.rounding
    assert bound.value <= search.found.value + setting.rounding
    if len(setting.active) == 1 or "alpha" in changes:
        assert bound.proof in {Proof.SPECTRAL, Proof.NONE}


def test_it_is_deterministic():
    setting = _problem(graphs.path(4), graphs.wheel(7))
    first, second = (prove(setting, _searched(setting), tolerance=1e-3, seed=5).bound for _ in range(2))
    assert first == second


def test_a_cancelled_proof_says_so_and_keeps_its_bound():
    setting = _problem(graphs.path(4), graphs.path(9))
    told = []
    search = _searched(setting)
    control = Control(should_stop=lambda: len(told) >= 2, report=told.append)
    search.watch = replace(search.watch, control=control)
    bound, outcome = prove(setting, search, tolerance=1e-9)
    assert outcome is Outcome.CANCELLED
    assert bound.value == pytest.approx(told[-1].lower_bound)
    assert [progress.lower_bound for progress in told] == sorted(progress.lower_bound for progress in told)


def test_a_proof_ends_with_its_time():
    seconds = iter(np.arange(0, 10**6, 0.05))
    setting = _problem(graphs.path(4), graphs.path(9))
    search = _searched(setting, Control(clock=lambda: float(next(seconds))))
    _, outcome = prove(setting, search, tolerance=1e-9)
    assert outcome is None
    assert next(seconds) < 100


def test_large_pairs_are_left_alone(monkeypatch):
    setting = _problem(graphs.path(4), graphs.path(9))
    search = _searched(setting)
    monkeypatch.setattr("prolong_worker.solve.dual.allowance._MOST_WORK", 1e4)
    assert prove(setting, search, tolerance=1e-6).bound.proof is Proof.SPECTRAL
