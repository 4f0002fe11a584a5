"""What callers can do with prolongations, without HTTP. Everything here blocks: run it in a thread."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from prolong.errors import InvalidInput, JobCancelled, JobFailed, UnknownKey
from prolong.keys import KEY_PATTERN
from prolong.problem import Problem
from prolong.wire import PageView, Progress, ProlongationView, Status
from prolong_service.errors import NotFinished, SeveralOperators
from prolong_service.views import href, view
from prolong_worker.jobs import JobState
from prolong_worker.store import AbstractOperatorStore, OperatorRecord, Summary

__all__ = ["AbstractJobs", "Listing", "Prolongations", "unknown"]

_KEY = re.compile(KEY_PATTERN)
_SCANNED_PAGES = 50
_STATES_AT_ONCE = 20


class AbstractJobs(Protocol):
    """What the service needs of the queue; `prolong_worker.jobs.Jobs` has the contract of each."""

    def submit(self, key: str, problem_json: bytes, *, summary: Summary, timeout_seconds: float) -> JobState: ...

    def state(self, key: str) -> JobState | None: ...

    def states(self, keys: Sequence[str]) -> list[JobState | None]: ...

    def cancel(self, key: str) -> JobState | None: ...

    def forget(self, key: str) -> bool: ...

    def live_workers(self) -> int: ...


@dataclass(frozen=True)
class Listing:
    """Which prolongations to list: at most `limit` after `cursor`, with this `status` and this graph `kind`."""

    limit: int
    cursor: str | None = None
    status: Status | None = None
    kind: str | None = None

    def includes(self, state: JobState) -> bool:
        """Whether `state` passes the filters; a kind is that of the coarse or of the fine graph."""
        summary = state.snapshot.summary
        if summary.is_comparison:
            return False
        right_kind = self.kind is None or self.kind in {summary.coarse_kind, summary.fine_kind}
        return right_kind and (self.status is None or state.status is self.status)


class Prolongations:
    """Submits, shows, lists, cancels and forgets."""

    def __init__(self, store: AbstractOperatorStore, jobs: AbstractJobs) -> None:
        self._store = store
        self._jobs = jobs

    def submit(self, problems: Sequence[Problem]) -> list[ProlongationView]:
        """See that every problem is solved; equal problems are one job."""
        return [view(self._submit(problem)) for problem in problems]

    def read(self, key: str, *, brief: bool = False) -> ProlongationView:
        """The resource. **Raises:** `UnknownKey`."""
        return self._view(self._state(key), brief=brief)

    def read_all(self, keys: Sequence[str]) -> list[ProlongationView]:
        """The resources, brief. **Raises:** `UnknownKey` where one was forgotten meanwhile."""
        return [self.read(key, brief=True) for key in keys]

    def page(self, listing: Listing) -> PageView:
        """The newest prolongations of a listing.

        A page may be short, and even empty, though more follow: only so many are looked at in one call.
        **Raises:** `InvalidInput` for a cursor that no page gave.
        """
        _check_cursor(listing.cursor)
        found: list[ProlongationView] = []
        cursor = listing.cursor
        for _ in range(_SCANNED_PAGES):
            page = self._store.page(limit=listing.limit - len(found), cursor=cursor)
            found += [view(state) for state in self._states(page.keys) if listing.includes(state)]
            cursor = page.cursor
            if cursor is None or len(found) == listing.limit:
                break
        return PageView(prolongations=tuple(found), next=cursor)

    def delete(self, key: str) -> ProlongationView | None:
        """Cancel what waits or runs, and give the resource; forget what has ended, and give None.

        **Raises:** `UnknownKey`.
        """
        if self._state(key).status.is_final:
            self._jobs.forget(key)
            return None
        state = self._jobs.cancel(key)
        if state is None:
            raise unknown(key)
        return view(state)

    def operator(self, key: str) -> OperatorRecord:
        """The committed operator.

        **Raises:** `SeveralOperators` of a sweep; as `record`.
        """
        record = self.record(key)
        if record.parts:
            detail = f"this is a sweep of {len(record.parts)} operators: GET {href(key)} names the key of each"
            raise SeveralOperators(detail)
        return record

    def record(self, key: str) -> OperatorRecord:
        """What was committed: an operator or a sweep.

        **Raises:** `UnknownKey`, `NotFinished`, `JobFailed`, `JobCancelled`, saying where the job stands.
        """
        state = self._state(key)
        if state.snapshot.record is not None:
            return state.snapshot.record
        if state.snapshot.failure is not None:
            raise JobFailed(f"there is no operator, the job failed: {state.snapshot.failure.reason}")
        if state.status is Status.CANCELLED:
            raise JobCancelled("there is no operator, the job was cancelled; POST the problem again to compute it")
        raise NotFinished(f"there is no operator yet, the job is {state.status}")

    def live_workers(self) -> int:
        """The number of workers with a fresh heartbeat."""
        return self._jobs.live_workers()

    def _submit(self, problem: Problem) -> JobState:
        text = problem.model_dump_json().encode()
        summary, seconds = Summary.of(problem), problem.max_seconds
        return self._jobs.submit(problem.key, text, summary=summary, timeout_seconds=seconds)

    def _state(self, key: str) -> JobState:
        # No other text is ever a key, so the store need not be asked, and sees no odd names.
        state = self._jobs.state(key) if _KEY.fullmatch(key) else None
        if state is None or state.snapshot.summary.is_comparison:
            raise unknown(key)
        return state

    def _states(self, keys: Sequence[str]) -> Iterable[JobState]:
        # In portions, as every state brings its whole problem along.
        for start in range(0, len(keys), _STATES_AT_ONCE):
            states = self._jobs.states(keys[start : start + _STATES_AT_ONCE])
            yield from (state for state in states if state is not None)

    def _view(self, state: JobState, *, brief: bool) -> ProlongationView:
        events = self._store.events(state.key) if state.status is Status.RUNNING else []
        progress = Progress.model_validate_json(events[-1].json_text) if events else None
        return view(state, progress=progress, brief=brief)


def unknown(key: str) -> UnknownKey:
    """The error for a key, or any other text, under which there is nothing of the asked kind."""
    what = f"the key {key}" if _KEY.fullmatch(key) else "this text; a key is 64 hexadecimal digits"
    return UnknownKey(f"nothing is held under {what}")


def _check_cursor(cursor: str | None) -> None:
    score, _, key = (cursor or "0:").partition(":")
    try:
        usable = math.isfinite(float(score)) and (cursor is None or _KEY.fullmatch(key) is not None)
    except ValueError:
        usable = False
    if not usable:
        raise InvalidInput.at("/query/cursor", "must be the 'next' of a former page", code="bad_cursor")
