import numpy as np
import pytest

from prolong import Problem, graphs
from prolong.errors import InvalidInput
from prolong_worker.solve.aggregation import aggregation_operator, matched_axes


def _operator(coarse, fine):
    return aggregation_operator(matched_axes(Problem(coarse=coarse, fine=fine)))


def test_pairs_of_a_path():
    expected = np.kron(np.eye(3), np.full((2, 1), 0.5**0.5))
    np.testing.assert_allclose(_operator(graphs.path(3), graphs.path(6)).to_dense(), expected)


def test_a_grid_is_the_kronecker_product_of_its_axes():
    factors = [_operator(graphs.path(2), graphs.path(4)), _operator(graphs.path(3), graphs.path(9))]
    expected = np.kron(*(factor.to_dense() for factor in factors))
    np.testing.assert_allclose(_operator(graphs.grid(2, 3), graphs.grid(4, 9)).to_dense(), expected)


def test_one_entry_a_row_and_orthonormal_columns():
    operator = _operator(graphs.cycle(5), graphs.cycle(15))
    assert operator.partition is not None
    assert operator.orthonormality_error() < 1e-15


@pytest.mark.parametrize(
    ("coarse", "fine", "word"),
    [
        (graphs.path(3), graphs.path(7), "multiple"),
        (graphs.path(3), graphs.cycle(6), "alike"),
        (graphs.path(4), graphs.grid(2, 4), "axes"),
        (graphs.star(3), graphs.path(6), "paths, cycles or grids"),
    ],
    ids=str,
)
def test_pairs_without_one_are_refused(coarse, fine, word):
    with pytest.raises(InvalidInput, match=word):
        _operator(coarse, fine)
