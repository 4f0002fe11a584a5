"""The corners against sampling."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prolong_worker.solve.dual.polygon import Concave, HalfPlane, Pair, Polygon, lower_left_hull

POSITIVE = st.floats(0.01, 100)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(POSITIVE, POSITIVE, st.floats(0, 100)), max_size=6),
    st.tuples(st.floats(0, 10), st.floats(0, 10)),
    st.tuples(POSITIVE, POSITIVE),
    st.integers(0, 1000),
)
def test_nothing_allowed_is_below_the_weakest_corner(cuts, least, weights, seed):
    (x, y), (u, v) = least, weights
    energy, polygon = Concave(u, v), Polygon(Pair(x, y), [HalfPlane(*cut) for cut in cuts])
    bound = energy(polygon.weakest(energy))
    rng = np.random.default_rng(seed)
    for sample in x + rng.exponential(rng.choice([0.01, 1.0, 1000.0]), 50):
        height = max([y, *((m - c * sample) / d for c, d, m in cuts)])
        assert bound <= energy(Pair(sample, height)) * (1 + 1e-12)


def test_without_cuts_it_is_the_sum_of_the_minima():
    energy = Concave(0.3, 0.7)
    assert energy(Polygon(Pair(4, 9)).weakest(energy)) == pytest.approx(0.3 * 2 + 0.7 * 3)


def test_two_cuts_meet_in_the_corner():
    polygon = Polygon(Pair(0, 0), [HalfPlane(2, 1, 4), HalfPlane(1, 2, 4)])
    energy = Concave(1, 1)
    assert min(energy(Pair(0, 4)), energy(Pair(4 / 3, 4 / 3)), energy(Pair(4, 0))) == pytest.approx(
        energy(polygon.weakest(energy))
    )


def test_a_cut_that_excludes_nothing_changes_nothing():
    energy = Concave(1, 1)
    bare, cut = Polygon(Pair(1, 1)), Polygon(Pair(1, 1), [HalfPlane(1, 1, 0)])
    assert energy(cut.weakest(energy)) == pytest.approx(energy(bare.weakest(energy)))


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=12))
def test_no_point_is_below_the_hull_and_its_edges_fall(points):
    hull = lower_left_hull([Pair(*point) for point in points])
    assert set(hull) <= {Pair(*point) for point in points}
    for left, right in pairwise(hull):
        assert left.x < right.x
        assert left.y > right.y
        for x, y in points:
            c, d = left.y - right.y, right.x - left.x
            assert c * x + d * y >= c * left.x + d * left.y - 1e-9
