"""Whatever the multipliers, the bound holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prolong_worker.solve.dual.multipliers import Multipliers
from prolong_worker.solve.dual.quadratic import Quadratic
from prolong_worker.solve.starts import random_point


def _symmetric(n, rng, size):
    matrix = size * rng.standard_normal((n, n))
    return (matrix + matrix.T) / 2


def test_matrix_agrees_with_the_products(quadratic, rng):
    multipliers = Multipliers(quadratic, _symmetric(5, rng, 1), _symmetric(8, rng, 1))
    stack = rng.standard_normal((3, 8, 5))
    matrix = multipliers.matrix()
    np.testing.assert_allclose(matrix, matrix.T)
    np.testing.assert_allclose(
        multipliers.apply(stack).reshape(3, -1), stack.reshape(3, -1) @ matrix, rtol=1e-10, atol=1e-8
    )
    assert np.linalg.norm(matrix, 2) <= multipliers.size


def test_diagonal_is_that_of_the_basis(quadratic, rng):
    multipliers = Multipliers(quadratic, _symmetric(5, rng, 1), _symmetric(8, rng, 1))
    direction = np.outer(quadratic.basis.left[:, 2], quadratic.basis.right[:, 1])
    assert np.vdot(direction, multipliers.apply(direction)) == pytest.approx(multipliers.diagonal[2, 1])


@settings(max_examples=80, deadline=None)
@given(
    st.tuples(st.integers(1, 5), st.integers(0, 4)),
    st.integers(0, 10**6),
    st.sampled_from([0.0, 0.1, 1.0, 30.0]),
    st.sampled_from([(1.0, 0.0), (0.0, 1.0), (0.5, 0.5), (1e-3, 1.0)]),
)
def test_corrupt_multipliers_still_bound_every_point(make_setting, sizes, seed, size, weights):
    n_coarse, more = sizes
    quadratic = Quadratic.of(make_setting(n_coarse, n_coarse + more, seed), weights)
    rng = np.random.default_rng(seed)
    n_fine = n_coarse + more
    multipliers = Multipliers(quadratic, _symmetric(n_coarse, rng, size), _symmetric(n_fine, rng, size))
    bound = multipliers.bound(float(np.linalg.eigvalsh(multipliers.matrix())[0]))
    for _ in range(30):
        value = quadratic.value(random_point(quadratic.shape, rng))
        assert bound <= value + 1e-9 * multipliers.size


def test_the_bound_is_attained_where_it_is_tight(make_setting):
    # One coarse vertex: the relaxation is an eigenvalue problem, solved by S alone.
    quadratic = Quadratic.of(make_setting(1, 6), (1.0, 1.0))
    free = Multipliers(quadratic, np.zeros((1, 1)), np.zeros((6, 6)))
    smallest = float(np.linalg.eigvalsh(free.matrix())[0])
    shifted = Multipliers(quadratic, np.array([[smallest]]), np.zeros((6, 6)))
    assert free.bound(smallest) == pytest.approx(smallest)
    assert shifted.bound(0.0) == pytest.approx(smallest)
