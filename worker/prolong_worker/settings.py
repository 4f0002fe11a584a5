"""What a worker process is told by its environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from prolong.environment import bad_setting, read_settings

__all__ = ["LEASE_SECONDS", "WorkerSettings"]

LEASE_SECONDS = 15
"""A job whose worker was not heard of for this long is taken up by another one."""


@dataclass(frozen=True)
class WorkerSettings:
    """One field a variable: `redis_url` is `PROLONG_REDIS_URL`, and so on for all.

    **Arguments:**

    - `redis_url`: the server of queue and store.
    - `queues`: names of the queues to take jobs from, the most urgent first; commas between them.
    - `key_prefix`: what all of prolong's own keys start with.
    - `blas_threads`: threads of one linear-algebra call.
    - `memory_limit_bytes`: address space of one job, 0 for no limit.
    - `drain_seconds`: how long a job may go on after SIGTERM before it goes back to the queue.
    - `heartbeat_seconds`: how often a working worker says so; `lease_seconds`: its job goes to another one
      after so long without a heartbeat. At least two heartbeats must fit.
    - `maintenance_seconds`: how often an idle worker, and the service's janitor, look for lost jobs.
    - `grace_seconds`: how far a job may run over its time limit before it is killed.
    """

    redis_url: str = field(default="", repr=False)
    queues: str = "prolong"
    key_prefix: str = "prolong:"
    blas_threads: int = 1
    memory_limit_bytes: int = 0
    drain_seconds: float = 20.0
    heartbeat_seconds: int = 5
    lease_seconds: int = LEASE_SECONDS
    maintenance_seconds: int = 5
    grace_seconds: float = 1.5

    def __post_init__(self) -> None:
        for name in ("blas_threads", "heartbeat_seconds", "maintenance_seconds"):
            if getattr(self, name) < 1:
                raise bad_setting(name, f"must be at least 1, not {getattr(self, name)}")
        for name in ("memory_limit_bytes", "drain_seconds", "grace_seconds"):
            if not getattr(self, name) >= 0:
                raise bad_setting(name, f"must not be negative, but is {getattr(self, name)}")
        if self.lease_seconds < 2 * self.heartbeat_seconds:
            raise bad_setting(
                "lease_seconds", f"must be twice PROLONG_HEARTBEAT_SECONDS, not {self.lease_seconds}"
            )
        if not self.queue_names:
            raise bad_setting("queues", "must name at least one queue")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings that `environment` (this process's own by default) gives.

        **Raises:** `InvalidInput` naming the variable that cannot be used.
        """
        return read_settings(cls, environment)

    @property
    def queue_names(self) -> tuple[str, ...]:
        """The queues in order of urgency."""
        return tuple(name.strip() for name in self.queues.split(",") if name.strip())

    @property
    def redis_place(self) -> str:
        """`redis_url` without user and password, for messages."""
        scheme, _, rest = self.redis_url.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}"
