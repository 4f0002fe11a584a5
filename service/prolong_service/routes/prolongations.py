"""Asking for prolongations, looking at them, cancelling and forgetting them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from prolong.keys import KEY_PATTERN
from prolong.wire import BatchView, PageView, ProlongationView, Status
from prolong_service import preferences
from prolong_service.bodies import Submission, read_body
from prolong_service.prolongations import Listing
from prolong_service.routes.requests import PREFER, SUBMISSION
from prolong_service.routes.responses import problems
from prolong_service.services import Injected
from prolong_service.views import href

__all__ = ["GraphKind", "Key", "router"]

router = APIRouter(prefix="/prolongations", tags=["prolongations"])

Key = Annotated[str, Path(description="The problem's content key.", json_schema_extra={"pattern": KEY_PATTERN})]

GraphKind = Literal[
    "path", "cycle", "grid", "complete", "star", "wheel", "hypercube", "tree", "random_geometric",
    "edges", "node_link", "box",
]  # fmt: skip

_RETRY = {"Retry-After": "1"}
_ACCEPTED: dict[str, Any] = {
    "description": "Queued or running; `Location` says where to look.",
    "model": ProlongationView | BatchView,
    "headers": {
        "Location": {"description": "Path of the prolongation; not for batches.", "schema": {"type": "string"}},
        "Retry-After": {
            "description": "Seconds until looking again is worth while.",
            "schema": {"type": "integer"},
        },
    },
}


@router.post(
    "",
    response_model=ProlongationView | BatchView,
    responses={202: _ACCEPTED, **problems(400, 413, 415, 422)},
    openapi_extra={"requestBody": SUBMISSION, "parameters": [PREFER]},
    summary="Ask for one operator, or a batch of them",
)
async def submit(request: Request, services: Injected) -> Response:
    """Answers 200 if every operator is held, else 202 with what is queued. Equal problems are one job, whoever
    asks; a problem that failed or was cancelled is tried again. Of a bad batch nothing is queued."""
    wait = preferences.wait_seconds(request.headers.getlist("prefer"))
    body = await read_body(request, services.settings.max_body_bytes)
    submission = await services.parse(body)
    views = await run_in_threadpool(services.prolongations.submit, submission.problems)
    return _submitted(submission, await services.settled(views, wait), wait)


@router.get(
    "",
    response_model=PageView,
    responses=problems(422),
    summary="List prolongations, newest first",
)
async def listing(
    services: Injected,
    *,
    limit: Annotated[int, Query(ge=1, le=200, description="The most that the page may hold.")] = 50,
    cursor: Annotated[str | None, Query(description="The `next` of the page before.", max_length=200)] = None,
    status: Annotated[Status | None, Query(description="Only those that stand there.")] = None,
    kind: Annotated[GraphKind | None, Query(description="Only those with such a coarse or fine graph.")] = None,
) -> Response:
    """A page may be shorter than `limit`, even empty, though `next` says that more follow: filters look at a
    bounded number of prolongations at a time. Long problems are left out."""
    wanted = Listing(limit=limit, cursor=cursor, status=status, kind=kind)
    page = await run_in_threadpool(services.prolongations.page, wanted)
    return _json(page.model_dump_json())


@router.get(
    "/{key}",
    response_model=ProlongationView,
    responses=problems(404),
    openapi_extra={"parameters": [PREFER]},
    summary="Look at a prolongation",
)
async def look(request: Request, key: Key, services: Injected) -> Response:
    """The resource. With `Prefer: wait=SECONDS` the answer comes when the job has ended, or after that time."""
    wait = preferences.wait_seconds(request.headers.getlist("prefer"))
    if wait:
        view = await run_in_threadpool(services.prolongations.read, key, brief=True)
        await services.settled([view], wait)
    # Long problems are written as JSON in the thread, too.
    text = await run_in_threadpool(lambda: services.prolongations.read(key).model_dump_json())
    return _json(text, headers=preferences.applied(wait))


@router.delete(
    "/{key}",
    response_model=ProlongationView,
    responses={204: {"description": "It had ended, and is forgotten with its operator."}, **problems(404)},
    summary="Cancel a job, or forget an ended one",
)
async def delete(key: Key, services: Injected) -> Response:
    """A queued or running job is cancelled for everybody who asked, and the resource answered (it may have ended
    just before). One that has ended is forgotten."""
    view = await run_in_threadpool(services.prolongations.delete, key)
    return Response(status_code=204) if view is None else _json(view.model_dump_json())


def _submitted(submission: Submission, views: list[ProlongationView], wait: int | None) -> Response:
    ended = all(view.status.is_final for view in views)
    headers = preferences.applied(wait) | ({} if ended else _RETRY)
    if not submission.is_batch:
        headers["Location"] = href(views[0].key)
    body = BatchView(prolongations=tuple(views)) if submission.is_batch else views[0]
    return _json(body.model_dump_json(), status=200 if ended else 202, headers=headers)


def _json(text: str, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        text,
        status_code=status,
        media_type=JSONResponse.media_type,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
