from __future__ import annotations

import pytest

from prolong.errors import InvalidInput
from prolong.train import MSANN_WIDTHS, Autoencoder, Hierarchy, LayerAxes, Lineage, linear_shapes


def test_the_published_network_has_the_published_sizes(make):
    operators = make.pairs(1024, 512, 256, 128, 64, 32)
    hierarchy = Hierarchy.of(linear_shapes(Autoencoder(MSANN_WIDTHS)), operators, depth=3)
    assert hierarchy.levels[0].parameters == 591_488
    assert list(hierarchy.levels[3].shapes.values()) == [(32, 128), (16, 32), (32, 16), (128, 32)]
    assert [level.index for level in hierarchy.levels] == [0, 1, 2, 3]


def test_relative_sizes_and_operator_complexity(make):
    hierarchy = Hierarchy.of({"a": (8, 16), "b": (16, 8)}, make.pairs(16, 8), depth=1)
    fine, coarse = 8 * 16 + 8 + 16 * 8 + 16, 4 * 8 + 4 + 8 * 4 + 8
    assert hierarchy.relative_size(0) == 1
    assert hierarchy.relative_size(1) == coarse / fine
    assert hierarchy.operator_complexity() == 1 + coarse / fine


def test_axes_of_one_size_share_a_lineage(make):
    hierarchy = Hierarchy.of({"a": (8, 16), "b": (16, 8)}, make.pairs(16, 8), depth=1)
    assert hierarchy.input is hierarchy.output


def test_semi_coarsening_keeps_hidden_axes(make):
    hierarchy = Hierarchy.of({"a": (8, 16), "b": (16, 8)}, make.pairs(16, 8), depth=2, keep={8: 1})
    assert [dict(level.shapes)["a"] for level in hierarchy.levels] == [(8, 16), (8, 8), (4, 4)]


def test_bad_hierarchies_are_refused(make):
    with pytest.raises(InvalidInput, match="at least one layer"):
        Hierarchy({})
    with pytest.raises(InvalidInput, match="got -1, needed 0 or more"):
        Hierarchy.of({"a": (8, 8)}, {}, depth=-1)
    deep, flat = Lineage.of(make.pairs(8), 8, depth=1), Lineage(8, ())
    with pytest.raises(InvalidInput, match="all axes need one depth") as caught:
        Hierarchy({"a": LayerAxes(deep, deep), "b": LayerAxes(deep, flat)})
    assert caught.value.errors[0].pointer == "/layers/b"
