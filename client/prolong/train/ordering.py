"""Pixel orders: along a Morton curve, pairs on a path are 1 x 2 blocks of an image, pairs of pairs 2 x 2."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prolong.errors import InvalidInput

__all__ = ["morton_order"]


def morton_order(side: int) -> NDArray[np.int64]:
    """The row-major indices of a `side x side` image's pixels along the Morton (Z) curve (Morton 1966).

    `rows[:, morton_order(side)]` makes operators of paths coarsen the image in two dimensions.

    **Returns:** shape `(side * side,)`. **Raises:** `InvalidInput` unless side is a power of two.
    """
    if side < 1 or side & (side - 1):
        raise InvalidInput.at("/side", f"got {side}, needed a power of two", code="power_of_two")
    place = np.arange(side * side)
    row = np.zeros_like(place)
    column = np.zeros_like(place)
    for bit in range(side.bit_length() - 1):
        column |= (place >> (2 * bit) & 1) << bit
        row |= (place >> (2 * bit + 1) & 1) << bit
    return row * side + column
