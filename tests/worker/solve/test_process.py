"""Other processes than the Laplacian, against dense formulas."""

import networkx as nx
import numpy as np
import pytest
import scipy.linalg

from prolong import Problem, graphs
from prolong.process import Heat, Matrices
from prolong_worker.solve import solve
from prolong_worker.solve.graph_matrices import dense, hop_distances, laplacian
from prolong_worker.solve.heat import HeatPair
from prolong_worker.solve.process import normalized_laplacian
from prolong_worker.solve.setting import setting_of

COARSE, FINE = graphs.star(6), graphs.wheel(9)


def formula(problem, matrices, point):
    """The objective with the diffusion term `|| P A - B P ||` of two given matrices."""
    coarse, fine = problem.coarse.adjacency(), problem.fine.adjacency()
    beta = setting_of(problem).locality.scale.start
    before, after = matrices
    diffusion = np.linalg.norm(point @ before - after @ point)
    locality = np.linalg.norm(point @ hop_distances(coarse) / beta**0.5 - beta**0.5 * hop_distances(fine) @ point)
    return (1 - problem.s) * diffusion + problem.s * locality


def heat_matrices(problem, alpha):
    t = problem.process.t
    small, large = (dense(laplacian(graph.adjacency())) for graph in (problem.coarse, problem.fine))
    return scipy.linalg.expm(-t / alpha * small), scipy.linalg.expm(-t * alpha * large)


def random_point(rng, n_fine=9, n_coarse=6):
    return np.linalg.qr(rng.standard_normal((n_fine, n_coarse)))[0]


def test_the_normalized_laplacian_is_that_of_networkx():
    graph = nx.karate_club_graph()
    ours = dense(normalized_laplacian(graphs.from_networkx(graph, weight="weight").adjacency()))
    np.testing.assert_allclose(ours, nx.normalized_laplacian_matrix(graph).toarray(), atol=1e-14)


def test_vertices_without_edges_have_zero_rows():
    matrix = dense(normalized_laplacian(graphs.edges(3, [(0, 2, 4.0)]).adjacency()))
    np.testing.assert_allclose(matrix, [[1, 0, -1], [0, 0, 0], [-1, 0, 1]])


def test_large_sparse_ones_stay_sparse():
    assert normalized_laplacian(graphs.path(500).adjacency()).nnz == 3 * 500 - 2


@pytest.mark.parametrize("alpha", [0.7, "auto"])
@pytest.mark.parametrize("t", [0.01, 1.0, 5.0])
def test_heat_has_the_documented_objective(alpha, t, rng):
    problem = Problem(coarse=COARSE, fine=FINE, locality=0.3, process=Heat(t=t), alpha=alpha)
    setting = setting_of(problem)
    point = random_point(rng)
    matrices = heat_matrices(problem, setting.diffusion.scale.start)
    assert setting.objective.value(point) == pytest.approx(formula(problem, matrices, point), rel=1e-10)


def test_the_normalized_laplacian_and_matrices_enter_like_laplacians(rng):
    point, alpha = random_point(rng), 0.6
    pairs = {
        "normalized_laplacian": [dense(normalized_laplacian(graph.adjacency())) for graph in (COARSE, FINE)],
        "matrices": [matrix + matrix.T for matrix in (rng.standard_normal((n, n)) for n in (6, 9))],
    }
    for name, (small, large) in pairs.items():
        process = Matrices(coarse=small, fine=large) if name == "matrices" else name
        problem = Problem(coarse=COARSE, fine=FINE, locality=0.3, process=process, alpha=alpha)
        expected = formula(problem, (small / alpha**0.5, alpha**0.5 * large), point)
        assert setting_of(problem).objective.value(point) == pytest.approx(expected)


@pytest.mark.parametrize("process", ["normalized_laplacian", Heat(t=0.8)])
def test_the_gradient_is_that_of_the_objective(process, rng):
    objective = setting_of(Problem(coarse=COARSE, fine=FINE, locality=0.4, process=process)).objective
    point, direction = random_point(rng), rng.standard_normal((9, 6))
    step = 1e-6
    slope = (objective.value(point + step * direction) - objective.value(point - step * direction)) / (2 * step)
    assert np.vdot(objective.at(point).gradient, direction) == pytest.approx(slope, rel=1e-6)


def test_laplacians_as_matrices_give_the_problem_s_own_operator():
    small, large = (dense(laplacian(graph.adjacency())) for graph in (COARSE, FINE))
    settings = {"coarse": COARSE, "fine": FINE, "locality": 0.5, "starts": 2}
    own = solve(Problem(**settings)).operator
    given = solve(Problem(**settings, process=Matrices(coarse=small, fine=large))).operator
    assert given.certificate.objective == pytest.approx(own.certificate.objective, rel=1e-6)


@pytest.mark.parametrize("process", ["normalized_laplacian", Heat(t=1.0), Heat(t=30.0)])
@pytest.mark.parametrize("locality", [0.0, 0.5])
def test_searches_end_with_a_certificate_that_a_recomputation_confirms(process, locality):
    problem = Problem(coarse=COARSE, fine=FINE, locality=locality, process=process, starts=2, max_seconds=20)
    operator = solve(problem).operator
    found = operator.certificate
    if process == "normalized_laplacian":
        small, large = (dense(normalized_laplacian(graph.adjacency())) for graph in (COARSE, FINE))
        matrices = small / found.alpha**0.5, found.alpha**0.5 * large
    else:
        matrices = heat_matrices(problem, found.alpha)
    assert found.objective == pytest.approx(formula(problem, matrices, operator.to_dense()), rel=1e-8, abs=1e-11)
    assert found.lower_bound <= found.objective
    if locality == 0:
        assert found.gap == 0


def test_heat_at_locality_zero_is_the_distance_at_that_scale():
    problem = Problem(coarse=COARSE, fine=FINE, locality=0, process=Heat(t=1.0), alpha=0.9)
    values = (np.linalg.eigvalsh(dense(laplacian(graph.adjacency()))) for graph in (COARSE, FINE))
    pair = HeatPair(*(np.maximum(spectrum, 0) for spectrum in values), 1.0)
    cost = pair.best_scale(type(setting_of(problem).diffusion.scale.allowed)(0.9, 0.9)).cost
    assert solve(problem).operator.certificate.objective == pytest.approx(cost**0.5, rel=1e-9)
