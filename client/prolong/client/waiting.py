"""Waiting for a job: listening to its events where the service sends them, else looking now and then."""

from __future__ import annotations

import math
from collections.abc import Callable
from http import HTTPStatus

import httpx

from prolong.client import calls
from prolong.client.effects import Flow, Listen, Pause
from prolong.client.events import EventReader
from prolong.errors import ServiceTimeout
from prolong.wire import DistancesView, ProlongationView

__all__ = ["Deadline", "Waiting"]

#: The longest silence on a stream; services send a comment at least every 15 seconds to keep it open.
_SILENCE_SECONDS = 45.0

_FIRST_PAUSE_SECONDS = 0.1
_LAST_PAUSE_SECONDS = 2.0
_GROWTH = 1.6

#: Answers that say that there is no stream here, now or later.
_NO_STREAM = frozenset({HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.NOT_IMPLEMENTED})


class Deadline:
    """The end of somebody's patience; `seconds` None never ends."""

    def __init__(self, clock: Callable[[], float], seconds: float | None) -> None:
        self._clock = clock
        self._seconds = seconds
        self._end = math.inf if seconds is None else clock() + seconds

    def left(self) -> float:
        """Seconds until the end, at least 0."""
        return max(0.0, self._end - self._clock())

    def check(self, view: ProlongationView | DistancesView) -> None:
        """**Raises:** `ServiceTimeout` when the time is over."""
        if not self.left():
            raise ServiceTimeout(
                f"the search for {view.key} is still {view.status} after {self._seconds:g} seconds"
            )


class Waiting:
    """How one job is waited for. Pauses grow while nothing is heard and start anew when something is."""

    def __init__(self, key: str, deadline: Deadline, report: Callable[[ProlongationView], None]) -> None:
        self._key = key
        self._deadline = deadline
        self._report = report
        self._streams = True
        self._heard_until: str | None = None
        self._pause = _FIRST_PAUSE_SECONDS

    def until_news(self) -> Flow[None]:
        """Return when looking at the job again is worth while, at the deadline at the latest."""
        if self._streams and (yield from self._listen()):
            self._pause = _FIRST_PAUSE_SECONDS
            return
        yield Pause(min(self._pause, self._deadline.left()))
        self._pause = min(_LAST_PAUSE_SECONDS, self._pause * _GROWTH)

    def _listen(self) -> Flow[bool]:
        """Follow the stream to its end; whether anything was heard."""
        reader = EventReader(self._report, is_late=lambda: not self._deadline.left())
        # A silent stream must not outlast the deadline; httpx takes 0 for "at once".
        silence = min(_SILENCE_SECONDS, max(0.05, self._deadline.left()))
        call = calls.events(self._key, after=self._heard_until, read_seconds=silence)
        try:
            response: httpx.Response = yield Listen(call, reader.hear)
        except httpx.RequestError:
            # Streams break and fall silent; looking at the job tells whether that matters.
            return reader.heard > 0
        finally:
            self._heard_until = reader.last_id or self._heard_until
        self._streams = response.status_code not in _NO_STREAM
        return reader.heard > 0
