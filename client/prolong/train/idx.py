"""The idx format, in which MNIST is published (LeCun, Cortes & Burges)."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from prolong.errors import InvalidInput

__all__ = ["read_idx"]

_UNSIGNED_BYTE = 0x08


def read_idx(payload: bytes) -> NDArray[np.uint8]:
    """The array of unsigned bytes in an uncompressed idx file.

    Layout: two zero bytes, the element type (only 0x08, unsigned byte), the number of axes, each axis' length as
    big-endian 32 bits, the elements in row-major order.

    **Raises:** `InvalidInput` for another magic number, another type, or a length that does not fit the header.
    """
    if len(payload) < 4 or payload[:2] != b"\0\0":
        raise _broken(f"begins with {payload[:4].hex() or 'nothing'}, needed 0000, a type and a number of axes")
    kind, axes = payload[2], payload[3]
    if kind != _UNSIGNED_BYTE or not 1 <= axes <= 4:
        raise _broken(f"has element type 0x{kind:02x} and {axes} axes, needed type 0x08 and 1 to 4 axes")
    start = 4 + 4 * axes
    if len(payload) < start:
        raise _broken(f"ends inside its header, after {len(payload)} of {start} bytes")
    shape = struct.unpack(f">{axes}I", payload[4:start])
    expected = start + int(np.prod(shape, dtype=object))
    if len(payload) != expected:
        raise _broken(f"has {len(payload)} bytes, but its header {shape} asks for {expected}")
    return np.frombuffer(payload, np.uint8, offset=start).reshape(shape)


def _broken(what: str) -> InvalidInput:
    return InvalidInput.at("", f"the idx file {what}", code="idx")
