from __future__ import annotations

import numpy as np
import pytest

from prolong.errors import InvalidInput
from prolong.train import morton_order


def test_the_curve_on_four_by_four():
    assert morton_order(4).tolist() == [0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]


@pytest.mark.parametrize("side", [1, 2, 8, 32])
def test_runs_of_four_are_two_by_two_blocks(side):
    order = morton_order(side)
    assert sorted(order.tolist()) == list(range(side * side))
    image = np.random.default_rng(0).random((side, side))
    if side > 1:
        blocks = image.reshape(side // 2, 2, side // 2, 2).mean((1, 3)).ravel()[morton_order(side // 2)]
        np.testing.assert_allclose(image.ravel()[order].reshape(-1, 4).mean(1), blocks)


@pytest.mark.parametrize("side", [0, 3, -4, 12])
def test_other_sides_are_refused(side):
    with pytest.raises(InvalidInput, match="needed a power of two"):
        morton_order(side)
