"""What the flows of `prolong.client.core` ask the outer world for.

A flow is a generator: it yields effects and is sent their results. It decides everything and does nothing, so
that one core serves the blocking and the asynchronous client, and needs neither network nor clock in a test.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar

__all__ = ["Call", "Effect", "Flow", "Listen", "Pause", "Send", "Work"]

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """A request as data.

    `read_seconds` is the longest silence to bear, None for the client's own; `held_seconds` come on top of
    it, for which the service was asked to hold its answer back.
    """

    method: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    read_seconds: float | None = None
    held_seconds: float = 0.0


@dataclass(frozen=True)
class Send:
    """Send the call; the result is the whole `httpx.Response`."""

    call: Call


@dataclass(frozen=True)
class Listen:
    """Send the call and hand each line of a 200 answer to `hear`, until it returns True or the stream ends.

    The result is the `httpx.Response`, its body unread.
    """

    call: Call
    hear: Callable[[str], bool]


@dataclass(frozen=True)
class Pause:
    """Let this many seconds pass."""

    seconds: float


@dataclass(frozen=True)
class Work:
    """Call `function` where reading a disk or hashing a large file delays nobody; the result is its value."""

    function: Callable[[], Any]


Effect = Send | Listen | Pause | Work

#: A generator of effects that returns a T.
Flow = Generator[Effect, Any, T]
