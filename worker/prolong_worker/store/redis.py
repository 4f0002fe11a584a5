"""The operator store in Redis or Valkey."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from time import time
from typing import Any
from uuid import uuid4

from redis.exceptions import ResponseError

from prolong_worker.connection import Connection
from prolong_worker.store import scripts
from prolong_worker.store.base import AbstractOperatorStore, OperatorNotFound
from prolong_worker.store.keyspace import (
    CHUNK_BYTES,
    ENDING_SECONDS,
    ORPHAN_SECONDS,
    PROGRESS_EVENTS,
    PROGRESS_SECONDS,
    Keyspace,
)
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

__all__ = ["RedisOperatorStore"]

_CRC_BYTES = 4


class RedisOperatorStore(AbstractOperatorStore):
    """`connection` must hand out bytes, not decoded text; `clock` gives the Unix time in seconds."""

    def __init__(
        self, connection: Connection, keyspace: Keyspace | None = None, *, clock: Callable[[], float] = time
    ) -> None:
        self.connection = connection
        self.keyspace = keyspace or Keyspace()
        self._clock = clock
        self._accept = connection.register_script(scripts.ACCEPT)
        self._end = connection.register_script(scripts.END)
        self._commit = connection.register_script(scripts.COMMIT)
        self._drop = connection.register_script(scripts.DROP)

    def accept(self, key: str, problem_json: bytes, *, summary: Summary, timeout_seconds: float) -> bool:
        names = self.keyspace
        keys = [
            names.problem(key),
            names.record(key),
            names.failure(key),
            names.cancellation(key),
            names.progress(key),
            names.index,
            names.pending,
        ]
        arguments: list[str | bytes | float] = [
            key,
            problem_json,
            summary.model_dump_json(),
            self._clock(),
            timeout_seconds,
        ]
        return bool(self._accept(keys, arguments))

    def snapshot(self, key: str) -> Snapshot | None:
        return self.snapshots([key])[0]

    def snapshots(self, keys: Sequence[str]) -> list[Snapshot | None]:
        names = self.keyspace
        with self.connection.pipeline() as pipeline:
            for key in keys:
                pipeline.hgetall(names.problem(key))
                pipeline.mget(names.record(key), names.failure(key), names.cancellation(key))
            answers: list[Any] = pipeline.execute()
        return [_snapshot(*item) for item in zip(keys, answers[::2], answers[1::2], strict=True)]

    def commit(self, key: str, data: bytes, info: OperatorInfo) -> bool:
        now, names = self._clock(), self.keyspace
        record = OperatorRecord(
            **info.model_dump(),
            key=key,
            token=uuid4().hex,
            nbytes=len(data),
            chunk_bytes=CHUNK_BYTES,
            created_at=now,
        )
        chunks = self._chunk_keys(record)
        try:
            self._write_chunks(chunks, data)
        except ResponseError:
            # A full server would keep refusing everything else while the orphans wait for their end.
            self.connection.unlink(*chunks)
            raise
        fixed = [
            names.record(key),
            names.problem(key),
            names.failure(key),
            names.cancellation(key),
            names.pending,
            names.access,
            names.total_bytes,
        ]
        outcome = self._commit(fixed + chunks, [key, record.model_dump_json(), record.token, record.nbytes, now])
        if outcome != 1:
            self.connection.unlink(*chunks)
        if outcome == -1:
            raise OperatorNotFound(f"chunks of operator {key} vanished before their commit")
        return bool(outcome)

    def read(self, record: OperatorRecord, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        stop = record.nbytes if stop is None else min(stop, record.nbytes)
        start = min(max(start, 0), stop)
        size = record.chunk_bytes
        keys = self._chunk_keys(record)[start // size : -(-stop // size)]
        if not keys:
            return iter(())
        with self.connection.pipeline(transaction=False) as pipeline:
            pipeline.exists(*keys)
            pipeline.get(keys[0])
            pipeline.zadd(self.keyspace.access, {record.key: self._clock()}, xx=True)
            n_present, head, _ = pipeline.execute()
        if n_present != len(keys):
            raise self._damaged(record, f"{len(keys) - n_present} of its chunks are missing")
        first = self._payload(record, head)
        return self._blocks(record, keys[1:], first, start % size, stop - start)

    def fail(self, key: str, failure: Failure) -> bool:
        return self._end_with(self.keyspace.failure(key), key, failure.model_dump_json())

    def cancel(self, key: str) -> bool:
        return self._end_with(self.keyspace.cancellation(key), key, str(self._clock()))

    def is_cancelled(self, key: str) -> bool:
        return bool(self.connection.exists(self.keyspace.cancellation(key)))

    def forget(self, key: str) -> bool:
        names = self.keyspace
        held = self._drop_operator(key, token="", pending_since=0.0)
        with self.connection.pipeline() as pipeline:
            pipeline.unlink(names.problem(key))
            pipeline.unlink(names.failure(key), names.cancellation(key), names.progress(key))
            pipeline.zrem(names.index, key)
            pipeline.zrem(names.pending, key)
            known = bool(pipeline.execute()[0])
        return held or known

    def pending(self) -> list[str]:
        keys: Any = self.connection.zrange(self.keyspace.pending, 0, -1)
        return [key.decode() for key in keys]

    def page(self, *, limit: int, cursor: str | None = None) -> KeyPage:
        found = self._indexed(limit, cursor)
        with self.connection.pipeline(transaction=False) as pipeline:
            for key, _ in found:
                pipeline.exists(self.keyspace.problem(key))
            known = pipeline.execute()
        keys = tuple(key for (key, _), held in zip(found, known, strict=True) if held)
        gone = [key for (key, _), held in zip(found, known, strict=True) if not held]
        if gone:
            self.connection.zrem(self.keyspace.index, *gone)
        following = format_cursor(found[-1][1], found[-1][0]) if len(found) == limit else None
        return KeyPage(keys=keys, cursor=following)

    def report(self, key: str, json_text: str) -> None:
        stream = self.keyspace.progress(key)
        with self.connection.pipeline() as pipeline:
            pipeline.xadd(stream, {"event": json_text}, maxlen=PROGRESS_EVENTS, approximate=True)
            pipeline.expire(stream, PROGRESS_SECONDS)
            pipeline.execute()

    def events(self, key: str, *, after: str = "0-0", limit: int = 1000) -> list[Event]:
        parse_event_id(after)
        entries: Any = self.connection.xrange(self.keyspace.progress(key), min=f"({after}", count=limit)
        return [Event(id=name.decode(), json_text=fields[b"event"].decode()) for name, fields in entries]

    def total_bytes(self) -> int:
        count: Any = self.connection.get(self.keyspace.total_bytes)
        return int(count or 0)

    def least_recently_used(self, limit: int) -> list[str]:
        if limit < 1:
            return []
        keys: Any = self.connection.zrange(self.keyspace.access, 0, limit - 1)
        return [key.decode() for key in keys]

    def _chunk_keys(self, record: OperatorRecord) -> list[str]:
        return [self.keyspace.chunk(record.key, record.token, number) for number in range(record.n_chunks)]

    def _write_chunks(self, keys: Sequence[str], data: bytes) -> None:
        # One command a chunk: a pipeline would hold a second copy of the operator in memory.
        view = memoryview(data)
        for number, key in enumerate(keys):
            payload = view[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
            head = zlib.crc32(payload).to_bytes(_CRC_BYTES, "big")
            self.connection.set(key, b"".join((head, payload)), ex=ORPHAN_SECONDS)

    def _payload(self, record: OperatorRecord, value: bytes | None) -> memoryview:
        if value is None:
            raise self._damaged(record, "one of its chunks is missing")
        head, payload = value[:_CRC_BYTES], memoryview(value)[_CRC_BYTES:]
        if zlib.crc32(payload) != int.from_bytes(head, "big"):
            raise self._damaged(record, "the checksum of one of its chunks is wrong")
        return payload

    def _blocks(
        self, record: OperatorRecord, rest: Sequence[str], first: memoryview, offset: int, left: int
    ) -> Iterator[bytes]:
        block = first[offset:][:left]
        yield bytes(block)
        for key in rest:
            left -= len(block)
            value: Any = self.connection.get(key)
            block = self._payload(record, value)[:left]
            yield bytes(block)

    def _damaged(self, record: OperatorRecord, what: str) -> OperatorNotFound:
        self._drop_operator(record.key, token=record.token, pending_since=self._clock())
        return OperatorNotFound(f"operator {record.key} was damaged ({what}) and has been dropped")

    def _drop_operator(self, key: str, *, token: str, pending_since: float) -> bool:
        names = self.keyspace
        keys = [names.record(key), names.access, names.total_bytes, names.pending]
        return bool(self._drop(keys, [key, names.chunk(key, "", 0)[:-2], token, pending_since]))

    def _end_with(self, name: str, key: str, value: str) -> bool:
        keys = [self.keyspace.pending, name, self.keyspace.problem(key)]
        return bool(self._end(keys, [key, value, ENDING_SECONDS]))

    def _indexed(self, limit: int, cursor: str | None) -> list[tuple[str, float]]:
        index = self.keyspace.index
        if cursor is None:
            entries: Any = self.connection.zrevrange(index, 0, limit - 1, withscores=True)
        else:
            score, key = parse_cursor(cursor)
            rank: Any = self.connection.zrevrank(index, key)
            if rank is None:
                entries = self.connection.zrevrangebyscore(
                    index, f"({score!r}", "-inf", start=0, num=limit, withscores=True
                )
            else:
                entries = self.connection.zrevrange(index, rank + 1, rank + limit, withscores=True)
        return [(key.decode(), float(score)) for key, score in entries]


def _snapshot(key: str, problem: dict[bytes, bytes], endings: list[bytes | None]) -> Snapshot | None:
    if not problem:
        return None
    record, failure, cancelled = endings
    return Snapshot(
        key=key,
        problem_json=problem[b"json"],
        summary=Summary.model_validate_json(problem[b"summary"]),
        timeout_seconds=float(problem[b"timeout_seconds"]),
        created_at=float(problem[b"created_at"]),
        record=OperatorRecord.model_validate_json(record) if record else None,
        failure=Failure.model_validate_json(failure) if failure else None,
        cancelled_at=float(cancelled) if cancelled else None,
    )
