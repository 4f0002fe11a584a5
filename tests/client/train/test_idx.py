from __future__ import annotations

import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from prolong.errors import InvalidInput
from prolong.train import read_idx


def _idx(array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.tobytes()


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=4, max_side=4)))
def test_what_is_written_is_read(array):
    np.testing.assert_array_equal(read_idx(_idx(array)), array)


GOOD = _idx(np.arange(12, dtype=np.uint8).reshape(3, 4))


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", "begins with nothing"),
        (b"\x1f\x8b\x08\x00", "begins with 1f8b0800"),
        (b"\0\0\x0d\x01" + bytes(8), "element type 0x0d and 1 axes"),
        (b"\0\0\x08\x00", "element type 0x08 and 0 axes"),
        (b"\0\0\x08\x09", "element type 0x08 and 9 axes"),
        (GOOD[:9], "ends inside its header, after 9 of 12 bytes"),
        (GOOD[:-1], r"has 23 bytes, but its header \(3, 4\) asks for 24"),
        (GOOD + b"x", "has 25 bytes"),
        (struct.pack(">HBB3I", 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1), "has 16 bytes"),
    ],
)
def test_broken_files_are_told_apart(payload, message):
    with pytest.raises(InvalidInput, match=message):
        read_idx(payload)


@given(st.binary(max_size=64))
def test_arbitrary_bytes_never_crash(payload):
    with suppress(InvalidInput):
        read_idx(payload)
