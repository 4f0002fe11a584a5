"""Operator bytes: damage is noticed, and nothing but `CorruptOperator` comes of it."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from prolong import CorruptOperator, DenseOperator, Operator, SparseOperator
from prolong.formats import MEDIA_TYPE, digest, from_bytes, to_bytes

DENSE = DenseOperator(np.linalg.qr(np.random.default_rng(0).standard_normal((5, 3)))[0])
SPARSE = SparseOperator(np.array([0.6, 0.8, 1.0]), np.array([0, 0, 1]), np.array([0, 1, 1, 2, 3]), (4, 2))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
OPERATORS: list[Operator] = [DENSE, SPARSE]


def rewritten(operator: Operator, **changes: Any) -> bytes:
    """The operator's bytes under a changed header entry; a change of ... leaves the field out."""
    data = to_bytes(operator)
    length = int.from_bytes(data[:8], "little")
    header = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["prolong"])
    header = {name: value for name, value in {**header, **changes}.items() if value is not ...}
    return save(load(data), metadata={"prolong": json.dumps(header)})


def framed(header: bytes, body: bytes = b"") -> bytes:
    return len(header).to_bytes(8, "little") + header + body


@pytest.mark.parametrize("operator", OPERATORS, ids=["dense", "csr"])
@settings(max_examples=300)
@given(data=st.data())
def test_flipped_bytes_are_refused_or_change_values_only(operator: Operator, data: st.DataObject) -> None:
    damaged = bytearray(to_bytes(operator))
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        again = from_bytes(bytes(damaged))
    except CorruptOperator:
        return
    assert (type(again), again.shape) == (type(operator), operator.shape)
    assert {name: array.dtype for name, array in again.tensors().items()} == {
        name: array.dtype for name, array in operator.tensors().items()
    }


@pytest.mark.parametrize("operator", OPERATORS, ids=["dense", "csr"])
def test_every_truncation_is_refused(operator: Operator) -> None:
    data = to_bytes(operator)
    for length in range(len(data)):
        with pytest.raises(CorruptOperator):
            from_bytes(data[:length])
    with pytest.raises(CorruptOperator):
        from_bytes(data + b"\0")


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(CorruptOperator):
        from_bytes(data)


@given(JSON)
def test_any_other_header_is_refused(header: Any) -> None:
    for document in (header, {"__metadata__": header}, {"__metadata__": {"prolong": json.dumps(header)}}):
        with pytest.raises(CorruptOperator):
            from_bytes(framed(json.dumps(document).encode()))


@pytest.mark.parametrize("length", [2**63 - 1, 2**64 - 1, 2**40, 2**32, 10**9])
def test_a_header_of_promised_length_is_not_allocated(length: int) -> None:
    data = length.to_bytes(8, "little") + to_bytes(DENSE)[8:]
    tracemalloc.start()
    try:
        with pytest.raises(CorruptOperator):
            from_bytes(data)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_headers_are_refused(opening: bytes) -> None:
    with pytest.raises(CorruptOperator):
        from_bytes(framed(opening * 200_000))
    inner = json.dumps((opening * 200_000).decode()).encode()
    with pytest.raises(CorruptOperator):
        from_bytes(framed(b'{"__metadata__":{"prolong":' + inner + b"}}"))


@pytest.mark.parametrize("version", [2, 0, "1", None, ..., [1]])
def test_other_versions_are_refused_with_advice(version: Any) -> None:
    with pytest.raises(CorruptOperator, match="update prolong"):
        from_bytes(rewritten(DENSE, version=version))


@pytest.mark.parametrize("operator", OPERATORS, ids=["dense", "csr"])
@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "kronecker"},
        {"kind": None},
        {"kind": ["dense"]},
        {"kind": ...},
        {"shape": ...},
        {"shape": [5]},
        {"shape": [5, 3, 1]},
        {"shape": 5},
        {"shape": ["5", "3"]},
        {"shape": [5.0, 3.0]},
        {"shape": [True, True]},
        {"shape": [6, 3]},
        {"shape": [4, 1]},
        {"shape": [2, 4]},
        {"shape": [0, 0]},
        {"shape": [-4, -2]},
        {"shape": [10**30, 1]},
        {"shape": [float("inf"), 1]},
        {"shape": [float("nan"), 1]},
        {"certificate": ...},
        {"certificate": 3},
        {"certificate": {"objective": 1.0}},
    ],
    ids=repr,
)
def test_each_bad_header_field_is_refused(operator: Operator, changes: dict[str, Any]) -> None:
    with pytest.raises(CorruptOperator):
        from_bytes(rewritten(operator, **changes))


@pytest.mark.parametrize(
    ("operator", "changes"),
    [
        (DENSE, {"P": DENSE.to_dense().astype(np.float32)}),
        (DENSE, {"P": DENSE.to_dense().astype(np.int64)}),
        (DENSE, {"P": DENSE.to_dense().ravel()}),
        (DENSE, {"Q": np.ones(3)}),
        (SPARSE, {"indices": np.array([0.0, 0.0, 1.0])}),
        (SPARSE, {"indices": np.array([0, 0, 2])}),
        (SPARSE, {"indices": np.array([0, 0, -1])}),
        (SPARSE, {"indptr": np.array([0, 2, 1, 2, 3])}),
        (SPARSE, {"indptr": np.array([0, 1, 1, 2, 2**62])}),
        (SPARSE, {"data": np.ones(2)}),
    ],
)
def test_arrays_that_do_not_fit_are_refused(operator: Operator, changes: dict[str, Any]) -> None:
    data = to_bytes(operator)
    length = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8 : 8 + length])["__metadata__"]
    with pytest.raises(CorruptOperator):
        from_bytes(save({**operator.tensors(), **changes}, metadata=metadata))


def test_a_foreign_safetensors_file_is_refused() -> None:
    for metadata in (None, {"format": "pt"}, {"prolong": "1"}, {"prolong": "no json"}):
        with pytest.raises(CorruptOperator, match="not a prolong operator"):
            from_bytes(save({"P": np.eye(2)}, metadata=metadata))


def test_the_digest_is_sha256() -> None:
    data = to_bytes(DENSE)
    assert digest(data) == digest(memoryview(data)) == hashlib.sha256(data).hexdigest()


def test_the_media_type_is_a_vendor_s() -> None:
    assert MEDIA_TYPE.startswith("application/vnd.prolong.")
