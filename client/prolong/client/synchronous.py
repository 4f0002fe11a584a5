"""The blocking client."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
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

__all__ = ["Client"]

T = TypeVar("T")


class Client:
    """Asks a prolong service for operators and keeps them on disk. Threads may share one.

    **Arguments:**

    - `url`: of the service; else `PROLONG_URL`, else http://127.0.0.1:8000.
    - `timeout`: the longest silence of the service in seconds (or an `httpx.Timeout`); waiting for a search is
      not silence.
    - `retries`: how often to ask again when the service cannot be reached or is busy.
    - `cache`: the folder of kept operators, or "off"; else `PROLONG_CACHE`, else ~/.cache/prolong.
    - `show_progress`: None shows progress on terminals only.
    - `transport`: an httpx transport, for tests and for proxies of your own.

    **Raises:** `InvalidInput` for an unusable address. The methods raise `ServiceUnavailable` where nothing
    answers after all retries, `ServiceTimeout` where it does not answer in time, `InvalidInput` and `TooLarge`
    where the service refuses what was sent, `UnexpectedResponse` where it answers something else than it should.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        timeout: float | httpx.Timeout | None = None,
        retries: Retries | None = None,
        cache: str | os.PathLike[str] | None = None,
        show_progress: bool | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings = Settings.gather(
            url, timeout=timeout, retries=retries, cache=cache, show_progress=show_progress
        )
        self._core = Core(self._settings)
        self._http = httpx.Client(**options(self._settings), transport=transport)

    @property
    def url(self) -> str:
        """The address of the service."""
        return self._settings.shown_url

    def prolongation(
        self,
        problem: Problem,
        *,
        timeout: float | None = None,
        on_progress: Callable[[ProlongationView], None] | None = None,
    ) -> Operator:
        """The operator of `problem`: kept on disk, or else asked for, waited for and fetched.

        **Arguments:** `timeout`: seconds to wait for the search; None waits as long as it takes.

        **Raises:** `JobFailed`, `JobCancelled`; `ServiceTimeout` when the time is over (the search goes on);
        `CorruptOperator` where the bytes do not have the promised digest.
        """
        return self._run(self._core.prolongation(problem, timeout=timeout, on_progress=on_progress))

    def sweep(
        self,
        problem: Problem,
        *,
        timeout: float | None = None,
        on_progress: Callable[[ProlongationView], None] | None = None,
    ) -> list[Operator]:
        """The operators of a problem whose `locality` is a list, in the order of its values: one job for all.

        **Raises:** as `prolongation`.
        """
        return self._run(self._core.sweep(problem, timeout=timeout, on_progress=on_progress))

    def prolongations(self, problems: Sequence[Problem], *, timeout: float | None = None) -> list[Operator]:
        """The operators of several problems, in their order: one request, searched for side by side.

        **Raises:** as `prolongation`, for the first problem that fails; the other searches go on.
        """
        return self._run(self._core.prolongations(problems, timeout=timeout))

    def distances(self, problem: DistanceProblem, *, timeout: float | None = None) -> Distances:
        """The distances of all pairs of a list of graphs: one job, asked for and waited for.

        **Arguments:** `timeout`: seconds to wait; None waits as long as it takes.

        **Raises:** `JobFailed`, `JobCancelled`; `ServiceTimeout` when the time is over (the job goes on).
        """
        return self._run(self._core.distances(problem, timeout=timeout))

    def submit(self, problem: Problem, *, wait_seconds: float = 0.0) -> ProlongationView:
        """Ask for an operator; wait for at most `wait_seconds`. Asking twice is asking once."""
        return self._run(self._core.submit(problem, wait_seconds=wait_seconds))

    def submit_many(self, problems: Sequence[Problem]) -> list[ProlongationView]:
        """Ask for several operators; the answers are in the order of the problems."""
        return self._run(self._core.submit_many(problems))

    def get(self, key: str) -> ProlongationView:
        """Where a prolongation stands. **Raises:** `UnknownKey`."""
        return self._run(self._core.get(key))

    def list_prolongations(
        self, *, status: Status | None = None, kind: str | None = None, page_size: int | None = None
    ) -> Iterator[ProlongationView]:
        """All prolongations, newest first, asked for page by page as they are used.

        **Arguments:** `status`, and `kind` of the coarse or the fine graph ("path"), leave others out.
        """
        cursor: str | None = None
        while True:
            filters = {"status": status, "kind": kind, "limit": page_size}
            page = self._run(self._core.page(filters, cursor))
            yield from page.prolongations
            cursor = page.next
            if cursor is None:
                return

    def wait(
        self,
        key: str,
        *,
        timeout: float | None = None,
        on_progress: Callable[[ProlongationView], None] | None = None,
    ) -> ProlongationView:
        """Wait for the end of a search; `on_progress` is called with every news of it.

        **Raises:** `UnknownKey`; `JobFailed`, `JobCancelled`; `ServiceTimeout` after `timeout` seconds.
        """
        return self._run(self._core.wait(key, timeout=timeout, on_progress=on_progress))

    def fetch(
        self,
        key: str,
        *,
        timeout: float | None = None,
        on_progress: Callable[[ProlongationView], None] | None = None,
    ) -> Operator:
        """The operator under `key`, from the disk if it is kept there; a search that goes on is waited for.

        **Raises:** as `wait`; `CorruptOperator` where the bytes do not have the promised digest.
        """
        return self._run(self._core.fetch(key, timeout=timeout, on_progress=on_progress))

    def cancel(self, key: str) -> ProlongationView | None:
        """Cancel a search, and give its view; let the service forget a finished one, and give None.

        **Raises:** `UnknownKey`.
        """
        return self._run(self._core.cancel(key))

    def health(self) -> dict[str, Any]:
        """The service's report on itself, asked for once.

        **Raises:** `ServiceUnavailable` where it, or something that it needs, is not there.
        """
        return self._run(self._core.health())

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, flow: Flow[T]) -> T:
        """Do what the flow asks for, until it returns."""
        try:
            effect = next(flow)
            while True:
                try:
                    result = self._do(effect)
                except httpx.RequestError as fault:
                    effect = flow.throw(fault)
                else:
                    effect = flow.send(result)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            flow.close()

    def _do(self, effect: Effect) -> Any:
        match effect:
            case Send(call):
                return self._http.send(request(self._http, call))
            case Listen(call, hear):
                return self._listen(request(self._http, call), hear)
            case Pause(seconds):
                return time.sleep(seconds)
            case Work(function):
                return function()

    def _listen(self, asked: httpx.Request, hear: Callable[[str], bool]) -> httpx.Response:
        response = self._http.send(asked, stream=True)
        try:
            if response.status_code == httpx.codes.OK:
                any(hear(line) for line in response.iter_lines())
        finally:
            response.close()
        return response
