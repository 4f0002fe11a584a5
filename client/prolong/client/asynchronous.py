"""The client for asyncio."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from prolong.client.core import Core
from prolong.client.effects import Effect, Flow, Listen, Pause, Send, Work
from prolong.client.requests import options, request
from prolong.client.retries import Retries
from prolong.client.settings import Settings
from prolong.diffusion import DistanceProblem, Distances
from prolong.operators import Operator
from prolong.problem import Problem
from prolong.wire import ProlongationView, Status

__all__ = ["AsyncClient"]

T = TypeVar("T")


class AsyncClient:
    """`prolong.Client` for asyncio: the same methods, arguments and errors, to be awaited."""

    def __init__(
        self,
        url: str | None = None,
        *,
        timeout: float | httpx.Timeout | None = None,
        retries: Retries | None = None,
        cache: str | os.PathLike[str] | None = None,
        show_progress: bool | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = Settings.gather(
            url, timeout=timeout, retries=retries, cache=cache, show_progress=show_progress
        )
        self._core = Core(self._settings)
        self._http = httpx.AsyncClient(**options(self._settings), transport=transport)

    @property
    def url(self) -> str:
        """The address of the service."""
        return self._settings.shown_url

    async def prolongation(
        self,
        problem: Problem,
        *,
        timeout: float | None = None,
        on_progress: Callable[[ProlongationView], None] | None = None,
    ) -> Operator:
        """The operator of `problem`: kept on disk, or else asked for, waited for and fetched."""
        return await self._run(self._core.prolongation(problem, timeout=timeout, on_progress=on_progress))

    async def sweep(
        self,
        problem: Problem,
        *,
        timeout: float | None = None,
        on_progress: Callable[[ProlongationView], None] | None = None,
    ) -> list[Operator]:
        """The operators of a problem whose `locality` is a list, in the order of its values: one job for all."""
        return await self._run(self._core.sweep(problem, timeout=timeout, on_progress=on_progress))

    async def prolongations(self, problems: Sequence[Problem], *, timeout: float | None = None) -> list[Operator]:
        """The operators of several problems, in their order: one request, searched for side by side."""
        return await self._run(self._core.prolongations(problems, timeout=timeout))

    async def distances(self, problem: DistanceProblem, *, timeout: float | None = None) -> Distances:
        """The distances of all pairs of a list of graphs: one job, asked for and waited for."""
        return await self._run(self._core.distances(problem, timeout=timeout))

    async def submit(self, problem: Problem, *, wait_seconds: float = 0.0) -> ProlongationView:
        """Ask for an operator; wait for at most `wait_seconds`. Asking twice is asking once."""
        return await self._run(self._core.submit(problem, wait_seconds=wait_seconds))

    async def submit_many(self, problems: Sequence[Problem]) -> list[ProlongationView]:
        """Ask for several operators; the answers are in the order of the problems."""
        return await self._run(self._core.submit_many(problems))

    async def get(self, key: str) -> ProlongationView:
        """Where a prolongation stands. **Raises:** `UnknownKey`."""
        return await self._run(self._core.get(key))

    async def list_prolongations(
        self, *, status: Status | None = None, kind: str | None = None, page_size: int | None = None
    ) -> AsyncIterator[ProlongationView]:
        """All prolongations, newest first, asked for page by page as they are used."""
        cursor: str | None = None
        while True:
            filters = {"status": status, "kind": kind, "limit": page_size}
            page = await self._run(self._core.page(filters, cursor))
            for view in page.prolongations:
                yield view
            cursor = page.next
            if cursor is None:
                return

    async def wait(
        self,
        key: str,
        *,
        timeout: float | None = None,
        on_progress: Callable[[ProlongationView], None] | None = None,
    ) -> ProlongationView:
        """Wait for the end of a search; `on_progress` is called with every news of it."""
        return await self._run(self._core.wait(key, timeout=timeout, on_progress=on_progress))

    async def fetch(
        self,
        key: str,
        *,
        timeout: float | None = None,
        on_progress: Callable[[ProlongationView], None] | None = None,
    ) -> Operator:
        """The operator under `key`, from the disk if it is kept there; a search that goes on is waited for."""
        return await self._run(self._core.fetch(key, timeout=timeout, on_progress=on_progress))

    async def cancel(self, key: str) -> ProlongationView | None:
        """Cancel a search, and give its view; let the service forget a finished one, and give None."""
        return await self._run(self._core.cancel(key))

    async def health(self) -> dict[str, Any]:
        """The service's report on itself, asked for once."""
        return await self._run(self._core.health())

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, flow: Flow[T]) -> T:
        """Do what the flow asks for, until it returns."""
        try:
            effect = next(flow)
            while True:
                try:
                    result = await self._do(effect)
                except httpx.RequestError as fault:
                    effect = flow.throw(fault)
                else:
                    effect = flow.send(result)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            flow.close()

    async def _do(self, effect: Effect) -> Any:
        match effect:
            case Send(call):
                return await self._http.send(request(self._http, call))
            case Listen(call, hear):
                return await self._listen(request(self._http, call), hear)
            case Pause(seconds):
                return await asyncio.sleep(seconds)
            case Work(function):
                return await asyncio.to_thread(function)

    async def _listen(self, asked: httpx.Request, hear: Callable[[str], bool]) -> httpx.Response:
        response = await self._http.send(asked, stream=True)
        try:
            if response.status_code == httpx.codes.OK:
                async for line in response.aiter_lines():
                    if hear(line):
                        break
        finally:
            await response.aclose()
        return response
