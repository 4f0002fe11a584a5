"""Random quadratics and settings."""

from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest

from prolong import Problem, graphs
from prolong_worker.solve.dual.quadratic import Quadratic
from prolong_worker.solve.setting import Setting, setting_of

MakeSetting = Callable[..., Setting]


def connected(n: int, seed: int) -> graphs.NodeLink:
    """A random connected graph."""
    graph = nx.gnp_random_graph(n, 0.35, seed=seed)
    nx.add_path(graph, range(n))
    return graphs.from_networkx(graph, weight=None)


@pytest.fixture(scope="session")
def make_setting() -> MakeSetting:
    def make(n_coarse: int, n_fine: int, seed: int = 0, locality: float = 0.5) -> Setting:
        coarse, fine = connected(n_coarse, seed), connected(n_fine, seed + 1)
        return setting_of(Problem(coarse=coarse, fine=fine, locality=locality, alpha=0.9, beta=0.6))

    return make


@pytest.fixture
def quadratic(make_setting: MakeSetting) -> Quadratic:
    return Quadratic.of(make_setting(5, 8), (0.7, 0.3))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)
