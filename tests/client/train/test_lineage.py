from __future__ import annotations

import pytest

from prolong.errors import InvalidInput
from prolong.train import Lineage


def test_sizes_chain_from_fine_to_coarse(make):
    lineage = Lineage.of(make.pairs(32, 16, 8), 32, depth=3)
    assert lineage.sizes == (32, 16, 8, 4)
    assert lineage.depth == 3


def test_kept_steps_leave_the_axis_as_it_is(make):
    assert Lineage.of(make.pairs(32, 16), 32, depth=3, keep=2).sizes == (32, 32, 32, 16)
    assert Lineage.of({}, 32, depth=2, keep=5).sizes == (32, 32, 32)


def test_sizes_that_do_not_chain_are_refused(make):
    with pytest.raises(InvalidInput, match="8 fine vertices, but level 1 of this lineage has 16"):
        Lineage(32, (make.pair(16), make.pair(4)))


def test_a_missing_operator_is_named(make):
    with pytest.raises(InvalidInput, match="no operator coarsens 16 vertices") as caught:
        Lineage.of(make.pairs(32), 32, depth=2)
    assert caught.value.errors[0].pointer == "/operators/16"
