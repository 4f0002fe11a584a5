"""Shared pairs of graphs."""

import time

import numpy as np
import pytest

from prolong import Problem, graphs
from prolong_worker.solve import Control


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def timed() -> Control:
    """A control with a real clock."""
    return Control(clock=time.monotonic)


@pytest.fixture
def small() -> Problem:
    return Problem(coarse=graphs.path(5), fine=graphs.wheel(9), locality=0.4, alpha=0.8, beta=0.6)
