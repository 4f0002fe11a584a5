"""Finds what crashes left behind, and sets it going again.

RQ looks for lost jobs only where a worker is idle, under a lock that a killed owner holds for 15 minutes, and
may fail jobs that are done. This janitor runs in the service and in idle workers, any number of them, one at
a time.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from redis.exceptions import RedisError
from rq import Queue, worker_registration
from rq.job import Job
from rq.registry import FailedJobRegistry, FinishedJobRegistry
from rq.scripts import release_lock
from rq.serializers import JSONSerializer

from prolong_worker.jobs import Jobs
from prolong_worker.settings import LEASE_SECONDS
from prolong_worker.store import Failure

__all__ = ["ADRIFT_SECONDS", "SWEEP_SECONDS", "Janitor", "Sweep"]

SWEEP_SECONDS = 5.0
"""The time between two sweeps."""

ADRIFT_SECONDS = 8.0
"""A job that is in no queue and at no worker may be between the two; after this long it is lost."""

_LOCK_SECONDS = 60
_CLOCK_SLACK_SECONDS = 5.0
_CRASHED = "The process that searched for this operator died {times} times, perhaps for want of memory."

_log = logging.getLogger(__name__)

_TAKE_OVER = """
-- KEYS: started jobs, job hash, queue, its intermediate queue, operator record, cancellation
-- ARGV: execution, job id, now
-- Ends an execution whose heartbeat has stopped. Returns what became of its job.
local expiry = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not expiry or tonumber(expiry) > tonumber(ARGV[3]) then return 'alive' end
redis.call('ZREM', KEYS[1], ARGV[1])
if redis.call('EXISTS', KEYS[5], KEYS[6]) > 0 then
  redis.call('DEL', KEYS[2])
  return 'ended'
end
local status = redis.call('HGET', KEYS[2], 'status')
if status ~= 'started' and status ~= 'queued' then return 'ended' end
if redis.call('LPOS', KEYS[3], ARGV[2]) then return 'ended' end
redis.call('LREM', KEYS[4], 0, ARGV[2])
local left = tonumber(redis.call('HGET', KEYS[2], 'retries_left') or '0')
if left < 1 then
  redis.call('HSET', KEYS[2], 'status', 'failed')
  redis.call('EXPIRE', KEYS[2], 3600)
  return 'exhausted'
