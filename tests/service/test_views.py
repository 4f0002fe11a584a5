"""The resource as callers see it."""

from __future__ import annotations

import json
from typing import Any

from prolong.wire import Progress, Status
from prolong_service.views import BRIEF_PROBLEM_BYTES, view
from prolong_worker.jobs import JobState
from prolong_worker.store import Failure, Snapshot, Summary

SUMMARY = Summary(
    coarse_kind="path", fine_kind="path", n_coarse=2, n_fine=4, structure="dense", method="auto", locality=1.0
)


def _state(status: Status, *, problem: object = None, **found: Any) -> JobState:
    snapshot = Snapshot(
        key="k",
        problem_json=json.dumps(problem or {"a": 1}).encode(),
        summary=SUMMARY,
        timeout_seconds=1.0,
        created_at=0.0,
        **found,
    )
    return JobState("k", status, snapshot, position=3 if status is Status.QUEUED else None)


def test_a_queued_one_has_its_place_and_its_time_in_utc() -> None:
    shown = view(_state(Status.QUEUED))
    assert (shown.queue_position, shown.problem, shown.operator) == (3, {"a": 1}, None)
    assert shown.created_at is not None
    assert shown.created_at.isoformat() == "1970-01-01T00:00:00+00:00"
    assert shown.finished_at is None


def test_a_failed_one_has_its_reason() -> None:
    shown = view(_state(Status.FAILED, failure=Failure(code="c", reason="why", failed_at=9.0)))
    assert shown.error == "why"
    assert shown.finished_at is not None
    assert shown.finished_at.timestamp() == 9.0


def test_a_cancelled_one_has_its_end() -> None:
    shown = view(_state(Status.CANCELLED, cancelled_at=5.0))
    assert shown.finished_at is not None
    assert shown.finished_at.timestamp() == 5.0
    assert shown.error is None


def test_long_problems_are_left_out_where_brief() -> None:
    long = {"a": "x" * BRIEF_PROBLEM_BYTES}
    assert view(_state(Status.QUEUED, problem=long)).problem is None
    assert view(_state(Status.QUEUED, problem=long), brief=False).problem == long


def test_progress_is_shown() -> None:
    progress = Progress(stage="search", iteration=3)
    assert view(_state(Status.RUNNING), progress=progress).progress == progress
