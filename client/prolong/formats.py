"""Operators as bytes, and back. The only place that knows either form.

The form is safetensors: a JSON header and raw little-endian arrays, no code, mapped without copying. The
tensors are `P` (dense) or `data`, `indices`, `indptr` (CSR); the header's metadata holds, as JSON under
`prolong`, the format version, the kind, the shape and the certificate.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field
from safetensors import SafetensorError
from safetensors.numpy import load, save

from prolong.certificate import Certificate
from prolong.errors import CorruptOperator
from prolong.operators import DenseOperator, Operator, SparseOperator

__all__ = ["MEDIA_TYPE", "digest", "from_bytes", "to_bytes", "to_npz"]

#: The media type of `to_bytes`.
MEDIA_TYPE = "application/vnd.prolong.operator+safetensors"

_VERSION = 1
_ENTRY = "prolong"


def digest(data: bytes | bytearray | memoryview) -> str:
    """The SHA-256 of operator bytes, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def to_bytes(operator: Operator) -> bytes:
    """The operator with its certificate, in the safetensors form; equal operators give equal bytes."""
    certificate = operator.certificate
    header = {
        "version": _VERSION,
        "kind": operator.kind,
        "shape": operator.shape,
        "certificate": None if certificate is None else certificate.model_dump(mode="json"),
    }
    # One entry only: safetensors writes several in no order.
    return save(operator.tensors(), metadata={_ENTRY: json.dumps(header, sort_keys=True)})


def from_bytes(data: bytes) -> Operator:
    """The operator that `to_bytes` wrote.

    **Raises:** `CorruptOperator` where the bytes are anything else, or of a newer version.
    """
    document = _document(data)
    if document.get("version") != _VERSION:
        raise CorruptOperator(f"the operator's format is {document.get('version')!r}; update prolong to read it")
    try:
        header = _Header.model_validate(document)
        operator = _BUILDERS[header.kind](load(data), header)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise CorruptOperator(f"not a readable prolong operator: {error}") from error
    if operator.shape != header.shape:
        raise CorruptOperator(f"the header promises the shape {header.shape}, the arrays have {operator.shape}")
    return operator


def to_npz(operator: Operator) -> bytes:
    """The arrays alone as an npz file: dense under `P`, CSR as `scipy.sparse.load_npz` reads it."""
    buffer = io.BytesIO()
    tensors: dict[str, Any] = dict(operator.tensors())
    if operator.kind == "csr":
        tensors |= {
            "format": np.array(b"csr"),
            "shape": np.array(operator.shape),
            "_is_array": np.array(True),
        }
    np.savez(buffer, **tensors)
    return buffer.getvalue()


class _Header(BaseModel):
    """What stands beside the arrays."""

    kind: Literal["dense", "csr"]
    shape: tuple[Annotated[int, Field(strict=True)], Annotated[int, Field(strict=True)]]
    certificate: Certificate | None


def _document(data: bytes) -> dict[str, Any]:
    """Our entry of the metadata, read by the documented layout: 8 bytes of length, little-endian, then JSON."""
    length = int.from_bytes(data[:8], "little")
    try:
        header: Any = json.loads(data[8 : 8 + length]) if length <= len(data) else None
        document = json.loads(header["__metadata__"][_ENTRY])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CorruptOperator("not a prolong operator: the header cannot be read") from error
    if not isinstance(document, dict):
        raise CorruptOperator("not a prolong operator: the header cannot be read")
    return document


def _dense(tensors: Mapping[str, NDArray[Any]], header: _Header) -> Operator:
    _check_types(tensors, {"P": np.float64})
    return DenseOperator(tensors["P"], header.certificate)


def _csr(tensors: Mapping[str, NDArray[Any]], header: _Header) -> Operator:
    _check_types(tensors, {"data": np.float64, "indices": np.int64, "indptr": np.int64})
    arrays = tensors["data"], tensors["indices"], tensors["indptr"]
    return SparseOperator(*arrays, header.shape, header.certificate)


def _check_types(tensors: Mapping[str, NDArray[Any]], types: Mapping[str, type]) -> None:
    if {name: tensor.dtype for name, tensor in tensors.items()} != types:
        raise CorruptOperator(f"expected the arrays {', '.join(types)} in the types that prolong writes")


_BUILDERS: dict[str, Callable[[Mapping[str, NDArray[Any]], _Header], Operator]] = {
    DenseOperator.kind: _dense,
    SparseOperator.kind: _csr,
}
