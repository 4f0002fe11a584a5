from __future__ import annotations

import pytest

from prolong.train import Hierarchy, Work, WorkMeter


def test_the_published_cost_is_batch_times_relative_size_summed_over_steps(make):
    hierarchy = Hierarchy.of({"a": (8, 16), "b": (16, 8)}, make.pairs(16, 8), depth=1)
    meter = WorkMeter(hierarchy, cpu=lambda: 0.0, wall=lambda: 0.0)
    for level in (0, 1, 1):
        meter.charge(level, 128)
    fine, coarse = 280, 76
    assert meter.cost == pytest.approx(128 * (1 + 2 * coarse / fine))
    assert meter.reading() == Work(3, pytest.approx(meter.cost), pytest.approx(1 + 2 * coarse / fine), 0.0, 0.0)


def test_paused_spans_do_not_count(make):
    now = [100.0]
    meter = WorkMeter(Hierarchy.of({"a": (8, 8)}, {}, depth=0), cpu=lambda: now[0] / 2, wall=lambda: now[0])
    now[0] += 4
    with meter.paused():
        now[0] += 1000
    now[0] += 2
    assert (meter.reading().cpu_seconds, meter.reading().wall_seconds) == (3.0, 6.0)


def test_a_pause_that_fails_ends_all_the_same(make):
    now = iter([0.0, 0.0, 2.0, 2.0, 7.0, 7.0, 8.0, 8.0])
    clock = lambda: next(now)  # noqa: E731
    meter = WorkMeter(Hierarchy.of({"a": (8, 8)}, {}, depth=0), cpu=clock, wall=clock)
    with pytest.raises(ZeroDivisionError), meter.paused():
        raise ZeroDivisionError
    assert meter.reading().wall_seconds == 3.0
