"""The one way to a Redis (or Valkey) client."""

from __future__ import annotations

from typing import TypeAlias

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.retry import Retry

__all__ = ["PATIENT_ATTEMPTS", "QUICK_ATTEMPTS", "Connection", "connect"]

Connection: TypeAlias = Redis

# The back-off draws uniformly below its cap of 5 s, so 40 attempts last about 90 s: three times the outage
# of 30 s that a worker must outlive. 3 attempts end within 4 s, before an HTTP caller loses patience.
PATIENT_ATTEMPTS = 40
QUICK_ATTEMPTS = 3


def connect(url: str, *, attempts: int = QUICK_ATTEMPTS) -> Connection:
    """A client of the server at `url`; nothing is sent before its first command.

    **Arguments:** `url`, `redis://[user:password@]host:port/database` (also `rediss://`, `unix://`);
    `attempts`, how often a command is tried again after a connection error or a time-out, with a jittered
    exponential back-off of at most 5 s.

    **Raises:** `ValueError` for a URL of another kind.
    """
    retry = Retry(ExponentialWithJitterBackoff(base=0.5, cap=5), attempts)
    return Redis.from_url(url, retry=retry, socket_connect_timeout=5, health_check_interval=30)
