"""The application in this process, over the memory store and a queue that a test works off by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from prolong import formats
from prolong.certificate import Certificate, Outcome, Proof
from prolong.operators import DenseOperator, Operator, SparseOperator
from prolong.wire import Status
from prolong_service.app import create_app
from prolong_service.settings import ServiceSettings
from prolong_worker.jobs import JobState
from prolong_worker.store import (
    AbstractOperatorStore,
    Failure,
    MemoryOperatorStore,
    OperatorInfo,
    Snapshot,
    Summary,
)

CERTIFICATE = Certificate(
    objective=2.0,
    diffusion=1.0,
    locality=3.0,
    alpha=1.0,
    beta=1.0,
    lower_bound=1.5,
    proof=Proof.SPECTRAL,
    outcome=Outcome.CONVERGED,
    method="stiefel",
    iterations=7,
    seconds=0.5,
    orthonormality_error=0.0,
    gradient_norm=1e-9,
)


class MemoryJobs:
    """The queue's twin: jobs wait until the test starts, finishes or fails them. `runs` counts enqueued jobs."""

    def __init__(self, store: AbstractOperatorStore) -> None:
        self.store = store
        self.waiting: list[str] = []
        self.running: list[str] = []
        self.runs: list[str] = []
        self.n_workers = 1

    def submit(self, key: str, problem_json: bytes, *, summary: Summary, timeout_seconds: float) -> JobState:
        if self.store.accept(key, problem_json, summary=summary, timeout_seconds=timeout_seconds):
            self.waiting.append(key)
            self.runs.append(key)
        state = self.state(key)
        assert state is not None
        return state

    def state(self, key: str) -> JobState | None:
        return self.states([key])[0]

    def states(self, keys: Sequence[str]) -> list[JobState | None]:
        return [None if item is None else self._merged(item) for item in self.store.snapshots(keys)]

    def cancel(self, key: str) -> JobState | None:
        self.store.cancel(key)
        self._leave(key)
        return self.state(key)

    def forget(self, key: str) -> bool:
        return self.store.forget(key)

    def live_workers(self) -> int:
        return self.n_workers

    def start(self, key: str) -> None:
        """A worker takes the job."""
        self._leave(key)
        self.running.append(key)

    def finish(self, key: str, operator: Operator | None = None) -> bytes:
        """A worker commits an operator; the bytes that are stored."""
        operator = operator or DenseOperator(np.eye(4, 2)).with_certificate(CERTIFICATE)
        data = formats.to_bytes(operator)
        info = OperatorInfo(
            kind=operator.kind,
            shape=operator.shape,
            nnz=operator.nnz,
            sha256=formats.digest(data),
            certificate=CERTIFICATE,
            started_at=1.0,
            finished_at=2.0,
            solver_version="0",
        )
        self._leave(key)
        assert self.store.commit(key, data, info)
        return data

    def fail(self, key: str, reason: str = "the search ran out of luck") -> None:
        """A worker gives up."""
        self._leave(key)
        assert self.store.fail(key, Failure(code="internal_error", reason=reason, failed_at=2.0))

    def _leave(self, key: str) -> None:
        self.waiting = [other for other in self.waiting if other != key]
        self.running = [other for other in self.running if other != key]

    def _merged(self, item: Snapshot) -> JobState:
        if item.record:
            return JobState(item.key, Status.DONE, item)
        if item.failure:
            return JobState(item.key, Status.FAILED, item)
        if item.cancelled_at is not None:
            return JobState(item.key, Status.CANCELLED, item)
        if item.key in self.running:
            return JobState(item.key, Status.RUNNING, item, started_at=1.5)
        return JobState(item.key, Status.QUEUED, item, position=self.waiting.index(item.key))


@pytest.fixture
def store() -> MemoryOperatorStore:
    return MemoryOperatorStore()


@pytest.fixture
def jobs(store: MemoryOperatorStore) -> MemoryJobs:
    return MemoryJobs(store)


@pytest.fixture
def settings() -> ServiceSettings:
    return ServiceSettings(max_body_bytes=20_000, max_batch=5)


@pytest.fixture
def app(settings: ServiceSettings, store: MemoryOperatorStore, jobs: MemoryJobs) -> FastAPI:
    return create_app(settings, store, jobs)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://prolong.test") as client,
    ):
        yield client


@pytest.fixture
def document() -> Callable[..., dict[str, Any]]:
    """Makes problems as JSON; each `n` is another one."""

    def make(n: int = 2, **settings: Any) -> dict[str, Any]:
        return {"coarse": {"kind": "path", "n": n}, "fine": {"kind": "cycle", "n": 2 * n}, **settings}

    return make


@pytest.fixture
def submitted(client: httpx.AsyncClient, document: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
    """Posts a problem and gives its key."""

    async def submit(n: int = 2, **settings: Any) -> str:
        answer = await client.post("/prolongations", json=document(n, **settings))
        assert answer.status_code == 202, answer.text
        return str(answer.json()["key"])

    return submit


@pytest.fixture
def sparse_operator() -> SparseOperator:
    return SparseOperator.from_partition(np.array([0, 0, 1, 1]), np.full(4, 0.5**0.5), 2)


@pytest.fixture
def check_problem() -> Callable[..., dict[str, Any]]:
    """Checks that an answer is a well-formed problem+json of a kind, and gives its body."""

    def check(answer: httpx.Response, status: int, name: str) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        body: dict[str, Any] = answer.json()
        assert body["type"] == f"urn:prolong:error:{name}"
        assert body["status"] == status
        assert body["title"]
        assert body["detail"]
        assert body["instance"] == answer.request.url.path
        return body

    return check
