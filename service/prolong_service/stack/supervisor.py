"""Starts the parts of a stack in order, keeps them running, and stops them all."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from redis.exceptions import RedisError

from prolong_service.stack.errors import StackError
from prolong_service.stack.part import Part
from prolong_service.stack.redis_server import RedisServer, free_port, is_free
from prolong_worker.connection import connect
from prolong_worker.jobs import Jobs
from prolong_worker.store import RedisOperatorStore

__all__ = ["Stack"]

_HOST = "127.0.0.1"
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.1
_SERVICE_STOP_SECONDS = 10.0
_WORKER_STOP_SECONDS = 10.0
# A search that runs when a stack stops goes back to the queue almost at once: nobody waits at a prompt for it.
_DRAIN_SECONDS = "2"

_log = logging.getLogger(__name__)


class Stack:
    """A Redis-compatible server, the service and its workers, as child processes of this one.

    As a context manager it starts, waits until everything answers, and stops. A child that dies is started
    again, with a growing pause; if this process dies, so do its children.

    **Arguments:** `folder`: where data and logs are kept, created for its owner alone; `workers`: how many;
    `port`: of the service on the loopback interface, 0 for any free one; `redis_url`: a server to use instead
    of a private one (`None`: `PROLONG_REDIS_URL` if set); `service`: whether to start the HTTP service;
    `environment`: further variables of service and workers.

    **Raises** (on start): `StackError`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        port: int = 0,
        redis_url: str | None = None,
        service: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._given_redis_url = redis_url or os.environ.get("PROLONG_REDIS_URL") or None
        self._n_workers = workers
        self._with_service = service
        self._environment = dict(environment or {})
        self._redis: RedisServer | None = None
        self._parts: list[Part] = []
        self._started = threading.Event()
        self._ending = threading.Event()
        self._problem: StackError | None = None
        # The kernel ties children to the thread that starts them, see `Child`: one thread starts them all.
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    @property
    def url(self) -> str:
        """The service's URL."""
        return f"http://{_HOST}:{self.port}"

    @property
    def redis_url(self) -> str:
        """The server's URL, password included."""
        if self._given_redis_url is not None:
            return self._given_redis_url
        if self._redis is None:
            raise StackError("the stack is not started")
        return self._redis.url

    @property
    def redis_server(self) -> RedisServer | None:
        """The private server, `None` where another one is used."""
        return self._redis

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the workers that run now."""
        return [part.pid for part in self._parts if part.name.startswith("worker") and part.pid is not None]

    def start(self) -> None:
        """Start everything and wait until it answers. On failure everything is stopped again."""
        self._thread.start()
        self._started.wait()
        if self._problem is not None:
            self._thread.join()
            raise self._problem

    def stop(self) -> None:
        """Stop everything: the service first, then the workers, which give their jobs back, then the server."""
        self._ending.set()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            self._start_all()
        except StackError as problem:
            self._problem = problem
        except OSError as problem:
            self._problem = StackError(f"the stack cannot be started in {self.folder}: {problem}")
        else:
            self._started.set()
            while not self._ending.wait(_POLL_SECONDS):
                self._revive()
        finally:
            self._stop_all()
            self._started.set()

    def _start_all(self) -> None:
        self._check_port()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._given_redis_url is None:
            self._redis = RedisServer(self.folder)
            self._redis.start()
        self._parts = self._make_parts()
        for part in self._parts:
            part.start()
        self._await("the workers", self._workers_answer)
        if self._with_service:
            self._await("the service", self._service_answers)

    def _make_parts(self) -> list[Part]:
        shared = {
            "PROLONG_REDIS_URL": self.redis_url,
            "PYTHONUNBUFFERED": "1",
            "PROLONG_DRAIN_SECONDS": _DRAIN_SECONDS,
            "PROLONG_BLAS_THREADS": str(max(1, (os.cpu_count() or 1) // max(1, self._n_workers))),
            "PROLONG_HOST": _HOST,
            "PROLONG_PORT": str(self.port),
            **self._environment,
        }
        names = [f"worker-{number}" for number in range(1, self._n_workers + 1)]
        parts = [Part(name, [sys.executable, "-m", "prolong_worker"], self.folder, shared) for name in names]
        if self._with_service:
            parts.insert(0, Part("service", [sys.executable, "-m", "prolong_service"], self.folder, shared))
        return parts

    def _check_port(self) -> None:
        if self._with_service and not is_free(self.port):
            raise StackError(f"port {self.port} is in use; stop what uses it or give another --port")

    def _await(self, what: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not ready():
            for part in self._parts:
                part.raise_if_ended()
            if time.monotonic() > deadline or self._ending.is_set():
                raise StackError(
                    f"{what} did not get ready within {_READY_SECONDS:g} s; see the logs in {self.folder}"
                )
            time.sleep(_POLL_SECONDS)

    def _workers_answer(self) -> bool:
        try:
            with connect(self.redis_url) as connection:
                return Jobs(RedisOperatorStore(connection)).live_workers() >= self._n_workers
        except RedisError:
            return False

    def _service_answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5.0, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def _revive(self) -> None:
        if self._redis is not None and not self._redis.running:
            _log.warning("the Redis server died; starting it again")
            try:
                self._redis.restart()
            except StackError as problem:
                _log.error("%s", problem)
        for part in self._parts:
            part.revive()

    def _stop_all(self) -> None:
        services = [part for part in self._parts if part.name == "service"]
        workers = [part for part in self._parts if part.name != "service"]
        for group, patience in ((services, _SERVICE_STOP_SECONDS), (workers, _WORKER_STOP_SECONDS)):
            for part in group:
                part.terminate()
            for part in group:
                part.wait_or_kill(patience)
        if self._redis is not None:
            self._redis.stop()
