"""The quadratic against the objective's norms, and its basis against dense algebra."""

import numpy as np
import pytest

from prolong_worker.solve.dual.multipliers import Multipliers
from prolong_worker.solve.dual.quadratic import Quadratic
from prolong_worker.solve.starts import random_point


def test_value_is_the_weighted_sum_of_squared_norms(make_setting, rng):
    setting = make_setting(4, 7)
    quadratic = Quadratic.of(setting, (0.7, 0.3))
    point = random_point(setting.shape, rng)
    first, second = setting.objective.at(point).terms
    assert quadratic.value(point) == pytest.approx(0.7 * first.norm**2 + 0.3 * second.norm**2, rel=1e-12)
    assert quadratic.value(np.stack([point, point])) == pytest.approx(2 * quadratic.value(point), rel=1e-12)


def test_basis_holds_the_exact_diagonal(quadratic):
    basis = quadratic.basis
    for row, column in [(0, 0), (3, 2), (7, 4)]:
        direction = np.outer(basis.left[:, row], basis.right[:, column])
        assert np.vdot(direction, quadratic.apply(direction)) == pytest.approx(basis.diagonal[row, column])


def test_division_inverts_a_diagonal_operator(quadratic, rng):
    stack = rng.standard_normal((2, *quadratic.shape))
    diagonal = 1 + rng.random(quadratic.shape)
    basis = quadratic.basis
    image = basis.divide(stack, diagonal)
    rotated = basis.left.T @ image @ basis.right * diagonal
    np.testing.assert_allclose(basis.left @ rotated @ basis.right.T, stack, atol=1e-12)


def test_size_bounds_the_spectral_norm(quadratic):
    nothing = Multipliers(quadratic, np.zeros((5, 5)), np.zeros((8, 8)))
    assert np.linalg.norm(nothing.matrix(), 2) <= quadratic.size
