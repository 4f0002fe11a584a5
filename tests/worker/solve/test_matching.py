from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from prolong import graphs
from prolong_worker.solve.graph_matrices import hop_distances
from prolong_worker.solve.manifold import orthonormalised
from prolong_worker.solve.matching import match, spectral_operator
from prolong_worker.solve.spectra import Spectrum

_numbers = st.floats(-100, 100, allow_nan=False, width=32)


def _spectra(largest):
    return st.integers(1, largest).flatmap(
        lambda n: st.integers(n, largest).flatmap(
            lambda m: st.tuples(arrays(float, n, elements=_numbers), arrays(float, m, elements=_numbers))
        )
    )


def _costs(coarse, fine, scale):
    return (coarse[:, None] / np.sqrt(scale) - np.sqrt(scale) * fine[None, :]) ** 2


@given(_spectra(12), st.floats(0.05, 20))
def test_equals_the_hungarian_method(pair, scale):
    coarse, fine = np.sort(pair[0]), np.sort(pair[1])
    costs = _costs(coarse, fine, scale)
    best = costs[linear_sum_assignment(costs)].sum()
    found = match(coarse, fine, scale)
    assert found.cost == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert np.all(np.diff(found.fine_index) > 0)
    assert costs[np.arange(coarse.size), found.fine_index].sum() == pytest.approx(found.cost, rel=1e-9, abs=1e-9)


@given(_spectra(5))
def test_equals_brute_force(pair):
    coarse, fine = np.sort(pair[0]), np.sort(pair[1])
    costs = _costs(coarse, fine, 1.0)
    best = min(
        costs[range(coarse.size), list(chosen)].sum() for chosen in permutations(range(fine.size), coarse.size)
    )
    assert match(coarse, fine).cost == pytest.approx(best, rel=1e-9, abs=1e-9)


def test_spectral_operator_reaches_the_cost_and_nothing_is_below_it(rng):
    coarse = Spectrum(hop_distances(graphs.tree(2, 2).adjacency()))
    fine = Spectrum(hop_distances(graphs.grid(3, 4).adjacency()))
    least = match(coarse.values, fine.values, 0.6).cost

    def cost(point):
        return np.sum((point @ coarse.matrix / 0.6**0.5 - 0.6**0.5 * fine.matrix @ point) ** 2)

    assert cost(spectral_operator(coarse, fine, 0.6)) == pytest.approx(least, rel=1e-10)
    for _ in range(200):
        assert cost(orthonormalised(rng.standard_normal((12, 7)))) >= least
