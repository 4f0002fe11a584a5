"""What single implementations promise beyond the contract in tests/contracts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from prolong import DenseOperator, InvalidInput, Operator, SparseOperator


def read_only_view(array: Any) -> Any:
    view = array.view()
    view.flags.writeable = False
    return view


class Subclass(np.ndarray[Any, Any]):
    """An array type of somebody else's."""


SOURCES: dict[str, Callable[[Any], Any]] = {
    "array": lambda array: array,
    "read_only_view": read_only_view,
    "memoryview": memoryview,
    "tensor": torch.from_numpy,
    "slice": lambda array: array[:],
    "subclass": lambda array: array.view(Subclass),
}


@pytest.mark.parametrize("source", SOURCES)
def test_later_changes_of_the_source_do_not_reach_a_dense_operator(source: str) -> None:
    array = np.eye(4, 2)
    operator = DenseOperator(SOURCES[source](array))
    array[:] = 7.0
    np.testing.assert_array_equal(operator.to_dense(), np.eye(4, 2))
    assert type(operator.to_dense()) is np.ndarray


@pytest.mark.parametrize("source", SOURCES)
def test_later_changes_of_the_source_do_not_reach_a_sparse_operator(source: str) -> None:
    data, indices, indptr = np.ones(2), np.array([0, 1]), np.array([0, 1, 1, 2])
    wrap = SOURCES[source]
    operator = SparseOperator(wrap(data), wrap(indices), wrap(indptr), (3, 2))
    data[:], indices[:], indptr[:] = 7.0, 0, 0
    np.testing.assert_array_equal(operator.to_dense(), [[1, 0], [0, 0], [0, 1]])


def test_a_dense_operator_does_not_freeze_the_caller_s_array() -> None:
    array = np.eye(4, 2)
    DenseOperator(array)
    array[0, 0] = 7.0


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones(3), "is a matrix"),
        (np.ones((2, 2, 2)), "is a matrix"),
        (1.0, "is a matrix"),
        (np.ones((2, 3)), "n_coarse <= n_fine"),
        (np.empty((3, 0)), "1 <= n_coarse"),
        (np.empty((0, 0)), "1 <= n_coarse"),
        (np.eye(2, dtype=complex), "array of float64"),
        ([["a"]], "array of float64"),
        ([[1.0], [1.0, 2.0]], "array of float64"),
    ],
)
def test_bad_dense_operators_are_refused(matrix: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        DenseOperator(matrix)


@pytest.mark.parametrize(
    ("data", "indices", "indptr", "shape", "message"),
    [
        ([1.0], [0], [0, 1], (2, 1), "indptr"),
        ([1.0], [0], [0, 1, 2], (2, 1), "indptr"),
        ([1.0], [0], [1, 1, 1], (2, 1), "indptr"),
        ([1.0], [0], [0, 2, 1], (2, 1), "indptr"),
        ([1.0], [0], [[0], [1], [1]], (2, 1), "indptr"),
        ([1.0], [0], [], (2, 1), "indptr"),
        ([1.0, 1.0], [0], [0, 1, 2], (2, 1), "equal length"),
        ([[1.0, 1.0]], [[0, 0]], [0, 1, 2], (2, 1), "equal length"),
        ([1.0], [1], [0, 1, 1], (2, 1), "indices must lie in 0 ... 0"),
        ([1.0], [-1], [0, 1, 1], (2, 1), "indices must lie"),
        ([1.0], [0.5], [0, 1, 1], (2, 1), "array of int64"),
        ([1.0], [0], [0, 1.0, 1], (2, 1), "array of int64"),
        ([1j], [0], [0, 1, 1], (2, 1), "array of float64"),
        ([1.0], [0], [0, 1], (1, 2), "n_coarse <= n_fine"),
        ([1.0], [0], [0], (0, 0), "1 <= n_coarse"),
        ([1.0], [0], [0, 1], (10**30, 1), "indptr"),
    ],
)
def test_bad_sparse_operators_are_refused(
    data: Any, indices: Any, indptr: Any, shape: tuple[int, int], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        SparseOperator(data, indices, indptr, shape)


def test_a_partition_is_given_back() -> None:
    index, weight = np.array([1, 0, 1]), np.array([0.6, -1.0, 0.8])
    operator = SparseOperator.from_partition(index, weight, 2)
    assert operator.partition is not None
    np.testing.assert_array_equal(operator.partition.index, index)
    np.testing.assert_array_equal(operator.partition.weight, weight)
    assert operator.shape == (3, 2)


@pytest.mark.parametrize("indptr", [[0, 2, 2, 3], [0, 1, 1, 3], [0, 0, 2, 3]])
def test_rows_without_exactly_one_entry_are_no_partition(indptr: list[int]) -> None:
    assert SparseOperator(np.ones(3), np.zeros(3, dtype=int), np.array(indptr), (3, 2)).partition is None


def test_fewer_entries_than_rows_are_no_partition() -> None:
    assert SparseOperator(np.ones(2), np.array([0, 1]), np.array([0, 1, 2, 2]), (3, 2)).partition is None


def test_an_operator_is_abstract() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Operator((2, 1), None)  # type: ignore[abstract]
