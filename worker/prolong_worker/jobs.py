"""Asking for operators: the queue side of a problem. The only module that speaks RQ's queue interface.

A job's id is its problem's key, its only argument too. Whether an operator is there is decided by the store
alone; the queue only says who is waiting and who is running.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rq import Queue, Retry, worker_registration
from rq.command import send_stop_job_command
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus, get_current_job
from rq.serializers import JSONSerializer

from prolong.wire import Status
from prolong_worker.connection import Connection
from prolong_worker.store import RedisOperatorStore, Snapshot, Summary
from prolong_worker.store.keyspace import Keyspace

__all__ = ["CRASH_RETRIES", "DEFAULT_QUEUE", "SOLVE_TASK", "JobState", "Jobs", "current_store"]

SOLVE_TASK = "prolong_worker.tasks.solve_problem"
DEFAULT_QUEUE = "prolong"

CRASH_RETRIES = 2
"""How often a job is started again after its process died."""

_FINISHED_JOB_SECONDS = 60
_FAILED_JOB_SECONDS = 3600
_CLOSING_SECONDS = 1.0
_POLL_SECONDS = 0.01
_STOP_PATIENCE_SECONDS = 0.4

_RUNNING = frozenset({JobStatus.STARTED})
_LIVE = frozenset(
    {JobStatus.QUEUED, JobStatus.STARTED, JobStatus.SCHEDULED, JobStatus.CREATED, JobStatus.DEFERRED}
)

_CLEAR = """
-- KEYS: job hash, failed jobs, finished jobs, canceled jobs; ARGV: job id, live status...
-- Drops a job that has ended. Returns its status if it has not, else ''.
local status = redis.call('HGET', KEYS[1], 'status')
for i = 2, #ARGV do
  if status == ARGV[i] then return status end
