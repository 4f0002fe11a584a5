from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from prolong.operators import SparseOperator
from prolong.train import compose, transfer
from prolong.train.transfer import BlockTransfer, ChainTransfer, MatrixTransfer, PartitionTransfer


def _sparse_general() -> SparseOperator:
    """Two entries in some rows: orthonormal columns, but no partition."""
    half = 2**-0.5
    return SparseOperator(
        np.array([half, half, half, -half, 1.0]),
        np.array([0, 1, 0, 1, 2]),
        np.array([0, 2, 4, 5]),
        (3, 3),
    )


@pytest.fixture(params=["block", "partition", "sparse", "dense", "chain", "identity"])
def case(request, make):
    """A transfer and the dense matrix that it stands for."""
    operators = {
        "block": [make.pair(6)],
        "partition": [make.cells([2, 0, 1, 0, 2, 2, 1])],
        "sparse": [_sparse_general()],
        "dense": [make.orthonormal(9, 4)],
        "chain": [make.orthonormal(12, 8), make.pair(4)],
        "identity": [],
    }[request.param]
    steps = [transfer(operator, dtype=torch.float64) for operator in operators]
    matrix = np.eye(operators[0].shape[0] if operators else 5)
    for operator in operators:
        matrix = matrix @ operator.to_dense()
    return compose(len(matrix), steps), torch.tensor(matrix)


def test_agrees_with_the_dense_matrix_on_every_axis(case):
    applied, matrix = case
    coarse = torch.randn(3, applied.n_coarse, 2, dtype=torch.float64)
    fine = torch.randn(3, applied.n_fine, 2, dtype=torch.float64)
    assert (applied.n_fine, applied.n_coarse) == tuple(matrix.shape)
    torch.testing.assert_close(applied.prolong(coarse, 1), torch.einsum("fc,acb->afb", matrix, coarse))
    torch.testing.assert_close(applied.restrict(fine, 1), torch.einsum("fc,afb->acb", matrix, fine))


def test_restriction_is_the_exact_adjoint_and_left_inverse(case):
    applied, _ = case
    x = torch.randn(applied.n_coarse, 3, dtype=torch.float64)
    y = torch.randn(applied.n_fine, 3, dtype=torch.float64)
    torch.testing.assert_close((applied.prolong(x) * y).sum(), (x * applied.restrict(y)).sum())
    torch.testing.assert_close(applied.restrict(applied.prolong(x)), x)


def test_each_structure_is_recognised(make):
    assert transfer(make.pair(4)) == BlockTransfer(4, 2)
    assert isinstance(transfer(make.cells([1, 0, 1])), PartitionTransfer)
    assert isinstance(transfer(_sparse_general()), MatrixTransfer)
    assert transfer(_sparse_general()).matrix.is_sparse
    assert not transfer(make.orthonormal(4, 2)).matrix.is_sparse


def test_contiguous_cells_of_unequal_weights_are_no_blocks():
    uneven = SparseOperator.from_partition(np.array([0, 0]), np.array([0.6, 0.8]), 1)
    assert isinstance(transfer(uneven), PartitionTransfer)


def test_chains_of_one_structure_become_one_step(make):
    pairs = [transfer(make.pair(8)), transfer(make.pair(4))]
    assert compose(16, pairs) == BlockTransfer(4, 4)
    partitions = [transfer(make.cells([1, 0, 2, 1])), transfer(make.cells([1, 0, 0]))]
    assert isinstance(compose(4, partitions), PartitionTransfer)
    assert isinstance(compose(16, [pairs[0], transfer(make.orthonormal(8, 3))]), ChainTransfer)


@given(size=st.integers(1, 12), n_coarse=st.integers(1, 5), seed=st.integers(0, 99))
def test_blocks_of_any_size_restrict_what_they_prolong(size, n_coarse, seed):
    block = BlockTransfer(n_coarse, size)
    x = torch.randn(2, n_coarse, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(block.restrict(block.prolong(x, 1), 1), x)
