import contextlib
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prolong.certificate import Outcome
from prolong_worker.solve.control import Interrupted
from prolong_worker.solve.parametric import BorderSearch, Costs, least_with_ties


def _ignore(search):
    del search


def _value(s):
    return lambda x, y: (1 - s) * x**0.5 + s * y**0.5


def _all_costs(costs):
    n, m = costs.first.shape
    rows = np.arange(n)
    return [
        (costs.first[rows, list(chosen)].sum(), costs.second[rows, list(chosen)].sum())
        for chosen in itertools.permutations(range(m), n)
    ]


_shapes = st.integers(1, 4).flatmap(lambda n: st.tuples(st.just(n), st.integers(n, 6)))


@st.composite
def _costs(draw):
    """Few distinct integers make ties everywhere; many make none."""
    shape, largest, seed = draw(_shapes), draw(st.sampled_from([1, 2, 5, 10**6])), draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    return Costs(*(rng.integers(0, largest, size=shape, endpoint=True).astype(float) for _ in range(2)))


@settings(max_examples=150)
@given(_costs(), st.floats(0.01, 0.99))
def test_no_assignment_is_better(costs, s):
    value = _value(s)
    search = BorderSearch(costs, value, tick=_ignore)
    search.run()
    assert search.least == pytest.approx(min(value(x, y) for x, y in _all_costs(costs)), rel=1e-12)
    assert search.lower_bound == search.least


@settings(max_examples=150)
@given(_costs(), st.floats(0.01, 0.99), st.integers(1, 4))
def test_an_interrupted_search_keeps_a_valid_bound(costs, s, after):
    def stop(search):
        if search.assignments >= after:
            raise Interrupted(Outcome.CANCELLED)

    value = _value(s)
    search = BorderSearch(costs, value, tick=stop)
    with contextlib.suppress(Interrupted):
        search.run()
    assert search.assignments >= min(after, 2)
    best = min(value(x, y) for x, y in _all_costs(costs))
    assert search.lower_bound <= best * (1 + 1e-12)
    assert best <= search.least * (1 + 1e-12)


def test_every_vertex_of_the_border_is_found_by_the_value_that_likes_it():
    # All assignments of a circle of points: each is best for one direction, so a linear value finds each.
    angles = np.linspace(0.05, np.pi / 2 - 0.05, 9)
    costs = Costs(10 - 9 * np.cos(angles)[None, :], 10 - 9 * np.sin(angles)[None, :])
    for k, angle in enumerate(angles):
        search = BorderSearch(costs, lambda x, y, a=angle: float(np.cos(a) * x + np.sin(a) * y), tick=_ignore)
        search.run()
        assert search.found.fine_index.tolist() == [k]


def test_triangles_that_cannot_hold_the_optimum_are_not_unrolled(rng):
    costs = Costs(*(rng.exponential(size=(60, 80)) for _ in range(2)))
    vertices = {costs.least(1 - w, w).x for w in np.linspace(0, 1, 300)}
    search = BorderSearch(costs, _value(0.5), tick=_ignore)
    search.run()
    assert search.assignments < len(vertices) / 2


@settings(max_examples=150)
@given(_costs())
def test_ties_of_the_first_cost_are_broken_by_the_second(costs):
    found = least_with_ties(costs, slack=1e-9)
    assert (found.x, found.y) == min(_all_costs(costs))
