"""Carries a running search's progress to the store and cancellation back, without slowing the search."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Self

from redis.exceptions import RedisError

from prolong.wire import Progress
from prolong_worker.store import AbstractOperatorStore

__all__ = ["REPORT_SECONDS", "ProgressCourier"]

REPORT_SECONDS = 0.25
"""At most one event is written, and the cancellation looked up once, in this time."""

_log = logging.getLogger(__name__)


class ProgressCourier:
    """A thread beside the search: `report` only leaves a note, `should_stop` only reads one.

    The store may be slow or away meanwhile; then events are lost, never the search's time. As a context
    manager it starts the thread and, at the end, writes the last note.
    """

    def __init__(
        self, store: AbstractOperatorStore, key: str, *, interval_seconds: float = REPORT_SECONDS
    ) -> None:
        self._store = store
        self._key = key
        self._interval_seconds = interval_seconds
        self._note: Progress | None = None
        self._cancelled = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def report(self, progress: Progress) -> None:
        """Take note of where the search stands; an older note not yet written is replaced."""
        self._note = progress

    def should_stop(self) -> bool:
        """Whether the problem was found cancelled."""
        return self._cancelled

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(timeout=2.0)

    def _run(self) -> None:
        while not self._ending.wait(self._interval_seconds):
            self._exchange()
        self._exchange()

    def _exchange(self) -> None:
        note, self._note = self._note, None
        try:
            if note is not None:
                self._store.report(self._key, note.model_dump_json())
            self._cancelled = self._cancelled or self._store.is_cancelled(self._key)
        except RedisError as error:
            _log.warning("progress of %s could not be written: %s", self._key, error)
