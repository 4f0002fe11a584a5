"""RQ's worker, mended: quick and single recovery, hard limits, a server that may go away.

Each override names what RQ 2.12.0 does otherwise; the version is pinned because of them.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import UTC, datetime
from typing import Any

from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job, JobStatus
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty

from prolong_worker import limits
from prolong_worker.connection import Connection
from prolong_worker.janitor import Janitor
from prolong_worker.jobs import CRASH_RETRIES, Jobs
from prolong_worker.settings import WorkerSettings
from prolong_worker.store import Failure, Keyspace, RedisOperatorStore

__all__ = ["SolverWorker"]

_WORKER_SECONDS = 20
_PUBSUB_PAUSE_SECONDS = 1.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _NoDeathPenalty(BaseDeathPenalty):
    """RQ's alarm raises inside Python only, and would hit a finished search that is being written."""

    def setup_death_penalty(self) -> None:
        """Leave the time to `limits.limit_seconds`."""

    def cancel_death_penalty(self) -> None:
        """Nothing was set up."""


class SolverWorker(Worker):
    """Takes jobs from the queues of `settings`, one at a time, each in a forked process of its own."""

    def __init__(self, settings: WorkerSettings, connection: Connection, *, name: str | None = None) -> None:
        super().__init__(
            list(settings.queue_names),
            name=name,
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=_WORKER_SECONDS,
            job_monitoring_interval=settings.heartbeat_seconds,
            maintenance_interval=settings.maintenance_seconds,
        )
        self._settings = settings
        self._store = RedisOperatorStore(connection, Keyspace(settings.key_prefix))
        self._janitors = [
            Janitor(Jobs(self._store, queue=queue), lease_seconds=settings.lease_seconds)
            for queue in settings.queue_names
        ]
        self._giving_back = False
        self._death = ""
        self._parent = os.getpid()

    # Liveness: RQ adds 60 s to every lifetime and dies of a lost connection.

    def get_heartbeat_ttl(self, job: Job) -> int:  # noqa: ARG002 - RQ's signature
        """Seconds until a job without a further heartbeat counts as lost."""
        return self._settings.lease_seconds

    def heartbeat(
        self,
        timeout: int | None = None,  # noqa: ARG002 - RQ's signature
        pipeline: Pipeline | None = None,
    ) -> None:
        """Tell the server that this worker lives."""
        super().heartbeat(_WORKER_SECONDS, pipeline)

    def maintain_heartbeats(self, job: Job) -> None:
        """Renew the lease of the job, and kill it if it is no longer ours or was cancelled."""
        try:
            super().maintain_heartbeats(job)
            if self._store.is_cancelled(job.id):
                self._stopped_job_id = job.id
                self.kill_horse()
            elif not self._holds(job):
                self.log.warning("Worker %s: lost job %s to another worker", self.name, job.id)
                self.kill_horse()
        except RedisError as error:
            self.log.warning("Worker %s: heartbeat failed: %s", self.name, error)

    def set_current_job_working_time(
        self, current_job_working_time: float, pipeline: Pipeline | None = None
    ) -> None:
        """Statistics only: not worth a worker's life."""
        try:
            super().set_current_job_working_time(current_job_working_time, pipeline)
        except RedisError as error:
            self.log.warning("Worker %s: %s", self.name, error)

    def _pubsub_exception_handler(self, exc: Exception, *_: Any) -> None:
        if not isinstance(exc, RedisError | OSError):
            raise exc
        self.log.warning("Worker %s: commands cannot be heard: %s", self.name, exc)
        time.sleep(_PUBSUB_PAUSE_SECONDS)

    def clean_registries(self) -> None:
        """Sweep like the service's janitor, instead of RQ's own clean-up."""
        for janitor in self._janitors:
            janitor.sweep()
        self.last_cleaned_at = _utc_now()  # type: ignore[assignment]

    # The job's own process.

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The child's life: bound to its parent, limited, then RQ's."""
        try:
            self._bind(job)
        except BaseException:
            self.log.exception("Worker %s: job %s cannot be started", self.name, job.id)
            os._exit(1)
        super().main_work_horse(job, queue)

    def _bind(self, job: Job) -> None:
        limits.die_with_parent(self._parent)
        limits.limit_seconds(_limit(job) + self._settings.grace_seconds)
        limits.limit_memory(self._settings.memory_limit_bytes)
        self.death_penalty_class = _NoDeathPenalty

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """Kill the job's process. RQ would signal this worker's own group just before or after the job's life."""
        pid = self.horse_pid
        if not pid:
            return
        try:
            if os.getpgid(pid) == pid:
                os.killpg(pid, sig)
            else:
                os.kill(pid, sig)
        except ProcessLookupError:
            return

    # The end of a job that did not end well.

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: StartedJobRegistry | None = None,
        exc_string: str = "",
    ) -> None:
        """Decide what becomes of a job whose process died or raised: see the branches."""
        if not self._holds(job):
            self._let_go(job)
        elif self._giving_back:
            self._give_back(job)
        else:
            if self._stopped_job_id == job.id or self._store.is_cancelled(job.id):
                self._stopped_job_id = job.id
            elif self._is_over_time(job):
                job.retries_left = 0
                self._fail(job, "time_limit", f"The search was killed at its time limit of {_limit(job):g} s.")
            elif not job.should_retry:
                self._fail(job, "crashed", _crashed(self._death or exc_string))
            super().handle_job_failure(job, queue, started_job_registry, exc_string)

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        """Remember how the process ended, for the failure."""
        super().handle_work_horse_killed(job, retpid, ret_val, rusage)  # type: ignore[no-untyped-call]
        number = os.WTERMSIG(ret_val) if os.WIFSIGNALED(ret_val) else 0
        self._death = f"killed by {signal.Signals(number).name}" if number else f"exit status {ret_val >> 8}"

    # Shutting down: RQ waits for ever, leaves a killed job behind as started, and itself behind as living where
    # the signal comes between its registration and its first look at the queue.

    def bootstrap(self, *arguments: Any, **keywords: Any) -> None:
        """Register; signals wait."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        super().bootstrap(*arguments, **keywords)

    def check_for_suspension(self, burst: bool) -> None:
        """The first step of every round: from here on a stop is orderly."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
        super().check_for_suspension(burst)

    def handle_warm_shutdown_request(self) -> None:
        """On the first signal: let the job go on for `drain_seconds`."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        timer = threading.Timer(self._settings.drain_seconds, self._stop_to_give_back)
        timer.daemon = True
        timer.start()

    def set_shutdown_requested_date(self) -> None:
        """Called inside a signal handler, where the server must not be waited for."""

    def request_force_stop(self, *_: Any) -> None:
        """On the second signal: give the job back at once."""
        self._stop_to_give_back()

    def _stop_to_give_back(self) -> None:
        self._giving_back = True
        self.kill_horse()

    def _give_back(self, job: Job) -> None:
        """Put the job at the head of its queue, as if it had never been taken."""
        with self.connection.pipeline() as pipeline:
            self.cleanup_execution(job, pipeline=pipeline)
            pipeline.hset(job.key, "status", JobStatus.QUEUED)
            pipeline.lpush(Queue(job.origin, connection=self.connection).key, job.id)
            pipeline.execute()
        self.log.info("Worker %s: gave job %s back", self.name, job.id)

    def _let_go(self, job: Job) -> None:
        with self.connection.pipeline() as pipeline:
            self.cleanup_execution(job, pipeline=pipeline)
            pipeline.execute()

    def _holds(self, job: Job) -> bool:
        if self.execution is None:
            return False
        registry = job.started_job_registry.key
        return self.connection.zscore(registry, self.execution.composite_key) is not None

    def _is_over_time(self, job: Job) -> bool:
        started = job.started_at
        return started is not None and (_utc_now() - started).total_seconds() >= _limit(job)

    def _fail(self, job: Job, code: str, reason: str) -> None:
        self._store.fail(job.id, Failure(code=code, reason=reason, failed_at=time.time()))


def _crashed(last_words: str) -> str:
    """A sentence from a cause of death or from a stack, whose last line names the exception."""
    cause = last_words.strip().rpartition("\n")[2]
    return f"The search was tried {CRASH_RETRIES + 1} times, and its process died each time; at last: {cause}."


def _limit(job: Job) -> float:
    """The seconds that the search may take."""
    return float(job.meta["timeout_seconds"])


def _utc_now() -> datetime:
    return datetime.now(UTC)
