"""What the service is told by its environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Self

from prolong.environment import bad_setting, read_settings
from prolong.problem import Limits

__all__ = ["ServiceSettings"]


@dataclass(frozen=True)
class ServiceSettings:
    """One field a variable: `max_body_bytes` is `PROLONG_MAX_BODY_BYTES`, and so on for all.

    **Arguments:**

    - `host`, `port`: where to listen; port 0 takes a free one.
    - `redis_url`: the server of queue and store, `redis://[user:password@]host:port/database`.
    - `queue`: the queue that new jobs go to; `key_prefix`: what all of prolong's own keys start with.
    - `max_body_bytes`: of a request, counted while it is read.
    - `max_dense_vertices`, `max_structured_vertices`: vertices of a graph for dense and structured operators.
    - `max_edges`: of one graph; twice as many for all graphs of a batch together.
    - `max_seconds`: the largest `max_seconds` that a problem may ask for.
    - `max_batch`: problems in one request.
    - `drain_seconds`: how long open requests may go on after SIGTERM.

    **Raises:** `InvalidInput` naming the variable that cannot be used.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    redis_url: str = field(default="", repr=False)
    queue: str = "prolong"
    key_prefix: str = "prolong:"
    max_body_bytes: int = 16 * 2**20
    max_dense_vertices: int = 4_000
    max_structured_vertices: int = 20_000
    max_edges: int = 10_000_000
    max_seconds: float = 3_600.0
    max_batch: int = 1_000
    drain_seconds: float = 10.0

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise bad_setting("port", f"must be a port number from 0 to 65535, not {self.port}")
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.name.startswith(("max_", "drain_")) and not 0 < value < float("inf"):
                raise bad_setting(entry.name, f"must be a positive number, not {value}")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings that `environment` (this process's own by default) gives; empty variables count as unset.

        **Raises:** `InvalidInput` naming the variable that cannot be used.
        """
        return read_settings(cls, environment)

    @property
    def limits(self) -> Limits:
        """What a problem may not exceed."""
        return Limits(
            dense_vertices=self.max_dense_vertices,
            structured_vertices=self.max_structured_vertices,
            edges=self.max_edges,
            seconds=self.max_seconds,
        )
