"""A prolongation's life as server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from redis.exceptions import RedisError
from starlette.concurrency import run_in_threadpool

from prolong.errors import InvalidInput, UnknownKey
from prolong.wire import Progress, ProlongationView, Status
from prolong_service.services import Services
from prolong_worker.store import Event

__all__ = ["END_ID", "check_event_id", "stream"]

END_ID = "end"
"""The id of the last event of every stream. Who comes back with it has seen everything."""

KEEPALIVE_SECONDS = 15.0
_INTERVAL_SECONDS = 0.25
_BEGINNING = "0-0"
_EVENT_ID = re.compile(r"[0-9]{1,19}-[0-9]{1,19}")

_log = logging.getLogger(__name__)


def check_event_id(last_event_id: str | None) -> str:
    """Where to go on after `last_event_id`. **Raises:** `InvalidInput` for an id that no event has."""
    if last_event_id is not None and not _EVENT_ID.fullmatch(last_event_id):
        detail = "must be the id of an event of this stream"
        raise InvalidInput.at("/header/Last-Event-ID", detail, code="bad_event_id")
    return last_event_id or _BEGINNING


async def stream(services: Services, key: str, after: str) -> AsyncIterator[bytes]:
    """Everything after the event `after`, until the problem has ended or the service stops.

    Each event's data is the whole resource (a long problem left out). `progress` events follow the search and
    have ids; `status` events tell a new status or place in the queue. An outage of the store only pauses the
    stream.
    """
    teller, silence = _Teller(services, key, after), 0.0
    while not services.watch.closed:
        try:
            told = await run_in_threadpool(teller.look)
        except RedisError as error:
            _log.warning("the events of %s cannot be read: %s", key, error)
            told = []
        except UnknownKey:
            return
        for event in told:
            yield event
        if teller.ended:
            return
        silence = 0.0 if told else silence + _INTERVAL_SECONDS
        if silence >= KEEPALIVE_SECONDS:
            yield KEEPALIVE_COMMENT
            silence = 0.0
        await services.watch.ended([key], _INTERVAL_SECONDS)


@dataclass
class _Teller:
    """Remembers what one listener was told already."""

    services: Services
    key: str
    after: str
    ended: bool = False
    _shown: tuple[Status, int | None] | None = field(default=None, init=False)

    def look(self) -> list[bytes]:
        """What is new, encoded. Blocks."""
        # The resource first: once it has ended, the events that follow are complete.
        view = self.services.prolongations.read(self.key, brief=True)
        events = self.services.store.events(self.key, after=self.after)
        return [*self._progress(view, events), *self._status(view)]

    def _progress(self, view: ProlongationView, events: list[Event]) -> Iterator[bytes]:
        for event in events:
            self.after = event.id
            progress = Progress.model_validate_json(event.json_text)
            # What the search reports happened while it ran, whatever came of it since.
            seen = {"status": Status.RUNNING, "progress": progress, "queue_position": None, "finished_at": None}
            past = view.model_copy(update={**seen, "certificate": None, "operator": None, "error": None})
            yield format_sse_event(event="progress", id=event.id, data_str=past.model_dump_json())

    def _status(self, view: ProlongationView) -> Iterator[bytes]:
        shown = (view.status, view.queue_position)
        if shown != self._shown:
            self._shown, self.ended = shown, view.status.is_final
            final_id = END_ID if self.ended else None
            yield format_sse_event(event="status", id=final_id, data_str=view.model_dump_json())
