"""The Davidson method against dense eigenvalues."""

import numpy as np
import pytest

from prolong_worker.solve.control import Interrupted, Outcome
from prolong_worker.solve.dual.eigenvalue import lowest
from prolong_worker.solve.dual.multipliers import Multipliers
from prolong_worker.solve.dual.quadratic import Quadratic


def _unchecked():
    return None


@pytest.mark.parametrize(("n_coarse", "n_fine"), [(1, 1), (1, 9), (2, 3), (6, 6), (8, 20)])
def test_values_are_the_smallest_ones(make_setting, rng, n_coarse, n_fine):
    quadratic = Quadratic.of(make_setting(n_coarse, n_fine), (0.6, 0.4))
    skew = rng.standard_normal((n_coarse, n_coarse))
    multipliers = Multipliers(quadratic, skew + skew.T, np.eye(n_fine))
    starts = rng.standard_normal((4, n_fine, n_coarse))
    found = lowest(multipliers, starts, accuracy=1e-8, steps=200, check=_unchecked)
    expected = np.linalg.eigvalsh(multipliers.matrix())
    assert found.values[0] == pytest.approx(expected[0], abs=1e-7)
    assert found.guess(multipliers) <= expected[0] + 1e-10
    vector = found.vectors[0]
    np.testing.assert_allclose(multipliers.apply(vector[None])[0], found.values[0] * vector, atol=1e-5)


def test_an_eigenvector_among_the_starts_does_not_hide_what_is_below(quadratic, rng):
    multipliers = Multipliers(quadratic, np.zeros((5, 5)), np.zeros((8, 8)))
    values, vectors = np.linalg.eigh(multipliers.matrix())
    starts = np.concatenate([vectors[:, 10].reshape(1, 8, 5), rng.standard_normal((3, 8, 5))])
    found = lowest(multipliers, starts, accuracy=1e-8, steps=200, check=_unchecked)
    assert found.values[0] == pytest.approx(values[0], abs=1e-7)


def test_repeated_eigenvalues(make_setting, rng):
    quadratic = Quadratic.of(make_setting(3, 5), (0.0, 0.0))
    multipliers = Multipliers(quadratic, -2 * np.eye(3), np.zeros((5, 5)))
    found = lowest(multipliers, rng.standard_normal((4, 5, 3)), accuracy=1e-9, steps=50, check=_unchecked)
    np.testing.assert_allclose(found.values, 2.0)


def test_it_can_be_stopped(quadratic, rng):
    def stop():
        raise Interrupted(Outcome.CANCELLED)

    multipliers = Multipliers(quadratic, np.zeros((5, 5)), np.zeros((8, 8)))
    with pytest.raises(Interrupted):
        lowest(multipliers, rng.standard_normal((1, 8, 5)), accuracy=1e-8, steps=50, check=stop)
