import numpy as np
import pytest

from prolong_worker.solve.quasi_newton.memory import CurvatureMemory


def _filled(matrix, rng, count, size=50):
    memory = CurvatureMemory(size)
    for _ in range(count):
        step = rng.standard_normal(matrix.shape[0])
        assert memory.add(step, matrix @ step, np.vdot)
    return memory


@pytest.fixture
def matrix(rng):
    factor = rng.standard_normal((6, 6))
    return factor @ factor.T + np.eye(6)


def _multiply(memory, vector):
    return memory.multiply(vector, lambda tangent: 0.3 * tangent, np.vdot)


def test_the_latest_pair_is_reproduced(matrix, rng):
    memory = _filled(matrix, rng, 4)
    latest = memory.latest
    np.testing.assert_allclose(_multiply(memory, latest.difference), latest.step, atol=1e-12)


def test_symmetric_positive_definite(matrix, rng):
    memory = _filled(matrix, rng, 4)
    dense = np.stack([_multiply(memory, unit) for unit in np.eye(6)])
    np.testing.assert_allclose(dense, dense.T, atol=1e-12)
    assert np.linalg.eigvalsh(dense)[0] > 0


def test_equals_the_dense_update(matrix, rng):
    memory, dense = CurvatureMemory(5), 0.3 * np.eye(6)
    for _ in range(5):
        step = rng.standard_normal(6)
        difference = matrix @ step
        memory.add(step, difference, np.vdot)
        left = np.eye(6) - np.outer(step, difference) / (step @ difference)
        dense = left @ dense @ left.T + np.outer(step, step) / (step @ difference)
    vector = rng.standard_normal(6)
    np.testing.assert_allclose(_multiply(memory, vector), dense @ vector, atol=1e-11)


@pytest.mark.parametrize("difference", [-1.0, 0.0, np.nan])
def test_pairs_without_curvature_are_refused(difference):
    memory = CurvatureMemory(3)
    assert not memory.add(np.ones(4), difference * np.ones(4), np.vdot)
    assert len(memory) == 0
    assert memory.latest is None


def test_old_pairs_leave(matrix, rng):
    assert len(_filled(matrix, rng, 9, size=4)) == 4
    assert len(_filled(matrix, rng, 0)) == 0


def test_moving_keeps_what_has_curvature(rng):
    memory = CurvatureMemory(3)
    memory.add(np.array([1.0, 0.0]), np.array([1.0, 0.0]), np.vdot)
    memory.add(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.vdot)
    memory.move(lambda vector: vector * np.array([0.0, 1.0]), np.vdot)
    assert len(memory) == 1
    np.testing.assert_array_equal(memory.latest.step, [0.0, 1.0])
    memory.clear()
    assert len(memory) == 0
