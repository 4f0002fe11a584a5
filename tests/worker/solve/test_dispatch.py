import itertools

import networkx as nx
import numpy as np
import pytest

from prolong import Problem, graphs
from prolong.certificate import Outcome, Proof
from prolong.errors import InvalidInput
from prolong_worker.solve import Control, solve
from prolong_worker.solve.graph_matrices import dense, hop_distances, laplacian


def _terms(problem, certificate, point):
    """Both norms from their definition, without the solver's objective."""
    coarse, fine = problem.coarse.adjacency(), problem.fine.adjacency()
    pairs = ((laplacian, certificate.alpha), (hop_distances, certificate.beta))
    return [
        np.linalg.norm(point @ dense(make(coarse)) / scale**0.5 - scale**0.5 * dense(make(fine)) @ point)
        for make, scale in pairs
    ]


def _check(problem, operator):
    certificate, point = operator.certificate, operator.to_dense()
    s = problem.locality
    diffusion, locality = _terms(problem, certificate, point)
    assert certificate.diffusion == pytest.approx(diffusion, rel=1e-10, abs=1e-10)
    assert certificate.locality == pytest.approx(locality, rel=1e-10, abs=1e-10)
    assert certificate.objective == pytest.approx((1 - s) * diffusion + s * locality, rel=1e-10, abs=1e-10)
    assert certificate.orthonormality_error == np.abs(point.T @ point - np.eye(point.shape[1])).max() < 1e-12
    assert 0 <= certificate.lower_bound <= certificate.objective
    return certificate


@pytest.mark.parametrize(
    ("make", "target"), [(graphs.path, 3.3336), (graphs.cycle, 3.7517)], ids=["path", "cycle"]
)
@pytest.mark.parametrize("seed", [0, 1])
def test_paths_and_cycles_reach_their_targets(make, target, seed):
    problem = Problem(coarse=make(32), fine=make(64), locality=0.5, alpha=1.0, beta=0.25, seed=seed)
    certificate = _check(problem, solve(problem, control=_until(target)).operator)
    assert certificate.objective <= target


def _until(target):
    """A control that cancels the search once it has seen the target; how long that takes is for benchmarks."""
    seen = []
    return Control(should_stop=lambda: bool(seen) and min(seen) <= target, observe=seen.append)


def test_the_cycle_never_falls_below_its_global_optimum():
    problem = Problem(coarse=graphs.cycle(32), fine=graphs.cycle(64), locality=0.5, alpha=1.0, beta=0.25)
    assert solve(problem).operator.certificate.objective == pytest.approx(3.751668, abs=1e-6)


def test_social_graphs_reach_their_target():
    coarse, fine = (
        graphs.from_networkx(graph, weight=None) for graph in (nx.karate_club_graph(), nx.les_miserables_graph())
    )
    tops = [np.linalg.eigvalsh(hop_distances(graph.adjacency()))[-1] for graph in (coarse, fine)]
    problem = Problem(coarse=coarse, fine=fine, locality=0.5, alpha=1.0, beta=float(tops[0] / tops[1]))
    certificate = _check(problem, solve(problem, control=_until(13.06)).operator)
    assert certificate.objective <= 13.06
    assert certificate.lower_bound >= 10.79


@pytest.mark.parametrize("locality", [0.0, 1.0])
@pytest.mark.parametrize("scale", [0.5, "auto", "joint"])
def test_one_term_alone_is_solved_exactly(locality, scale):
    problem = Problem(coarse=graphs.tree(2, 2), fine=graphs.grid(3, 5), locality=locality, alpha=scale, beta=scale)
    certificate = _check(problem, solve(problem).operator)
    assert certificate.outcome == Outcome.OPTIMAL
    assert certificate.proof == Proof.EXACT
    assert certificate.gap == 0


def test_an_objective_of_zero():
    problem = Problem(coarse=graphs.path(16), fine=graphs.path(32), locality=0.0, alpha=1.0)
    certificate = solve(problem).operator.certificate
    assert certificate.objective < 1e-12
    assert certificate.gap == 0
    assert certificate.outcome == Outcome.OPTIMAL


def test_disconnected_pairs_have_no_locality():
    two = graphs.edges(4, [(0, 1), (2, 3, 0.5)])
    three = graphs.edges(6, [(0, 1, 2.0), (2, 3), (4, 5)])
    certificate = solve(Problem(coarse=two, fine=three, locality=0.0)).operator.certificate
    assert certificate.locality is None
    assert certificate.beta is None
    assert certificate.outcome == Outcome.OPTIMAL


