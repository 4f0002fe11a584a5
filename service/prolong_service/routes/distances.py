"""Asking for distances between graphs, looking at them, cancelling and forgetting them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from prolong.wire import DistancesView
from prolong_service import preferences
from prolong_service.bodies import parse_comparison, read_body
from prolong_service.routes.prolongations import Key
from prolong_service.routes.requests import COMPARISON, PREFER
from prolong_service.routes.responses import problems
from prolong_service.services import Injected, Services

__all__ = ["router"]

router = APIRouter(prefix="/distances", tags=["distances"])

_ACCEPTED: dict[str, Any] = {
    "description": "Queued or running; `Location` says where to look.",
    "model": DistancesView,
    "headers": {"Location": {"description": "Path of the distances.", "schema": {"type": "string"}}},
}


@router.post(
    "",
    response_model=DistancesView,
    responses={202: _ACCEPTED, **problems(400, 413, 415, 422)},
    openapi_extra={"requestBody": COMPARISON, "parameters": [PREFER]},
    summary="Ask for the distances of all pairs of graphs",
)
async def submit(request: Request, services: Injected) -> Response:
    """One job for all pairs at all times. Answers 200 if it is done, else 202. Equal problems are one job."""
    wait = preferences.wait_seconds(request.headers.getlist("prefer"))
    body = await read_body(request, services.settings.max_body_bytes)
    problem = await services.heavily(lambda: parse_comparison(body, services.settings))
    view = await run_in_threadpool(services.comparisons.submit, problem)
    return _answer(await _settled(services, view, wait), wait)


@router.get(
    "/{key}",
    response_model=DistancesView,
    responses=problems(404),
    openapi_extra={"parameters": [PREFER]},
    summary="Look at distances",
)
async def look(request: Request, key: Key, services: Injected) -> Response:
    """The resource. With `Prefer: wait=SECONDS` the answer comes when the job has ended, or after that time."""
    wait = preferences.wait_seconds(request.headers.getlist("prefer"))
    view = await run_in_threadpool(services.comparisons.read, key)
    view = await _settled(services, view, wait)
    return _json(view.model_dump_json(), headers=preferences.applied(wait))


@router.delete(
    "/{key}",
    response_model=DistancesView,
    responses={204: {"description": "They had been found, and are forgotten."}, **problems(404)},
    summary="Cancel a job, or forget an ended one",
)
async def delete(key: Key, services: Injected) -> Response:
    """A queued or running job is cancelled for everybody who asked; one that has ended is forgotten."""
    view = await run_in_threadpool(services.comparisons.delete, key)
    return Response(status_code=204) if view is None else _json(view.model_dump_json())


async def _settled(services: Services, view: DistancesView, wait: int | None) -> DistancesView:
    if not wait or view.status.is_final:
        return view
    await services.watch.ended([view.key], wait)
    return await run_in_threadpool(services.comparisons.read, view.key)


def _answer(view: DistancesView, wait: int | None) -> Response:
    headers = preferences.applied(wait) | {"Location": f"/distances/{view.key}"}
    ended = view.status.is_final
    return _json(
        view.model_dump_json(),
        status=200 if ended else 202,
        headers=headers | ({} if ended else {"Retry-After": "1"}),
    )


def _json(text: str, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        text,
        status_code=status,
        media_type=JSONResponse.media_type,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
