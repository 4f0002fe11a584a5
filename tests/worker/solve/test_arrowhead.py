import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from prolong_worker.solve.arrowhead import arrowhead_eigenvalues

_entries = st.sampled_from([0.0, 1.0, -2.0, 1e-18, 0.5, 3.0]) | st.floats(-10, 10)


@given(_entries, st.lists(st.tuples(_entries, _entries), max_size=8))
def test_equals_dense_eigenvalues(corner, arms):
    diagonal, coupling = (np.array([arm[k] for arm in arms]) for k in (0, 1))
    matrix = np.diag(np.concatenate([[corner], diagonal]))
    matrix[0, 1:] = matrix[1:, 0] = coupling
    expected = np.linalg.eigvalsh(matrix)
    np.testing.assert_allclose(arrowhead_eigenvalues(corner, diagonal, coupling), expected, atol=1e-12)
