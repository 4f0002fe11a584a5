"""Every Redis key that prolong itself uses, and how long each lives. RQ's own keys start with `rq:`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CHUNK_BYTES",
    "ENDING_SECONDS",
    "ORPHAN_SECONDS",
    "PROGRESS_EVENTS",
    "PROGRESS_SECONDS",
    "Keyspace",
]

CHUNK_BYTES = 1 << 20
"""Payload of one chunk: larger values block the server for other clients, smaller ones cost round trips."""

ORPHAN_SECONDS = 900
"""An uncommitted chunk lives this long, so that a killed writer leaves nothing behind."""

ENDING_SECONDS = 24 * 3600
"""A failure or a cancellation is remembered this long, and its problem with it."""

PROGRESS_SECONDS = 24 * 3600
"""A progress stream lives this long after its last event."""

PROGRESS_EVENTS = 1000
"""About this many events are kept in one progress stream, the newest."""


@dataclass(frozen=True)
class Keyspace:
    """Names under one `prefix`; `key` is always a problem's content key."""

    prefix: str = "prolong:"

    @property
    def index(self) -> str:
        """Sorted set: every known key, by the Unix time of its acceptance."""
        return f"{self.prefix}index"

    @property
    def pending(self) -> str:
        """Sorted set: accepted keys that have not ended yet, by the Unix time of their acceptance."""
        return f"{self.prefix}pending"

    @property
    def access(self) -> str:
        """Sorted set: keys of committed operators, by the Unix time of their last use."""
        return f"{self.prefix}access"

    @property
    def total_bytes(self) -> str:
        """Integer: bytes of all committed operators."""
        return f"{self.prefix}total-bytes"

    @property
    def adrift(self) -> str:
        """Sorted set: pending keys that no queue or worker holds, by the Unix time this was first seen."""
        return f"{self.prefix}adrift"

    @property
    def janitor_lock(self) -> str:
        """String: token of the janitor at work."""
        return f"{self.prefix}janitor"

    def problem(self, key: str) -> str:
        """Hash: the problem's JSON, its summary's JSON, the Unix time of its acceptance, its time limit."""
        return f"{self.prefix}problem:{key}"

    def record(self, key: str) -> str:
        """String: JSON of the operator's record. The operator is there exactly if this is."""
        return f"{self.prefix}operator:{key}"

    def chunk(self, key: str, token: str, number: int) -> str:
        """String: CRC-32 (4 bytes, big-endian) and payload of one chunk of one execution's operator."""
        return f"{self.prefix}operator:{key}:{token}:{number}"

    def failure(self, key: str) -> str:
        """String: JSON of the failure."""
        return f"{self.prefix}failure:{key}"

    def cancellation(self, key: str) -> str:
        """String: Unix time at which somebody cancelled the problem."""
        return f"{self.prefix}cancelled:{key}"

    def progress(self, key: str) -> str:
        """Stream: progress events, each with one field `event`."""
        return f"{self.prefix}progress:{key}"
