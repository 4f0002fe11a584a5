"""Whether the process lives, and whether it can work."""

from __future__ import annotations

from typing import Any

from anyio import move_on_after, to_thread
from fastapi import APIRouter, Response
from pydantic import BaseModel
from redis.exceptions import RedisError

from prolong.wire import PROBLEM_MEDIA_TYPE, ProblemDetails
from prolong_service.errors import UNAVAILABLE
from prolong_service.routes.responses import Responses
from prolong_service.services import Injected, Services

__all__ = ["Dependency", "Life", "NotReady", "Readiness", "router"]

router = APIRouter(prefix="/health", tags=["health"])

_PATIENCE_SECONDS = 3.0
_NO_STORE = {"Cache-Control": "no-store"}


class Life(BaseModel):
    """The process answers."""

    alive: bool = True


class Dependency(BaseModel):
    """One thing that the service needs, and how it stands."""

    name: str
    ready: bool
    detail: str


class Readiness(BaseModel):
    """Whether problems that are posted now will be solved."""

    ready: bool
    dependencies: list[Dependency]


class NotReady(ProblemDetails, Readiness):
    """The problem+json body that also lists the dependencies."""


_MISSING: dict[str, Any] = {
    "description": "A dependency is missing; `detail` and `dependencies` say which.",
    "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/NotReady"}}},
}
_RESPONSES: Responses = {503: _MISSING}


@router.get("/live", response_model=Life, summary="Whether the process answers")
async def live() -> Response:
    """Asks nobody else."""
    return Response(Life().model_dump_json(), media_type="application/json", headers=_NO_STORE)


@router.get("/ready", response_model=Readiness, responses=_RESPONSES, summary="Whether problems will be solved")
async def ready(services: Injected) -> Response:
    """503 names what is missing: the store (`redis`) or `workers`."""
    state = await _readiness(services)
    if state.ready:
        return Response(state.model_dump_json(), media_type="application/json", headers=_NO_STORE)
    missing = ", ".join(item.name for item in state.dependencies if not item.ready)
    body = NotReady(
        type=UNAVAILABLE.type,
        title="The service is not ready",
        status=503,
        detail=f"missing: {missing}",
        instance="/health/ready",
        **dict(state),
    )
    headers = {**_NO_STORE, "Retry-After": str(UNAVAILABLE.retry_after_seconds)}
    return Response(body.model_dump_json(), status_code=503, media_type=PROBLEM_MEDIA_TYPE, headers=headers)


async def _readiness(services: Services) -> Readiness:
    n_workers: int | None = None
    with move_on_after(_PATIENCE_SECONDS):
        try:
            # A probe must not wait for a thread behind requests that an outage holds up.
            n_workers = await to_thread.run_sync(
                services.prolongations.live_workers, limiter=services.probes, abandon_on_cancel=True
            )
        except RedisError:
            n_workers = None
    answers = n_workers is not None
    dependencies = [
        Dependency(name="redis", ready=answers, detail="answers" if answers else "does not answer"),
        Dependency(name="workers", ready=bool(n_workers), detail=_alive(n_workers)),
    ]
    return Readiness(ready=all(item.ready for item in dependencies), dependencies=dependencies)


def _alive(n_workers: int | None) -> str:
    if n_workers is None:
        return "unknown while redis does not answer"
    return f"{n_workers} alive" if n_workers else "none alive; jobs wait until one starts"
