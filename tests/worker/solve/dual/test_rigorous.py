"""Proven eigenvalues against dense ones."""

import numpy as np
import pytest

from prolong_worker.solve.dual.multipliers import Multipliers
from prolong_worker.solve.dual.rigorous import is_positive_definite, proven_eigenvalue


@pytest.fixture
def multipliers(quadratic, rng):
    fine = rng.standard_normal((8, 8))
    return Multipliers(quadratic, rng.standard_normal() * np.eye(5), fine @ fine.T)


@pytest.mark.parametrize("offset", [-1.0, -1e-6, 0.0, 1e-6, 1e-3])
def test_what_is_proven_is_never_above_the_smallest_eigenvalue(multipliers, offset):
    smallest = float(np.linalg.eigvalsh(multipliers.matrix())[0])
    proven = proven_eigenvalue(multipliers, smallest + offset, step=1e-8)
    assert proven is not None
    assert proven <= smallest
    assert proven >= smallest - 8 * max(abs(offset), 1e-8) - 1e-10


def test_a_guess_far_too_large_is_rejected(multipliers):
    smallest = float(np.linalg.eigvalsh(multipliers.matrix())[0])
    assert proven_eigenvalue(multipliers, smallest + 1, step=1e-12, attempts=3) is None


def test_shifts_just_above_the_smallest_eigenvalue_are_told_from_those_below(multipliers):
    matrix = multipliers.matrix()
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    assert is_positive_definite(matrix - (smallest - 1e-9) * np.eye(len(matrix)))
    assert not is_positive_definite(matrix - (smallest + 1e-9) * np.eye(len(matrix)))


def test_not_a_number_is_not_positive_definite():
    assert not is_positive_definite(np.full((2, 2), np.nan))
