"""The operator store in the memory of one process: the Redis store's twin, for tests and offline runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import RLock
from time import time
from uuid import uuid4

from prolong_worker.store.base import AbstractOperatorStore, OperatorNotFound
from prolong_worker.store.keyspace import CHUNK_BYTES, PROGRESS_EVENTS
from prolong_worker.store.records import (
    Event,
    Failure,
    KeyPage,
    OperatorInfo,
    OperatorRecord,
    Snapshot,
    Summary,
    format_cursor,
    parse_cursor,
    parse_event_id,
)

__all__ = ["MemoryOperatorStore"]


class MemoryOperatorStore(AbstractOperatorStore):
    """Keeps everything until forgotten; no lifetimes. `clock` gives the Unix time in seconds."""

    def __init__(self, *, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self._lock = RLock()
        self._snapshots: dict[str, Snapshot] = {}
        self._data: dict[str, bytes] = {}
        self._events: dict[str, list[Event]] = {}
        self._access: dict[str, float] = {}
        self._n_events = 0

    def accept(self, key: str, problem_json: bytes, *, summary: Summary, timeout_seconds: float) -> bool:
        with self._lock:
            held = self._snapshots.get(key)
            if held is not None and (held.pending or held.record):
                return False
            self._events.pop(key, None)
            self._snapshots[key] = Snapshot(
                key=key,
                problem_json=problem_json,
                summary=summary,
                timeout_seconds=timeout_seconds,
                created_at=self._clock(),
            )
            return True

    def snapshot(self, key: str) -> Snapshot | None:
        return self._snapshots.get(key)

    def snapshots(self, keys: Sequence[str]) -> list[Snapshot | None]:
        with self._lock:
            return [self._snapshots.get(key) for key in keys]

    def commit(self, key: str, data: bytes, info: OperatorInfo) -> bool:
        with self._lock:
            held = self._snapshots.get(key)
            if held is None or held.record or held.cancelled_at is not None:
                return False
            record = OperatorRecord(
                **info.model_dump(),
                key=key,
                token=uuid4().hex,
                nbytes=len(data),
                chunk_bytes=CHUNK_BYTES,
                created_at=self._clock(),
            )
            self._data[key], self._access[key] = data, self._clock()
            self._snapshots[key] = held.model_copy(update={"record": record, "failure": None})
            return True

    def read(self, record: OperatorRecord, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        with self._lock:
            held = self._snapshots.get(record.key)
            if held is None or held.record is None or held.record.token != record.token:
                raise OperatorNotFound(f"operator {record.key} is not held")
            self._access[record.key] = self._clock()
            data = self._data[record.key]
        part = data[max(start, 0) : stop]
        return (part[i : i + record.chunk_bytes] for i in range(0, len(part), record.chunk_bytes))

    def fail(self, key: str, failure: Failure) -> bool:
        return self._end(key, failure=failure)

    def cancel(self, key: str) -> bool:
        return self._end(key, cancelled_at=self._clock())

    def is_cancelled(self, key: str) -> bool:
        held = self._snapshots.get(key)
        return held is not None and held.cancelled_at is not None

    def forget(self, key: str) -> bool:
        with self._lock:
            self._data.pop(key, None)
            self._access.pop(key, None)
            self._events.pop(key, None)
            return self._snapshots.pop(key, None) is not None

    def pending(self) -> list[str]:
        with self._lock:
            held = sorted(self._snapshots.values(), key=lambda item: (item.created_at, item.key))
        return [item.key for item in held if item.pending]

    def page(self, *, limit: int, cursor: str | None = None) -> KeyPage:
        with self._lock:
            order = sorted(((item.created_at, item.key) for item in self._snapshots.values()), reverse=True)
        if cursor is not None:
            last = parse_cursor(cursor)
            order = [item for item in order if item < last]
        found = order[:limit]
        following = format_cursor(*found[-1]) if len(found) == limit else None
        return KeyPage(keys=tuple(key for _, key in found), cursor=following)

    def report(self, key: str, json_text: str) -> None:
        with self._lock:
            self._n_events += 1
            event = Event(id=f"{int(self._clock() * 1000)}-{self._n_events}", json_text=json_text)
            self._events[key] = [*self._events.get(key, []), event][-PROGRESS_EVENTS:]

    def events(self, key: str, *, after: str = "0-0", limit: int = 1000) -> list[Event]:
        mark = parse_event_id(after)
        with self._lock:
            held = self._events.get(key, [])
        return [event for event in held if parse_event_id(event.id) > mark][:limit]

    def total_bytes(self) -> int:
        with self._lock:
            return sum(map(len, self._data.values()))

    def least_recently_used(self, limit: int) -> list[str]:
        with self._lock:
            return sorted(self._access, key=self._access.__getitem__)[: max(limit, 0)]

    def _end(self, key: str, *, failure: Failure | None = None, cancelled_at: float | None = None) -> bool:
        with self._lock:
            held = self._snapshots.get(key)
            if held is None or not held.pending:
                return False
            ending = {"failure": failure, "cancelled_at": cancelled_at}
            self._snapshots[key] = held.model_copy(update=ending)
            return True
