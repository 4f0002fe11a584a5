import networkx as nx
import numpy as np
import pytest
import scipy.sparse as sp

from prolong import graphs
from prolong_worker.solve.graph_matrices import dense, hop_distances, is_connected, laplacian


@pytest.mark.parametrize("graph", [graphs.grid(3, 4), graphs.wheel(7), graphs.path(500), graphs.path(1)], ids=str)
def test_equal_networkx(graph):
    edges = graph.adjacency()
    twin = nx.Graph(zip(edges.rows.tolist(), edges.cols.tolist(), strict=True))
    twin.add_nodes_from(range(edges.n))
    order = range(edges.n)
    np.testing.assert_array_equal(dense(laplacian(edges)), nx.laplacian_matrix(twin, order).toarray())
    np.testing.assert_array_equal(hop_distances(edges), nx.floyd_warshall_numpy(twin, order))


def test_weights_enter_the_laplacian_and_not_the_hops():
    edges = graphs.edges(3, [(0, 1, 2.5), (1, 2, 0.5)]).adjacency()
    np.testing.assert_array_equal(laplacian(edges), [[2.5, -2.5, 0], [-2.5, 3, -0.5], [0, -0.5, 0.5]])
    np.testing.assert_array_equal(hop_distances(edges), [[0, 1, 2], [1, 0, 1], [2, 1, 0]])


def test_large_sparse_graphs_stay_sparse():
    assert sp.issparse(laplacian(graphs.path(1000).adjacency()))
    assert isinstance(laplacian(graphs.path(50).adjacency()), np.ndarray)


def test_connected():
    assert is_connected(graphs.path(1).adjacency())
    assert not is_connected(graphs.edges(3, [(0, 1)]).adjacency())
