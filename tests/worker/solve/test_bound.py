"""The lower bound against random feasible points of random pairs."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from prolong import Problem, graphs
from prolong_worker.solve.manifold import orthonormalised
from prolong_worker.solve.setting import setting_of


def _connected(n, seed):
    graph = nx.gnp_random_graph(n, 0.4, seed=seed)
    nx.add_path(graph, range(n))
    return graphs.from_networkx(graph, weight=None)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 6),
    st.integers(0, 5),
    st.integers(0, 10**6),
    st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]),
    st.sampled_from([0.3, 1.0, "auto", "joint"]),
)
def test_no_point_is_below_the_bound(n_coarse, more, seed, locality, scale):
    problem = Problem(
        coarse=_connected(n_coarse, seed),
        fine=_connected(n_coarse + more, seed + 1),
        locality=locality,
        alpha=scale,
        beta=scale,
    )
    setting = setting_of(problem)
    rng = np.random.default_rng(seed)
    for _ in range(25):
        point = orthonormalised(rng.standard_normal(setting.shape))
        assert setting.objective.value(point) >= setting.lower_bound - setting.rounding


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(0, 4), st.integers(0, 10**6), st.sampled_from([0, 1]))
def test_descent_on_one_term_ends_at_or_above_its_exact_minimum(n_coarse, more, seed, which):
    problem = Problem(
        coarse=_connected(n_coarse, seed), fine=_connected(n_coarse + more, seed + 1), locality=float(which)
    )
    setting = setting_of(problem)
    point = orthonormalised(np.random.default_rng(seed).standard_normal(setting.shape))
    for _ in range(60):
        at = setting.objective.at(point)
        point = orthonormalised(point - 0.02 * at.riemannian_gradient)
        assert at.value >= setting.lower_bound - setting.rounding