@pytest.mark.parametrize(
    ("coarse", "fine"),
    [
        (graphs.path(1), graphs.path(1)),
        (graphs.path(1), graphs.path(4)),
        (graphs.path(6), graphs.path(6)),
        (graphs.complete(4), graphs.complete(7)),
        (graphs.star(4), graphs.star(7)),
        (graphs.hypercube(2), graphs.hypercube(3)),
        (graphs.edges(3, [(0, 1, 2.5), (1, 2, 0.1)]), graphs.path(6)),
    ],
    ids=str,
)
@pytest.mark.parametrize("scale", ["auto", "joint"])
def test_small_and_degenerate_pairs(coarse, fine, scale):
    problem = Problem(coarse=coarse, fine=fine, locality=0.5, alpha=scale, beta=scale, starts=2)
    _check(problem, solve(problem).operator)


@pytest.mark.parametrize("method", ["munkres", "stiefel", "pymanopt_cg", "pymanopt_trust_regions", "closed_form"])
def test_every_method_gives_a_true_certificate(method, timed):
    problem = Problem(
        coarse=graphs.path(4), fine=graphs.path(8), locality=0.5, method=method, max_seconds=1.0, starts=1
    )
    assert _check(problem, solve(problem, control=timed).operator).method == method


def test_joint_is_never_worse_than_auto():
    values = {
        scale: solve(
            Problem(coarse=graphs.path(6), fine=graphs.tree(2, 3), locality=0.5, alpha=scale, beta=scale)
        ).operator.certificate.objective
        for scale in ("auto", "joint")
    }
    assert values["joint"] <= values["auto"] * (1 + 1e-6)


def test_equal_seeds_give_equal_bytes(small):
    first, second = (solve(small).operator.to_dense() for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_the_search_beats_its_starts(small):
    plain = solve(small.model_copy(update={"method": "munkres"})).operator.certificate.objective
    assert solve(small).operator.certificate.objective < plain


@pytest.mark.parametrize("method", ["stiefel", "pymanopt_cg", "pymanopt_trust_regions"])
@pytest.mark.parametrize("after", [0, 1, 40])
def test_cancellation_returns_the_best_point_so_far(method, after):
    calls = itertools.count()
    problem = Problem(coarse=graphs.path(8), fine=graphs.tree(2, 3), locality=0.5, method=method)
    operator = solve(problem, control=Control(should_stop=lambda: next(calls) >= after)).operator
    assert _check(problem, operator).outcome == Outcome.CANCELLED


@pytest.mark.parametrize("method", ["stiefel", "pymanopt_cg", "pymanopt_trust_regions"])
def test_time_limit_returns_the_best_point_so_far(method):
    ticks = itertools.count()
    problem = Problem(coarse=graphs.path(8), fine=graphs.tree(2, 3), locality=0.5, method=method, max_seconds=30.0)
    operator = solve(problem, control=Control(clock=lambda: float(next(ticks)))).operator
    assert _check(problem, operator).outcome == Outcome.TIME_LIMIT


def test_progress_never_gets_worse(small):
    told = []
    certificate = solve(small, control=Control(report=told.append)).operator.certificate
    values = [progress.objective for progress in told]
    assert len(values) > 3
    assert values == sorted(values, reverse=True)
    assert certificate.objective <= values[-1] + 1e-12
    bounds = [progress.lower_bound for progress in told]
    assert bounds == sorted(bounds)
    assert certificate.lower_bound == pytest.approx(bounds[-1])


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({"method": "spectral", "locality": 0.5}, "/method"),
        ({"method": "closed_form"}, "/method"),
        ({"structure": "aggregation"}, "/structure"),
        ({"structure": "aggregation", "method": "stiefel"}, "/method"),
    ],
)
def test_misfits_name_the_field(settings, pointer):
    problem = Problem(coarse=graphs.path(3), fine=graphs.path(7), **settings)
    with pytest.raises(InvalidInput) as caught:
        solve(problem)
    assert [error.pointer for error in caught.value.errors] == [pointer]


def test_nothing_is_printed(small, capsys):
    solve(small)
    assert capsys.readouterr() == ("", "")
