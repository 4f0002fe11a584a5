"""A service in a few lines behind an httpx transport, and the two clients under one face."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from prolong import AsyncClient, Certificate, Client, DenseOperator, Problem, formats
from prolong.client import Retries
from prolong.wire import (
    PROBLEM_MEDIA_TYPE,
    OperatorView,
    ProblemDetails,
    Progress,
    ProlongationView,
    Status,
    SweepPart,
)

Answer = httpx.Response | Exception

CERTIFICATE = Certificate(
    objective=1.5,
    diffusion=1.0,
    locality=2.0,
    alpha=1.0,
    beta=0.25,
    lower_bound=1.2,
    proof="spectral",
    outcome="converged",
    method="stiefel",
    iterations=7,
    seconds=0.5,
    orthonormality_error=1e-15,
    gradient_norm=None,
)


def operator_for(problem: Problem) -> DenseOperator:
    """A feasible operator of the problem's shape."""
    return DenseOperator(np.eye(problem.fine.n, problem.coarse.n), CERTIFICATE)


def problem_details(status: int, name: str, detail: str) -> httpx.Response:
    """A problem+json answer as the service sends it."""
    body = ProblemDetails(type=f"urn:prolong:error:{name}", title="T", status=status, detail=detail)
    return httpx.Response(status, content=body.model_dump_json(), headers={"Content-Type": PROBLEM_MEDIA_TYPE})


class FakeService:
    """Solves by writing identities. `answers` come first, one a request; `looks` before a job is done.

    `end`: how jobs end; `streams`: whether it has events.
    """

    def __init__(self) -> None:
        self.answers: list[Answer | Callable[[httpx.Request], httpx.Response]] = []
        self.requests: list[httpx.Request] = []
        self.operators: dict[str, bytes] = {}
        self.sweeps: dict[str, Problem] = {}
        self.looks: dict[str, int] = {}
        self.order: list[str] = []
        self.patience = 0
        self.end = Status.DONE
        self.streams = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return _fresh(answer) if isinstance(answer, httpx.Response) else answer(request)
        return self.routed(request)

    @property
    def log(self) -> list[str]:
        """`METHOD path` of each request, keys left out."""
        return [f"{request.method} {re.sub('/[0-9a-f]{64}', '', request.url.path)}" for request in self.requests]

    def routed(self, request: httpx.Request) -> httpx.Response:
        parts = request.url.path.strip("/").split("/")
        if parts == ["prolongations"]:
            return self.post(request) if request.method == "POST" else self.page(request)
        if parts == ["health", "ready"]:
            return httpx.Response(200, json={"status": "ready"})
        key = parts[1]
        if key not in self.operators:
            return problem_details(404, "unknown-key", f"nothing is held under {key}")
        if request.method == "DELETE":
            return self.delete(key)
        if parts[2:] == ["operator"]:
            return httpx.Response(200, content=self.operators[key])
        if parts[2:] == ["events"]:
            return self.events(key)
        self.looks[key] += 1
        return self.json(200, self.view(key))

    def post(self, request: httpx.Request) -> httpx.Response:
        document = json.loads(request.content)
        problems = [Problem.parse(item) for item in document.get("problems", [document])]
        for problem in problems:
            if problem.is_sweep:
                self.sweeps[problem.key] = problem
            for part in problem.parts:
                self.looks.setdefault(part.key, 0)
                self.operators[part.key] = formats.to_bytes(operator_for(part))
            self.operators[problem.key] = formats.to_bytes(operator_for(problem))
            self.looks.setdefault(problem.key, 0)
            self.order.insert(0, problem.key)
        views = [self.view(problem.key) for problem in problems]
        if "problems" not in document:
            return self.json(200 if views[0].status.is_final else 202, views[0])
        return httpx.Response(202, json={"prolongations": [json.loads(view.model_dump_json()) for view in views]})

    def page(self, request: httpx.Request) -> httpx.Response:
        start, size = int(request.url.params.get("cursor", 0)), int(request.url.params.get("limit", 2))
        views = [json.loads(self.view(key).model_dump_json()) for key in self.order[start : start + size]]
        after = str(start + size) if start + size < len(self.order) else None
        return httpx.Response(200, json={"prolongations": views, "next": after})

    def delete(self, key: str) -> httpx.Response:
        view = self.view(key).model_copy(update={"status": Status.CANCELLED})
        return self.json(200, view) if self.looks[key] < self.patience else httpx.Response(204)

    def events(self, key: str) -> httpx.Response:
        if not self.streams:
            return problem_details(406, "not-acceptable", "no stream")
        running, self.looks[key] = self.view(key), self.patience
        final = self.view(key)
        text = "".join(f"id: {i}\ndata: {v.model_dump_json()}\n\n" for i, v in enumerate((running, final)))
        return httpx.Response(200, text=": hello\n\n" + text, headers={"Content-Type": "text/event-stream"})

    def view(self, key: str) -> ProlongationView:
        if self.looks[key] < self.patience:
            progress = Progress(stage="stiefel", iteration=self.looks[key] + 1, objective=2.0)
            return ProlongationView(key=key, status=Status.RUNNING, progress=progress)
        if self.end is not Status.DONE:
            return ProlongationView(key=key, status=self.end, error="the solver hit a wall")
        if key in self.sweeps:
            parts = [
                SweepPart(locality=part.s, key=part.key, certificate=CERTIFICATE, operator=self.operator(part.key))
                for part in self.sweeps[key].parts
            ]
            return ProlongationView(key=key, status=Status.DONE, sweep=tuple(parts))
        return ProlongationView(key=key, status=Status.DONE, operator=self.operator(key), certificate=CERTIFICATE)

    def operator(self, key: str) -> OperatorView:
        data = self.operators[key]
        return OperatorView(
            shape=(3, 2), kind="dense", nnz=6, bytes=len(data), sha256=formats.digest(data), href="/x"
        )

    @staticmethod
    def json(status: int, view: ProlongationView) -> httpx.Response:
        return httpx.Response(status, content=view.model_dump_json(), headers={"Content-Type": "application/json"})


def _fresh(answer: httpx.Response) -> httpx.Response:
    """A copy: httpx uses a response up."""
    return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


class Awaited:
    """An AsyncClient with the face of a Client: each call runs a loop of its own to the end."""

    def __init__(self, runner: asyncio.Runner, client: AsyncClient) -> None:
        self._runner = runner
        self._client = client

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if inspect.isasyncgenfunction(member):
            return lambda *args, **options: self._runner.run(_collected(member(*args, **options)))
        if inspect.iscoroutinefunction(member):
            return lambda *args, **options: self._runner.run(member(*args, **options))
        return member


async def _collected(items: Any) -> list[Any]:
    return [item async for item in items]


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest, cache: Path) -> Iterator[Callable[..., Any]]:
    """Makes a client, once of each kind; quick to try again, with a cache of its own."""
    runner = asyncio.Runner()
    clients: list[Any] = []

    def build(**options: Any) -> Any:
        options = {"cache": cache, "retries": Retries(base_seconds=0.001, cap_seconds=0.01), **options}
        client = Client(**options) if request.param == "sync" else Awaited(runner, AsyncClient(**options))
        clients.append(client)
        return client

    with runner:
        yield build
        for client in clients:
            client.close()


@pytest.fixture
def client(make: Callable[..., Any], service: FakeService) -> Any:
    """A client of `service`."""
    return make(url="http://prolong.test", transport=httpx.MockTransport(service))
