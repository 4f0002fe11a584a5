"""What callers can do with comparisons of graphs, without HTTP. Everything here blocks: run it in a thread."""

from __future__ import annotations

import json
import re

from prolong.diffusion import DistanceProblem, Distances
from prolong.keys import KEY_PATTERN
from prolong.wire import DistancesView, Progress, Status
from prolong_service.prolongations import AbstractJobs, unknown
from prolong_service.views import BRIEF_PROBLEM_BYTES, moment
from prolong_worker.jobs import JobState
from prolong_worker.store import AbstractOperatorStore, Summary

__all__ = ["Comparisons"]


class Comparisons:
    """Submits, shows, cancels and forgets."""

    def __init__(self, store: AbstractOperatorStore, jobs: AbstractJobs) -> None:
        self._store = store
        self._jobs = jobs

    def submit(self, problem: DistanceProblem) -> DistancesView:
        """See that the distances are found; equal problems are one job."""
        text, summary = problem.model_dump_json().encode(), Summary.of_comparison(problem)
        seconds = problem.max_seconds
        return self._view(self._jobs.submit(problem.key, text, summary=summary, timeout_seconds=seconds))

    def read(self, key: str) -> DistancesView:
        """The resource. **Raises:** `UnknownKey`."""
        return self._view(self._state(key))

    def delete(self, key: str) -> DistancesView | None:
        """Cancel what waits or runs, and give the resource; forget what has ended, and give None.

        **Raises:** `UnknownKey`.
        """
        if self._state(key).status.is_final:
            self._jobs.forget(key)
            return None
        state = self._jobs.cancel(key)
        if state is None:
            raise unknown(key)
        return self._view(state)

    def _state(self, key: str) -> JobState:
        state = self._jobs.state(key) if re.fullmatch(KEY_PATTERN, key) else None
        if state is None or not state.snapshot.summary.is_comparison:
            raise unknown(key)
        return state

    def _view(self, state: JobState) -> DistancesView:
        snapshot, record = state.snapshot, state.snapshot.record
        shown = len(snapshot.problem_json) <= BRIEF_PROBLEM_BYTES
        failure = snapshot.failure if state.status is Status.FAILED else None
        finished_at = record.finished_at if record else failure.failed_at if failure else snapshot.cancelled_at
        return DistancesView(
            key=state.key,
            status=state.status,
            problem=json.loads(snapshot.problem_json) if shown else None,
            distances=self._distances(state),
            progress=self._progress(state),
            queue_position=state.position,
            error=None if failure is None else failure.reason,
            created_at=moment(snapshot.created_at),
            started_at=moment(record.started_at if record else state.started_at),
            finished_at=moment(finished_at),
        )

    def _distances(self, state: JobState) -> Distances | None:
        if state.snapshot.record is None:
            return None
        return Distances.model_validate_json(b"".join(self._store.read(state.snapshot.record)))

    def _progress(self, state: JobState) -> Progress | None:
        events = self._store.events(state.key) if state.status is Status.RUNNING else []
        return Progress.model_validate_json(events[-1].json_text) if events else None
