"""The performance profile as a picture."""

from __future__ import annotations

from math import inf

import pytest

from prolong_worker.bench.solver.picture import profile_picture


@pytest.mark.parametrize("ratios", [[1.0, 2.0, inf], []])
def test_it_is_a_png_whatever_was_solved(ratios):
    picture = profile_picture({1e-3: {"a": ratios, "b": [1.0]}, 0.05: {"a": ratios, "b": [inf]}}, title="two")
    assert picture.startswith(b"\x89PNG")


def test_equal_profiles_give_equal_bytes_and_others_do_not():
    one, same, other = (profile_picture({1e-3: {"a": [1.0, ratio]}}, title="t") for ratio in (3.0, 3.0, 30.0))
    assert one == same != other
