"""The service's composition root."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi_offline import FastAPIOffline

from prolong import __version__
from prolong_service import documents, errors
from prolong_service.comparisons import Comparisons
from prolong_service.prolongations import AbstractJobs, Prolongations
from prolong_service.routes import ROUTERS
from prolong_service.services import Services
from prolong_service.settings import ServiceSettings
from prolong_service.watch import Watch
from prolong_worker.store import AbstractOperatorStore

__all__ = ["create_app"]

_DESCRIPTION = """POST two graphs, get back the orthonormal matrix that best carries a process from the
small graph to the large one, with a proof of how good it is. A problem's key is the hash of its content:
asking twice is asking once. Errors are `application/problem+json` (RFC 9457); `errors[].pointer` is a JSON
pointer into the body, or `/query/...`, `/header/...` for what is outside of it."""


def create_app(
    settings: ServiceSettings,
    store: AbstractOperatorStore,
    jobs: AbstractJobs,
    janitor: AbstractContextManager[Any] | None = None,
) -> FastAPI:
    """The application over these parts; nothing is connected to before the first request.

    **Arguments:** `janitor`: entered when the application starts and left when it stops.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with janitor or nullcontext():
            yield
        await services.watch.aclose()

    # The page at /docs must not need the internet: its scripts come from this process.
    app = FastAPIOffline(
        redoc_url=None,
        title="prolong",
        summary="Prolongation operators between graphs",
        description=_DESCRIPTION,
        version=__version__,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    services = Services(settings, store, Prolongations(store, jobs), Comparisons(store, jobs), Watch(store))
    app.state.services = services
    errors.install(app)
    documents.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_route("/", _home, include_in_schema=False)
    return app


async def _home() -> RedirectResponse:
    return RedirectResponse("/docs")
