from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from prolong.train import Visit, fine_only, forever, nested, recursive, v_cycle


def _steps(visits):
    total = Counter()
    for visit in visits:
        total[visit.level] += visit.steps
    return dict(total)


def _published(level, depth, gamma, k):
    """The published recursion with a list of single steps: smooth, then gamma times (recurse, smooth)."""
    trace = [level] * k
    if level != depth:
        for _ in range(gamma):
            trace += _published(level + 1, depth, gamma, k) + [level] * k
    return trace


@pytest.mark.parametrize("gamma", [0, 1, 2, 3])
@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("k", [1, 4])
def test_the_recursion_takes_the_published_steps_in_the_published_order(depth, gamma, k):
    visits = list(recursive(depth, gamma=gamma, k=k))
    assert [v.level for v in visits for _ in range(v.steps)] == _published(0, depth, gamma, k)


@pytest.mark.parametrize(("depth", "gamma", "k"), [(3, 3, 1), (2, 2, 4), (6, 1, 2)])
def test_steps_of_the_recursion_by_level(depth, gamma, k):
    expected = {level: gamma**level * k * (1 + gamma) for level in range(depth)}
    expected[depth] = gamma**depth * k
    assert _steps(recursive(depth, gamma=gamma, k=k)) == expected


def test_the_authors_program_smooths_once_more():
    steps = _steps(recursive(3, gamma=3, k=1, extra_smoothing=True))
    assert steps == {0: 5, 1: 15, 2: 45, 3: 54}


def test_v_nested_and_fine_only():
    assert [(v.level, v.steps) for v in v_cycle(2, k=3)] == [(0, 3), (1, 3), (2, 3), (1, 3), (0, 3)]
    assert list(nested(2)) == [Visit(2), Visit(1), Visit(0)]
    assert list(nested(1, k=5)) == [Visit(1, 5), Visit(0, 5)]
    assert list(fine_only()) == [Visit(0)]


def test_forever_repeats():
    assert list(islice(forever((Visit(0, 1), Visit(1, 2))), 5)) == [Visit(0, 1), Visit(1, 2)] * 2 + [Visit(0, 1)]
