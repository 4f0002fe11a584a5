"""The life of a prolongation as it happens."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi.sse import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from prolong_service.events import END_ID, check_event_id, stream
from prolong_service.routes.prolongations import Key
from prolong_service.routes.responses import Responses, problems
from prolong_service.services import Injected

__all__ = ["router"]

router = APIRouter(prefix="/prolongations/{key}", tags=["prolongations"])

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_STREAM: dict[str, Any] = {
    "description": "The events.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
_RESPONSES: Responses = {200: _STREAM, 204: {"description": "Everything was seen."}, **problems(404, 422)}


@router.get("/events", response_class=Response, responses=_RESPONSES, summary="Follow a prolongation")
async def events(
    key: Key, services: Injected, last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None
) -> Response:
    """Server-sent events: `status` when status or queue position change, `progress` from the search. The data of
    each is the resource as of then (long problems left out). The stream ends after the final status;
    `Last-Event-ID` goes on after that event."""
    if last_event_id == END_ID:
        return Response(status_code=204)
    after = check_event_id(last_event_id)
    await run_in_threadpool(services.prolongations.read, key, brief=True)
    return EventSourceResponse(stream(services, key, after), headers=_HEADERS)
