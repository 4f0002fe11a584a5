import networkx as nx
import numpy as np
import pytest

from prolong import graphs
from prolong_worker.solve.graph_matrices import dense, hop_distances, laplacian
from prolong_worker.solve.joint_spectra import commute, eigenspaces, joint_spectrum
from prolong_worker.solve.spectra import Spectrum

COMMUTING = [
    graphs.path(1),
    graphs.path(2),
    graphs.cycle(7),
    graphs.cycle(64),
    graphs.grid(5, 6, periodic=True),
    graphs.grid(8, 8, periodic=True),
    graphs.hypercube(6),
    graphs.complete(20),
    graphs.from_networkx(nx.circulant_graph(30, [1, 5, 8])),
    graphs.from_networkx(nx.petersen_graph()),
    graphs.edges(5, [(k, (k + 1) % 5, 0.1) for k in range(5)]),
    graphs.cycle(500),
]
OTHERS = [
    graphs.path(8),
    graphs.tree(2, 3),
    graphs.star(5),
    graphs.grid(3, 4),
    graphs.from_networkx(nx.karate_club_graph(), weight=None),
    graphs.edges(5, [(k, (k + 1) % 5, 1.0 + 1e-6 * k) for k in range(5)]),
]


def _matrices(graph):
    return laplacian(graph.adjacency()), hop_distances(graph.adjacency())


@pytest.mark.parametrize("graph", COMMUTING, ids=lambda graph: f"{graph.kind}-{graph.n}")
def test_both_matrices_are_diagonal_in_the_common_basis(graph):
    first, second = _matrices(graph)
    joint = joint_spectrum(Spectrum(first), Spectrum(second))
    assert joint is not None
    np.testing.assert_allclose(joint.vectors.T @ joint.vectors, np.eye(graph.n), atol=1e-12)
    for matrix, values in ((dense(first), joint.first), (second, joint.second)):
        size = max(np.abs(values).max(), 1.0)
        np.testing.assert_allclose(matrix @ joint.vectors, joint.vectors * values, atol=1e-12 * size)


@pytest.mark.parametrize("graph", OTHERS, ids=lambda graph: f"{graph.kind}-{graph.n}")
def test_graphs_whose_matrices_do_not_commute_are_recognised(graph):
    first, second = _matrices(graph)
    assert not commute(first, second)
    assert joint_spectrum(Spectrum(first), Spectrum(second)) is None


def test_close_eigenvalues_are_told_apart_by_the_other_matrix(rng):
    basis, _ = np.linalg.qr(rng.standard_normal((12, 12)))
    first = np.repeat([0.0, 1.0, 1.0 + 3e-8, 2.0], 3)
    second = np.arange(12.0) ** 2
    pair = [Spectrum((basis * values) @ basis.T) for values in (first, second)]
    joint = joint_spectrum(*(Spectrum((pair_.matrix + pair_.matrix.T) / 2) for pair_ in pair))
    assert joint is not None
    np.testing.assert_allclose(np.sort(joint.second), second, atol=1e-11)
    np.testing.assert_allclose(joint.first, first, atol=1e-11)


def test_eigenspaces_are_runs_of_close_values():
    values = np.array([0.0, 1.0, 1.0 + 1e-12, 2.0])
    assert eigenspaces(values, 1e-10) == [slice(0, 1), slice(1, 3), slice(3, 4)]
