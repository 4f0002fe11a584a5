"""Operators as bytes, and back. The only place that knows either form.

The form is safetensors: a JSON header and raw little-endian arrays, no code, mapped without copying. The
tensors are `P` (dense) or `data`, `indices`, `indptr` (CSR); the header's metadata holds the format version,
the kind, the shape and the certificate.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from prolong.certificate import Certificate
from prolong.errors import CorruptOperator, InvalidInput
from prolong.operators import DenseOperator, Operator, SparseOperator

__all__ = ["MEDIA_TYPE", "digest", "from_bytes", "to_bytes", "to_npz"]

#: The media type of `to_bytes`.
MEDIA_TYPE = "application/vnd.prolong.operator+safetensors"

_VERSION = "1"


def digest(data: bytes | bytearray | memoryview) -> str:
    """The SHA-256 of operator bytes, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def to_bytes(operator: Operator) -> bytes:
    """The operator with its certificate, in the safetensors form."""
    certificate = operator.certificate
    metadata = {
        "format": "prolong",
        "version": _VERSION,
        "kind": operator.kind,
        "shape": json.dumps(operator.shape),
        "certificate": "null" if certificate is None else certificate.model_dump_json(),
    }
    return save(operator.tensors(), metadata=metadata)


def from_bytes(data: bytes) -> Operator:
    """The operator that `to_bytes` wrote.

    **Raises:** `CorruptOperator` where the bytes are anything else, or of a newer version.
    """
    metadata = _metadata(data)
    try:
        tensors = load(data)
        shape = tuple(json.loads(metadata["shape"]))
        certificate = (
            Certificate.model_validate_json(metadata["certificate"]) if metadata["certificate"] != "null" else None
        )
        operator = _BUILDERS[metadata["kind"]](tensors, shape, certificate)
    except (SafetensorError, KeyError, ValueError, TypeError, ValidationError, InvalidInput) as error:
        raise CorruptOperator(f"not a readable prolong operator: {error}") from error
    if operator.shape != shape:
        raise CorruptOperator(f"the header promises the shape {shape}, the arrays have {operator.shape}")
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


def _metadata(data: bytes) -> dict[str, str]:
    """The header's metadata, read by the documented layout: its length, 8 bytes little-endian, then JSON."""
    length = int.from_bytes(data[:8], "little")
    try:
        header: Any = json.loads(data[8 : 8 + length]) if length <= len(data) else None
        metadata = header["__metadata__"]
        known = metadata["format"] == "prolong"
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptOperator("not a prolong operator: the header cannot be read") from error
    if not known or metadata.get("version") != _VERSION:
        raise CorruptOperator("not a prolong operator of a version that this library reads; update prolong")
    return dict(metadata)


def _dense(tensors: Mapping[str, Any], _shape: tuple[int, int], certificate: Certificate | None) -> Operator:
    return DenseOperator(tensors["P"], certificate)


def _csr(tensors: Mapping[str, Any], shape: tuple[int, int], certificate: Certificate | None) -> Operator:
    return SparseOperator(tensors["data"], tensors["indices"], tensors["indptr"], shape, certificate)


_BUILDERS: dict[str, Callable[[Mapping[str, Any], Any, Certificate | None], Operator]] = {
    DenseOperator.kind: _dense,
    SparseOperator.kind: _csr,
}
