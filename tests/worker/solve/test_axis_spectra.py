import numpy as np
import pytest

from prolong import graphs
from prolong_worker.solve.axis_spectra import distance_values, laplacian_values
from prolong_worker.solve.graph_matrices import dense, hop_distances, laplacian

CASES = [
    *(graphs.path(n) for n in (1, 2, 3, 4, 5, 8, 9, 64, 65)),
    *(graphs.cycle(n) for n in (3, 4, 7, 8, 64)),
    *(graphs.grid(*shape) for shape in ((2, 2), (3, 4), (4, 4), (1, 5), (7,), (2, 3, 4), (3, 3, 3), (12, 17))),
    *(graphs.grid(*shape, periodic=True) for shape in ((5, 5), (3, 6), (3, 4, 5))),
]


@pytest.mark.parametrize("graph", CASES, ids=str)
def test_equal_dense_spectra(graph):
    edges = graph.adjacency()
    expected = np.linalg.eigvalsh(dense(laplacian(edges)))
    np.testing.assert_allclose(laplacian_values(graph.axes()), expected, atol=1e-12)
    expected = np.linalg.eigvalsh(hop_distances(edges))
    np.testing.assert_allclose(distance_values(graph.axes()), expected, rtol=1e-12, atol=1e-13 * edges.n**2)
