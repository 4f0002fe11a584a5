"""The courier between a running search and the store."""

from __future__ import annotations

import json
import time
from typing import NoReturn

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from prolong.wire import Progress
from prolong_worker.progress import REPORT_SECONDS, ProgressCourier
from prolong_worker.store import MemoryOperatorStore, Summary

KEY = "a" * 64
SUMMARY = Summary(
    coarse_kind="path", fine_kind="path", n_coarse=2, n_fine=4, structure="dense", method="auto", locality=0.5
)


def test_four_events_a_second_at_most() -> None:
    assert REPORT_SECONDS == 0.25


def test_a_flood_of_notes_becomes_few_events_and_the_last_one_is_kept() -> None:
    store = MemoryOperatorStore()
    with ProgressCourier(store, KEY, interval_seconds=0.05) as courier:
        for iteration in range(20_000):
            courier.report(Progress(stage="search", iteration=iteration))
    events = [json.loads(event.json_text) for event in store.events(KEY)]
    assert 1 <= len(events) < 1000
    assert events[-1]["iteration"] == 19_999
    assert events[-1]["stage"] == "search"


def test_a_cancellation_is_heard() -> None:
    store = MemoryOperatorStore()
    store.accept(KEY, b"{}", summary=SUMMARY, timeout_seconds=1.0)
    with ProgressCourier(store, KEY, interval_seconds=0.01) as courier:
        assert not courier.should_stop()
        store.cancel(KEY)
        deadline = time.monotonic() + 5
        while not courier.should_stop():
            assert time.monotonic() < deadline
            time.sleep(0.005)


def test_a_store_that_is_away_costs_events_only(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryOperatorStore()

    def away(*_: object) -> NoReturn:
        raise RedisConnectionError("away")

    monkeypatch.setattr(store, "report", away)
    with ProgressCourier(store, KEY, interval_seconds=0.01) as courier:
        courier.report(Progress(stage="search"))
        time.sleep(0.05)
    assert not courier.should_stop()
