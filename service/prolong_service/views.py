"""What the service says about a prolongation, from what the store and the queue know."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from prolong.wire import OperatorView, Progress, ProlongationView, Status, SweepPart
from prolong_worker.jobs import JobState
from prolong_worker.store import OperatorRecord

__all__ = ["BRIEF_PROBLEM_BYTES", "href", "moment", "view"]

BRIEF_PROBLEM_BYTES = 4096
"""In lists and in answers to POST, longer problems are left out: the caller has them, or asks for them by key."""


def href(key: str) -> str:
    """The path of a prolongation."""
    return f"/prolongations/{key}"


def view(state: JobState, *, progress: Progress | None = None, brief: bool = True) -> ProlongationView:
    """The resource; where `brief`, without a long problem."""
    snapshot, record = state.snapshot, state.snapshot.record
    shown = not brief or len(snapshot.problem_json) <= BRIEF_PROBLEM_BYTES
    failure = snapshot.failure if state.status is Status.FAILED else None
    finished_at = record.finished_at if record else failure.failed_at if failure else snapshot.cancelled_at
    return ProlongationView(
        key=state.key,
        status=state.status,
        problem=json.loads(snapshot.problem_json) if shown else None,
        certificate=None if record is None else record.certificate,
        operator=None if record is None or record.parts else _operator(record),
        sweep=_sweep(record) if record and record.parts else None,
        progress=progress,
        queue_position=state.position,
        error=None if failure is None else failure.reason,
        created_at=moment(snapshot.created_at),
        started_at=moment(record.started_at if record else state.started_at),
        finished_at=moment(finished_at),
    )


def _sweep(record: OperatorRecord) -> tuple[SweepPart, ...]:
    return tuple(
        SweepPart(
            locality=part.locality,
            key=part.record.key,
            certificate=part.record.certificate,
            operator=_operator(part.record),
        )
        for part in record.parts
        if part.record.certificate is not None
    )


def _operator(record: OperatorRecord) -> OperatorView:
    return OperatorView(
        shape=record.shape,
        kind=record.kind,
        nnz=record.nnz,
        bytes=record.nbytes,
        sha256=record.sha256,
        href=f"{href(record.key)}/operator",
    )


def moment(seconds: float | None) -> datetime | None:
    """A Unix time as the wire has it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
