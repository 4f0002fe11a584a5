"""What every operator promises, over all implementations and shapes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import sparse

from prolong import Certificate, DenseOperator, InvalidInput, Operator, Outcome, Proof, SparseOperator
from prolong.formats import from_bytes, to_bytes, to_npz

Matrix = NDArray[np.float64]

CERTIFICATE = Certificate(
    objective=2.0,
    diffusion=1.0,
    locality=None,
    alpha=0.1,
    beta=None,
    lower_bound=1.0 / 3.0,
    proof=Proof.SPECTRAL,
    outcome=Outcome.CONVERGED,
    method="stiefel",
    iterations=3,
    seconds=0.25,
    orthonormality_error=1e-16,
    gradient_norm=None,
)


def orthonormal(n_fine: int, n_coarse: int) -> Matrix:
    return np.linalg.qr(np.random.default_rng(n_fine).standard_normal((n_fine, n_coarse)))[0]


def sparse_operator(matrix: Matrix) -> SparseOperator:
    csr = sparse.csr_array(matrix)
    return SparseOperator(csr.data, csr.indices, csr.indptr, matrix.shape, CERTIFICATE)


def with_empty_rows() -> Matrix:
    matrix = np.zeros((9, 3))
    matrix[[1, 2, 4, 7]] = orthonormal(4, 3)
    return matrix


def partition() -> tuple[Operator, Matrix]:
    index, weight = np.array([2, 0, 0, 1, 2, 0]), np.array([0.6, 3**-0.5, 3**-0.5, -1.0, 0.8, 3**-0.5])
    matrix = np.zeros((6, 3))
    matrix[np.arange(6), index] = weight
    return SparseOperator.from_partition(index, weight, 3, CERTIFICATE), matrix


def unsorted_with_repeats() -> tuple[Operator, Matrix]:
    data, indices, indptr = [0.25, 0.6, 0.35, 0.8, -0.8, 0.6], [1, 0, 1, 0, 1, 0], [0, 3, 3, 3, 5, 5]
    matrix = np.array([[0.6, 0.6], [0, 0], [0, 0], [0.8, -0.8], [0, 0]])
    return SparseOperator(np.array(data[:5]), np.array(indices[:5]), np.array(indptr), (5, 2), CERTIFICATE), matrix


def pair(make: Callable[[Matrix], Operator], matrix: Matrix) -> Callable[[], tuple[Operator, Matrix]]:
    return lambda: (make(matrix), matrix)


def dense_operator(matrix: Matrix) -> DenseOperator:
    return DenseOperator(matrix, CERTIFICATE)


CASES: dict[str, Callable[[], tuple[Operator, Matrix]]] = {
    "dense": pair(dense_operator, orthonormal(7, 4)),
    "dense_square": pair(dense_operator, orthonormal(4, 4)),
    "dense_column": pair(dense_operator, orthonormal(5, 1)),
    "dense_one": pair(dense_operator, np.array([[-1.0]])),
    "dense_fortran": pair(dense_operator, np.asfortranarray(orthonormal(6, 3))),
    "csr_full": pair(sparse_operator, orthonormal(7, 4)),
    "csr_empty_rows": pair(sparse_operator, with_empty_rows()),
    "csr_empty": pair(sparse_operator, np.zeros((3, 2))),
    "csr_many_columns": pair(sparse_operator, np.eye(700, 600)),
    "csr_repeats": unsorted_with_repeats,
    "csr_partition": partition,
}
ORTHONORMAL = [name for name in CASES if name not in {"csr_empty", "csr_repeats"}]


@pytest.fixture(params=CASES, name="case")
def make_case(request: pytest.FixtureRequest) -> tuple[Operator, Matrix]:
    return CASES[request.param]()


def values(*shape: int) -> Matrix:
    return np.random.default_rng(5).standard_normal(shape)


def test_the_dense_form_is_the_matrix(case: tuple[Operator, Matrix]) -> None:
    operator, matrix = case
    assert operator.shape == matrix.shape
    assert operator.to_dense().dtype == np.float64
    np.testing.assert_allclose(operator.to_dense(), matrix, atol=1e-15)
    assert operator.nnz >= np.count_nonzero(matrix)


@pytest.mark.parametrize("trailing", [(), (1,), (5,), (2, 3), (0,), (2, 0, 3)], ids=str)
def test_prolong_and_restrict_act_on_the_first_axis(
    case: tuple[Operator, Matrix], trailing: tuple[int, ...]
) -> None:
    operator, matrix = case
    n_fine, n_coarse = operator.shape
    x, y = values(n_coarse, *trailing), values(n_fine, *trailing)
    np.testing.assert_allclose(operator.prolong(x), np.tensordot(matrix, x, axes=1), atol=1e-13)
    np.testing.assert_allclose(operator.restrict(y), np.tensordot(matrix.T, y, axes=1), atol=1e-13)
    assert operator.prolong(x).shape == (n_fine, *trailing)
    assert operator.restrict(y).shape == (n_coarse, *trailing)


def test_restrict_is_the_adjoint_of_prolong(case: tuple[Operator, Matrix]) -> None:
    operator, _ = case
    x, y = values(operator.shape[1]), values(operator.shape[0])
    assert operator.prolong(x) @ y == pytest.approx(x @ operator.restrict(y), abs=1e-12)


@pytest.mark.parametrize("name", ORTHONORMAL)
def test_restrict_undoes_prolong(name: str) -> None:
    operator, _ = CASES[name]()
    x = values(operator.shape[1], 4)
    np.testing.assert_allclose(operator.restrict(operator.prolong(x)), x, atol=1e-13)
    assert operator.orthonormality_error() < 1e-14


def test_the_orthonormality_error_is_the_dense_one(case: tuple[Operator, Matrix]) -> None:
    operator, matrix = case
    expected = np.abs(matrix.T @ matrix - np.eye(matrix.shape[1])).max()
    assert operator.orthonormality_error() == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint8, bool])
def test_real_numbers_of_every_type_are_taken_as_float64(case: tuple[Operator, Matrix], dtype: Any) -> None:
    operator, matrix = case
    x = np.ones(operator.shape[1], dtype=dtype)
    assert operator.prolong(x).dtype == np.float64
    np.testing.assert_allclose(operator.prolong(x), matrix.sum(axis=1), atol=1e-12)


def test_lists_tensors_and_strided_views_are_taken(case: tuple[Operator, Matrix]) -> None:
    operator, _ = case
    x = values(operator.shape[1], 6)
    expected = operator.prolong(x)
    np.testing.assert_array_equal(operator.prolong(x.tolist()), expected)  # type: ignore[arg-type]
    np.testing.assert_array_equal(operator.prolong(torch.tensor(x)), expected)  # type: ignore[arg-type]
    np.testing.assert_allclose(operator.prolong(x[:, ::2]), expected[:, ::2], atol=1e-14)


def test_other_lengths_scalars_and_no_real_numbers_are_refused(case: tuple[Operator, Matrix]) -> None:
    operator, _ = case
    n_fine, n_coarse = operator.shape
    for apply, n, end in ((operator.prolong, n_coarse, "coarse"), (operator.restrict, n_fine, "fine")):
        for wrong in (np.ones(n + 1), np.ones((n + 1, n)), np.float64(1.0), np.ones(0)):
            with pytest.raises(InvalidInput, match=f"expected {n} {end} values"):
                apply(wrong)  # type: ignore[arg-type]
        for wrong in (np.ones(n, dtype=complex), np.full(n, "x"), np.full(n, None)):
            with pytest.raises(InvalidInput, match="expected an array of float64"):
                apply(wrong)  # type: ignore[arg-type]


def test_inputs_are_left_alone_and_results_are_the_caller_s(case: tuple[Operator, Matrix]) -> None:
    operator, _ = case
    x = values(operator.shape[1], 2)
    before = x.copy()
    first = operator.prolong(x)
    first[:] = 7.0
    np.testing.assert_array_equal(x, before)
    assert not np.array_equal(operator.prolong(x), first)


def test_the_arrays_cannot_be_written(case: tuple[Operator, Matrix]) -> None:
    operator, _ = case
    for array in operator.tensors().values():
        assert array.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_attributes_cannot_be_set(case: tuple[Operator, Matrix]) -> None:
    operator, _ = case
    for name in ("shape", "certificate", "nnz"):
        with pytest.raises(AttributeError):
            setattr(operator, name, None)


def test_scipy_gets_a_csr_matrix_of_its_own(case: tuple[Operator, Matrix]) -> None:
    operator, matrix = case
    converted = operator.to_scipy()
    assert isinstance(converted, sparse.csr_array)
    np.testing.assert_allclose(converted.toarray(), matrix, atol=1e-15)
    converted.sum_duplicates()
    converted.data[:] = 7.0
    np.testing.assert_allclose(operator.to_dense(), matrix, atol=1e-15)


@pytest.mark.parametrize("dtype", [None, torch.float64, torch.float32])
def test_torch_gets_a_tensor_of_its_own(case: tuple[Operator, Matrix], dtype: torch.dtype | None) -> None:
    operator, matrix = case
    tensor = operator.to_torch(device="cpu", dtype=dtype)
    assert tensor.dtype == (dtype or torch.float64)
    assert tensor.layout == (torch.strided if operator.kind == "dense" else torch.sparse_csr)
    np.testing.assert_allclose(tensor.to_dense().numpy(), matrix, atol=1e-7)
    x = torch.ones(operator.shape[1], 2, dtype=tensor.dtype)
    np.testing.assert_allclose((tensor @ x).numpy(), operator.prolong(x.numpy()), atol=1e-6)
    (tensor if operator.kind == "dense" else tensor.values()).fill_(7.0)
    np.testing.assert_allclose(operator.to_dense(), matrix, atol=1e-15)


def test_bytes_give_the_same_operator(case: tuple[Operator, Matrix]) -> None:
    operator, _ = case
    again = from_bytes(to_bytes(operator))
    assert (type(again), again.shape, again.kind, again.nnz) == (
        type(operator), operator.shape, operator.kind, operator.nnz,
    )  # fmt: skip
    assert again.certificate == CERTIFICATE
    for name, array in operator.tensors().items():
        np.testing.assert_array_equal(again.tensors()[name], array)
        assert not again.tensors()[name].flags.writeable


def test_equal_operators_have_equal_bytes(case: tuple[Operator, Matrix]) -> None:
    operator, _ = case
    assert len({to_bytes(operator) for _ in range(8)}) == 1
    assert to_bytes(from_bytes(to_bytes(operator))) == to_bytes(operator)


def test_npz_is_read_by_numpy_and_scipy(case: tuple[Operator, Matrix]) -> None:
    operator, matrix = case
    file = io.BytesIO(to_npz(operator))
    if operator.kind == "dense":
        with np.load(file, allow_pickle=False) as archive:
            np.testing.assert_array_equal(archive["P"], matrix)
    else:
        loaded = sparse.load_npz(file)
        assert isinstance(loaded, sparse.csr_array)
        np.testing.assert_allclose(loaded.toarray(), matrix, atol=1e-15)


def test_another_certificate_makes_another_operator_of_the_same_arrays(case: tuple[Operator, Matrix]) -> None:
    operator, _ = case
    bare = operator.with_certificate(None)
    assert (bare.certificate, operator.certificate) == (None, CERTIFICATE)
    assert type(bare) is type(operator)
    assert from_bytes(to_bytes(bare)).certificate is None
    for name, array in operator.tensors().items():
        assert bare.tensors()[name] is array


def test_repr_says_what_it_is(case: tuple[Operator, Matrix]) -> None:
    operator, _ = case
    assert repr(operator) == f"{type(operator).__name__}(shape={operator.shape}, nnz={operator.nnz})"
