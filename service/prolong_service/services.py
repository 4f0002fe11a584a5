"""What routes receive: the parts that `create_app` put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from prolong.wire import ProlongationView
from prolong_service.bodies import Submission, parse_submission
from prolong_service.comparisons import Comparisons
from prolong_service.prolongations import Prolongations
from prolong_service.settings import ServiceSettings
from prolong_service.watch import Watch
from prolong_worker.store import AbstractOperatorStore

__all__ = ["Injected", "Services"]

T = TypeVar("T")


def _few() -> CapacityLimiter:
    return CapacityLimiter(2)


@dataclass(frozen=True)
class Services:
    """One of each for the whole application.

    `heavy` bounds how many requests at once parse bodies or turn operators into other forms: each may take
    many times the memory of its input. `probes` are places for health checks alone.
    """

    settings: ServiceSettings
    store: AbstractOperatorStore
    prolongations: Prolongations
    comparisons: Comparisons
    watch: Watch
    heavy: CapacityLimiter = field(default_factory=_few)
    probes: CapacityLimiter = field(default_factory=_few)

    async def parse(self, body: bytes) -> Submission:
        """`parse_submission`, beside the event loop."""
        return await self.heavily(lambda: parse_submission(body, self.settings))

    async def heavily(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread when one of the few places is free."""
        return await to_thread.run_sync(work, limiter=self.heavy)

    async def settled(self, views: Sequence[ProlongationView], seconds: int | None) -> list[ProlongationView]:
        """The resources once all have ended or the time is over; as they are without `seconds`."""
        open_keys = {view.key for view in views if not view.status.is_final}
        if not seconds or not open_keys:
            return list(views)
        await self.watch.ended(open_keys, seconds)
        return await run_in_threadpool(self.prolongations.read_all, [view.key for view in views])


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Injected = Annotated[Services, Depends(_services)]