end
redis.call('HSET', KEYS[2], 'retries_left', left - 1, 'status', 'queued')
redis.call('LPUSH', KEYS[3], ARGV[2])
return 'requeued'
"""


@dataclass(frozen=True)
class Sweep:
    """What one sweep did, as keys: `taken_over` from dead workers, `exhausted` by too many crashes, `refloated`
    from between queue and worker, `stopped` once more."""

    taken_over: tuple[str, ...] = ()
    exhausted: tuple[str, ...] = ()
    refloated: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()


class Janitor:
    """Sweeps one queue; `start` does it in a thread of its own, as a context manager starts and stops it.

    **Arguments:** `lease_seconds`: what the workers' heartbeats renew; after an outage or a jump of the clock
    nothing is taken over for this long, because heartbeats could not arrive. `adrift_seconds`: how long a job
    may be in no queue and at no worker.
    """

    def __init__(
        self,
        jobs: Jobs,
        *,
        interval_seconds: float = SWEEP_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
        adrift_seconds: float = ADRIFT_SECONDS,
    ) -> None:
        self._jobs = jobs
        self._store = jobs.store
        self._connection = jobs.store.connection
        self._queue = Queue(jobs.queue, connection=self._connection, serializer=JSONSerializer)
        self._interval_seconds = interval_seconds
        self._lease_seconds = lease_seconds
        self._adrift_seconds = adrift_seconds
        self._take_over = self._connection.register_script(_TAKE_OVER)
        self._quiet_until = 0.0
        self._clock_offset = time.time() - time.monotonic()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to sweep every `interval_seconds`."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="janitor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; waits for a sweep under way, at most 5 s."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def sweep(self) -> Sweep | None:
        """Look once. **Returns:** what was done, or `None` if another janitor is at it."""
        lock, token = self._store.keyspace.janitor_lock, uuid4().hex
        if not self._connection.set(lock, token, nx=True, ex=_LOCK_SECONDS):
            return None
        try:
            self._tidy()
            taken_over, exhausted = self._take_over_dead()
            stopped = self._stop_cancelled()
            return Sweep(taken_over, exhausted, self._refloat(), stopped)
        finally:
            release_lock(self._connection, lock, token)

    def _run(self) -> None:
        while not self._ending.wait(self._interval_seconds):
            try:
                self.sweep()
            except RedisError as error:
                self._quiet_until = time.monotonic() + self._lease_seconds
                _log.warning("the janitor cannot work: %s", error)

    def _take_over_dead(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        outcomes: dict[str, list[str]] = {"requeued": [], "exhausted": []}
        if self._may_judge():
            registry = self._queue.started_job_registry.key
            expired: Any = self._connection.zrangebyscore(registry, 0, time.time())
            for execution in expired:
                key = _key(execution)
                outcomes.setdefault(self._end_execution(execution, key), []).append(key)
        for key in outcomes["exhausted"]:
            self._fail(key)
        for key in outcomes["requeued"]:
            _log.warning("the worker of %s died; another one takes it up", key)
        return tuple(outcomes["requeued"]), tuple(outcomes["exhausted"])

    def _end_execution(self, execution: bytes, key: str) -> str:
        names = self._store.keyspace
        keys = [
            self._queue.started_job_registry.key,
            Job.key_for(key),
            self._queue.key,
            self._queue.intermediate_queue_key,
            names.record(key),
            names.cancellation(key),
        ]
        outcome: bytes = self._take_over(keys, [execution, key, time.time()])
        return outcome.decode()

    def _may_judge(self) -> bool:
        """Whether every living worker had the time for a heartbeat."""
        offset = time.time() - time.monotonic()
        if abs(offset - self._clock_offset) > _CLOCK_SLACK_SECONDS:
            self._quiet_until = time.monotonic() + self._lease_seconds
        self._clock_offset = offset
        server: Any = self._connection.info("server")
        return time.monotonic() >= self._quiet_until and server["uptime_in_seconds"] > self._lease_seconds

    def _stop_cancelled(self) -> tuple[str, ...]:
        running = [key for key in self._running() if self._store.is_cancelled(key)]
        for key in running:
            self._jobs.stop(key)
        return tuple(running)

    def _refloat(self) -> tuple[str, ...]:
        """Requeue pending problems that stay in no queue and at no worker."""
        suspects = self._seen_adrift(set(self._store.pending()) - self._held())
        refloated = []
        for snapshot in filter(None, self._store.snapshots(suspects)):
            status: Any = self._connection.hget(Job.key_for(snapshot.key), "status")
            if snapshot.pending and status == b"failed":
                self._fail(snapshot.key)
            elif snapshot.pending and self._jobs.requeue(snapshot):
                _log.warning("%s was in no queue and at no worker; it is queued again", snapshot.key)
                refloated.append(snapshot.key)
        return tuple(refloated)

    def _seen_adrift(self, suspects: set[str]) -> list[str]:
        """Those of the suspects that were so long enough; takes note of the others."""
        now, name = time.time(), self._store.keyspace.adrift
        before: Any = self._connection.zrange(name, 0, -1, withscores=True)
        seen = {key.decode(): since for key, since in before}
        lost = [key for key in suspects if key in seen and now - seen[key] >= self._adrift_seconds]
        over = [key for key in seen if key not in suspects or key in lost]
        new = {key: now for key in suspects if key not in seen}
        if over:
            self._connection.zrem(name, *over)
        if new:
            self._connection.zadd(name, new)
        return lost

    def _held(self) -> set[str]:
        """Every job in any queue or at any worker: queues share the pending problems."""
        queues = Queue.all(connection=self._connection, serializer=JSONSerializer)
        with self._connection.pipeline() as pipeline:
            for queue in queues:
                pipeline.lrange(queue.key, 0, -1)
                pipeline.zrange(queue.started_job_registry.key, 0, -1)
            return {_key(entry) for entries in pipeline.execute() for entry in entries}

    def _running(self) -> list[str]:
        executions: Any = self._connection.zrange(self._queue.started_job_registry.key, 0, -1)
        return [_key(execution) for execution in executions]

    def _fail(self, key: str) -> None:
        times = self._jobs.retries + 1
        reason = _CRASHED.format(times=times)
        self._store.fail(key, Failure(code="crashed", reason=reason, failed_at=time.time()))

    def _tidy(self) -> None:
        """Drop what RQ itself keeps of the past: dead workers, ended jobs, popped jobs that have ended."""
        worker_registration.clean_worker_registry(self._queue)
        for registry in (FailedJobRegistry, FinishedJobRegistry):
            registry(queue=self._queue).cleanup()
        popped: Any = self._connection.lrange(self._queue.intermediate_queue_key, 0, -1)
        pending = set(self._store.pending()) if popped else set()
        for key in popped:
            if key.decode() not in pending:
                self._connection.lrem(self._queue.intermediate_queue_key, 0, key)


def _key(entry: bytes) -> str:
    """The problem's key in an entry of a queue, KEY, or of a registry of executions, KEY:EXECUTION."""
    return entry.decode().partition(":")[0]
