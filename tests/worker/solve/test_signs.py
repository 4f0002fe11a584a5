from itertools import product

import numpy as np
import pytest

from prolong_worker.solve.signs import best_signs


def test_no_single_flip_improves_the_signs(rng):
    matrix = rng.standard_normal((12, 12))
    coupling = matrix + matrix.T
    signs = best_signs(coupling)
    value = signs @ coupling @ signs
    for k in range(12):
        flipped = signs.copy()
        flipped[k] *= -1
        assert flipped @ coupling @ flipped <= value + 1e-9


def test_signs_of_a_rank_one_coupling_are_the_best_of_all(rng):
    vector = rng.standard_normal(8)
    coupling = np.outer(vector, vector)
    best = max(np.array(z) @ coupling @ np.array(z) for z in product((-1, 1), repeat=8))
    signs = best_signs(coupling)
    assert signs @ coupling @ signs == pytest.approx(best)
