"""Small operators, hierarchies and data for the trainer's tests."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch

from prolong.operators import DenseOperator, Operator, SparseOperator
from prolong.train import Autoencoder, Hierarchy, Samples, linear_shapes


class Make:
    """Builds what most tests need."""

    @staticmethod
    def pair(n_coarse: int) -> SparseOperator:
        """Pairs of neighbours on a path of `2 * n_coarse` vertices."""
        index = np.repeat(np.arange(n_coarse), 2)
        return SparseOperator.from_partition(index, np.full(2 * n_coarse, 2**-0.5), n_coarse)

    @staticmethod
    def cells(index: list[int]) -> SparseOperator:
        """Cells of any sizes in any order, equal weights within each."""
        sizes = np.bincount(index)
        return SparseOperator.from_partition(np.array(index), sizes[index] ** -0.5, len(sizes))

    @staticmethod
    def orthonormal(n_fine: int, n_coarse: int, seed: int = 0) -> DenseOperator:
        """A random dense operator."""
        normal = np.random.default_rng(seed).normal(size=(n_fine, n_coarse))
        return DenseOperator(np.linalg.qr(normal)[0])

    @staticmethod
    def pairs(*sizes: int) -> dict[int, Operator]:
        """Pair operators by fine size."""
        return {size: Make.pair(size // 2) for size in sizes}

    @staticmethod
    def hierarchy(
        module: torch.nn.Module,
        operators: Mapping[int, Operator],
        depth: int,
        keep: Mapping[int, int] | None = None,
    ) -> Hierarchy:
        """The hierarchy of all linear layers of a module."""
        return Hierarchy.of(linear_shapes(module), operators, depth=depth, keep=keep)


@pytest.fixture
def make() -> Make:
    """The builder of operators and hierarchies."""
    return Make()


@pytest.fixture
def blobs() -> Samples:
    """Rows of 32 values with one smooth bump at a seeded place: what coarse levels can see."""
    centres = np.random.default_rng(0).uniform(4, 28, size=(512, 1))
    rows = np.exp(-(((np.arange(32) - centres) / 4.0) ** 2))
    return Samples.autoencoding(torch.tensor(rows, dtype=torch.float32))


@pytest.fixture
def small_module() -> Autoencoder:
    """An autoencoder of 32 inputs in double precision, the same at every call."""
    torch.manual_seed(0)
    return Autoencoder((32, 16, 8, 16, 32)).double()