end
redis.call('DEL', KEYS[1])
for i = 2, #KEYS do redis.call('ZREM', KEYS[i], ARGV[1]) end
return ''
"""

_UNQUEUE = """
-- KEYS: job hash, queue...; ARGV: job id
-- Drops a job that waits. Returns whether it waited.
if redis.call('HGET', KEYS[1], 'status') ~= 'queued' then return 0 end
local removed = 0
for i = 2, #KEYS do removed = removed + redis.call('LREM', KEYS[i], 0, ARGV[1]) end
if removed > 0 then redis.call('DEL', KEYS[1]) end
return removed
"""


@dataclass(frozen=True)
class JobState:
    """Where a problem stands: the store's `snapshot` and, without an ending there, the queue's view.

    `position` counts the jobs before a queued one (`None` otherwise), `started_at` is the Unix time in
    seconds at which the present run began.
    """

    key: str
    status: Status
    snapshot: Snapshot
    position: int | None = None
    started_at: float | None = None


class Jobs:
    """Submits, watches, cancels and forgets problems over one `store`.

    **Arguments:** `queue`: the queue new jobs go to; `task`: dotted name of the function that the worker
    calls with the key; `retries`: see `CRASH_RETRIES`. Instances may be shared by threads.
    """

    def __init__(
        self,
        store: RedisOperatorStore,
        *,
        queue: str = DEFAULT_QUEUE,
        task: str = SOLVE_TASK,
        retries: int = CRASH_RETRIES,
    ) -> None:
        self.store = store
        self.queue = queue
        self._connection: Connection = store.connection
        self._task = task
        self.retries = retries
        self._rq = Queue(queue, connection=self._connection, serializer=JSONSerializer)
        self._clear = self._connection.register_script(_CLEAR)
        self._unqueue = self._connection.register_script(_UNQUEUE)

    def submit(self, key: str, problem_json: bytes, *, summary: Summary, timeout_seconds: float) -> JobState:
        """See that the problem is solved: held, or queued exactly once, whoever else asks meanwhile.

        A problem that failed or was cancelled is tried again. `timeout_seconds` is the hard limit of one
        run (the worker adds its grace); the search's own limit is in the problem.
        """
        deadline = time.monotonic() + _CLOSING_SECONDS
        while True:
            known = self.store.snapshot(key)
            if known is not None and known.record is not None:
                return JobState(key, Status.DONE, known)
            if self._clear_ended(key):
                self.store.accept(key, problem_json, summary=summary, timeout_seconds=timeout_seconds)
                self._enqueue(key, timeout_seconds)
            elif known is None or known.pending:
                # Also a job whose problem was forgotten meanwhile: its result would be refused.
                self.store.accept(key, problem_json, summary=summary, timeout_seconds=timeout_seconds)
            else:
                self._await_end(key, deadline)
                continue
            state = self.state(key)
            if state is not None:
                return state

    def state(self, key: str) -> JobState | None:
        """Where the problem stands now, or `None` if it is unknown."""
        return self.states([key])[0]

    def states(self, keys: Sequence[str]) -> list[JobState | None]:
        """`state` of each key, in order."""
        snapshots = self.store.snapshots(keys)
        open_keys = [item.key for item in snapshots if item is not None and item.pending]
        views = self._queue_views(open_keys)
        return [None if item is None else _merged(item, views.get(item.key)) for item in snapshots]

    def cancel(self, key: str) -> JobState | None:
        """Cancel the problem if it waits or runs; a running process is killed.

        **Returns:** the state after it, `None` if the key is unknown. Takes less than 0.5 s.
        """
        self.store.cancel(key)
        if self.store.is_cancelled(key) and not self._unqueue_job(key):
            self.stop(key)
            self._poll(lambda: not self._is_running(key), time.monotonic() + _STOP_PATIENCE_SECONDS)
        return self.state(key)

    def forget(self, key: str) -> bool:
        """Drop the problem, its operator and its job. **Returns:** whether the key was known.

        A queued or running job is cancelled first.
        """
        self.cancel(key)
        self._revoke(key)
        return self.store.forget(key)

    def stop(self, key: str) -> None:
        """Tell the worker that runs this problem, if any, to kill it. The worker may miss it: see the janitor."""
        try:
            send_stop_job_command(self._connection, key, serializer=JSONSerializer)
        except (NoSuchJobError, InvalidJobOperation):
            return

    def requeue(self, lost: Snapshot) -> bool:
        """Queue a pending problem anew whose job is in no queue and at no worker. **Returns:** whether it was."""
        self._connection.delete(Job.key_for(lost.key))
        return self._enqueue(lost.key, lost.timeout_seconds)

    def queue_length(self) -> int:
        """The number of waiting jobs."""
        return int(self._rq.count)

    def live_workers(self) -> int:
        """The number of workers of this queue with a fresh heartbeat."""
        keys = worker_registration.get_keys(queue=self._rq, connection=self._connection)
        count: Any = self._connection.exists(*keys) if keys else 0
        return int(count)

    def _enqueue(self, key: str, timeout_seconds: float) -> bool:
        try:
            self._rq.enqueue_call(
                self._task,
                args=(key,),
                job_id=key,
                unique=True,
                timeout=math.ceil(timeout_seconds),
                retry=Retry(max=self.retries) if self.retries else None,
                result_ttl=_FINISHED_JOB_SECONDS,
                failure_ttl=_FAILED_JOB_SECONDS,
                description=key,
                meta={"key_prefix": self.store.keyspace.prefix, "timeout_seconds": timeout_seconds},
            )
        except DuplicateJobError:
            return False
        return True

    def _clear_ended(self, key: str) -> bool:
        registries = (
            self._rq.failed_job_registry,
            self._rq.finished_job_registry,
            self._rq.canceled_job_registry,
        )
        keys = [Job.key_for(key), *(registry.key for registry in registries)]
        return not self._clear(keys, [key, *sorted(_LIVE)])

    def _unqueue_job(self, key: str) -> bool:
        return bool(self._unqueue([Job.key_for(key), self._rq.key], [key]))

    def _is_running(self, key: str) -> bool:
        status: Any = self._connection.hget(Job.key_for(key), "status")
        return status is not None and status.decode() in _RUNNING

    def _await_end(self, key: str, deadline: float) -> None:
        """Wait until the job of an ended problem is out of the way, at most until `deadline`."""
        self.stop(key)
        if not self._poll(lambda: self._clear_ended(key), deadline):
            self._revoke(key)

    def _revoke(self, key: str) -> None:
        """Take the job away from its worker, which notices by its next heartbeat."""
        wip = self._rq.started_job_registry.key
        executions: Any = self._connection.zscan_iter(wip, match=f"{key}:*", count=1000)
        for name, _ in list(executions):
            self._connection.zrem(wip, name)
        self._connection.delete(Job.key_for(key))

    def _queue_views(self, keys: Sequence[str]) -> dict[str, tuple[str, float | None, int | None]]:
        with self._connection.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.hmget(Job.key_for(key), "status", "started_at")
                pipeline.lpos(self._rq.key, key)
            answers = pipeline.execute()
        return {
            key: ((status or b"").decode(), _seconds(started), position)
            for key, (status, started), position in zip(keys, answers[::2], answers[1::2], strict=True)
        }

    @staticmethod
    def _poll(ended: Callable[[], bool], deadline: float) -> bool:
        while not ended():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True


def current_store() -> RedisOperatorStore:
    """The store of the job that this process runs, over the job's own connection.

    **Raises:** `RuntimeError` outside a job.
    """
    job = get_current_job()
    if job is None:
        raise RuntimeError("no job runs in this process")
    return RedisOperatorStore(job.connection, Keyspace(job.meta["key_prefix"]))


def _merged(item: Snapshot, view: tuple[str, float | None, int | None] | None) -> JobState:
    if item.record is not None:
        return JobState(item.key, Status.DONE, item)
    if item.cancelled_at is not None:
        return JobState(item.key, Status.CANCELLED, item)
    if item.failure is not None:
        return JobState(item.key, Status.FAILED, item)
    status, started_at, position = view or ("", None, None)
    if status in _RUNNING:
        return JobState(item.key, Status.RUNNING, item, started_at=started_at)
    return JobState(item.key, Status.QUEUED, item, position=position or 0)


def _seconds(text: bytes | None) -> float | None:
    return None if not text else datetime.fromisoformat(text.decode()).timestamp()
