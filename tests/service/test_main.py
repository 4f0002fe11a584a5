"""The service as a process of its own, in front of a real server that comes and goes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from prolong_service.__main__ import run
from prolong_service.stack import RedisServer
from prolong_worker.connection import connect
from prolong_worker.jobs import Jobs
from prolong_worker.store import RedisOperatorStore

Check = Callable[..., dict[str, Any]]

PAIR = {"coarse": {"kind": "path", "n": 4}, "fine": {"kind": "path", "n": 8}}


def _until(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true value of `condition`, which is tried until then."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health/live").is_success
    except httpx.TransportError:
        return False


@contextmanager
def _process(module: str, log: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            env={**os.environ, "OMP_NUM_THREADS": "1", **variables},
            stdout=stream,
            stderr=stream,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _service(redis_url: str, log: Path, **variables: str) -> Iterator[httpx.Client]:
    """The service in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"PROLONG_REDIS_URL": redis_url, "PROLONG_PORT": str(port), **variables}
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=90, trust_env=False) as client,
        _process("prolong_service", log, **settings),
    ):
        _until(lambda: _answers(client))
        yield client


@pytest.fixture(scope="module")
def live(module_redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service and a worker over the real server."""
    folder = tmp_path_factory.mktemp("live")
    with (
        _service(module_redis_url, folder / "service.log", PROLONG_MAX_BODY_BYTES="100000") as client,
        _process("prolong_worker", folder / "worker.log", PROLONG_REDIS_URL=module_redis_url),
    ):
        _until(lambda: client.get("/health/ready").status_code == 200)
        yield client


def test_post_wait_fetch(live: httpx.Client) -> None:
    answer = live.post("/prolongations", json=PAIR, headers={"Prefer": "wait=60"})
    view = answer.json()
    assert (answer.status_code, view["status"]) == (200, "done"), answer.text
    assert view["certificate"]["orthonormality_error"] < 1e-10
    operator = live.get(view["operator"]["href"])
    assert len(operator.content) == view["operator"]["bytes"]
    assert operator.headers["etag"] == f'"{view["operator"]["sha256"]}"'
    part = live.get(view["operator"]["href"], headers={"Range": "bytes=8-99"})
    assert (part.status_code, part.content) == (206, operator.content[8:100])
    headed = live.head(view["operator"]["href"])
    assert (headed.content, headed.headers["content-length"]) == (b"", str(len(operator.content)))
    assert live.get(f"/prolongations/{view['key']}/image.png").content.startswith(b"\x89PNG")
    assert live.get("/prolongations").json()["prolongations"][0]["key"] == view["key"]


def test_events_of_a_real_search(live: httpx.Client) -> None:
    pair = {
        "coarse": {"kind": "path", "n": 12},
        "fine": {"kind": "cycle", "n": 24},
        "locality": 0.5,
        "max_seconds": 3,
    }
    key = live.post("/prolongations", json=pair).json()["key"]
    kinds, views = [], []
    with live.stream("GET", f"/prolongations/{key}/events") as stream:
        for line in stream.iter_lines():
            if line.startswith("event: "):
                kinds.append(line.removeprefix("event: "))
            elif line.startswith("data: "):
                views.append(json.loads(line.removeprefix("data: ")))
    assert kinds[-1] == "status"
    assert views[-1]["status"] == "done"
    assert {view["key"] for view in views} == {key}


def test_a_running_search_is_cancelled_and_can_be_asked_again(live: httpx.Client) -> None:
    pair = {
        "coarse": {"kind": "tree", "branching": 2, "depth": 6},
        "fine": {"kind": "tree", "branching": 3, "depth": 5},
        "locality": 0.5,
        "tolerance": 1e-14,
        "max_seconds": 60,
    }
    path = live.post("/prolongations", json=pair).headers["location"]
    _until(lambda: live.get(path).json()["status"] == "running")
    answer = live.delete(path)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert live.get(f"{path}/operator").json()["type"] == "urn:prolong:error:job-cancelled"
    again = live.post("/prolongations", json=pair)
    assert (again.status_code, again.json()["status"] in {"queued", "running"}) == (202, True)
    assert live.delete(path).json()["status"] == "cancelled"
    assert live.delete(path).status_code == 204
    assert live.get(path).status_code == 404


def test_hundreds_of_callers_wait_for_one_job(live: httpx.Client) -> None:
    pair = {**PAIR, "seed": 7, "locality": 0.25}
    statuses: list[int] = []

    def call() -> None:
        answer = live.post("/prolongations", json=pair, headers={"Prefer": "wait=60"})
        statuses.append(answer.status_code)

    callers = [threading.Thread(target=call) for _ in range(90)]
    for caller in callers:
        caller.start()
    assert live.get("/health/live").is_success
    for caller in callers:
        caller.join()
    assert statuses == [200] * len(callers)


def test_500_equal_posts_at_once_make_one_job(redis_url: str, tmp_path: Path) -> None:
    async def post_all(url: httpx.URL) -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=url, timeout=90, trust_env=False, limits=limits) as client:
            return await asyncio.gather(*(client.post("/prolongations", json=PAIR) for _ in range(500)))

    with _service(redis_url, tmp_path / "service.log") as client:
        answers = asyncio.run(post_all(client.base_url))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["key"] for answer in answers}) == 1
    with connect(redis_url) as connection:
        assert Jobs(RedisOperatorStore(connection)).queue_length() == 1


def test_a_body_over_the_limit_is_refused_while_it_comes(live: httpx.Client, check_problem: Check) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(110):
            yield b" " * 1000

    answer = live.post("/prolongations", content=chunks(), headers={"Content-Type": "application/json"})
    check_problem(answer, 413, "body-too-large")
    assert live.get("/health/ready").status_code == 200


def test_the_service_starts_alone_and_outlives_its_server(tmp_path: Path, check_problem: Check) -> None:
    server = RedisServer(tmp_path / "redis")
    server.start()
    try:
        server.kill()
        with _service(server.url, tmp_path / "service.log") as client:
            body = check_problem(client.get("/health/ready"), 503, "unavailable")
            assert body["detail"] == "missing: redis, workers"
            answer = client.post("/prolongations", json=PAIR)
            check_problem(answer, 503, "unavailable")
            assert int(answer.headers["retry-after"]) > 0
            server.restart()
            accepted = _until(lambda: client.post("/prolongations", json=PAIR).status_code == 202)
            assert accepted
            key = client.get("/prolongations").json()["prolongations"][0]["key"]
            server.kill()
            check_problem(client.get(f"/prolongations/{key}"), 503, "unavailable")
            assert client.get("/health/live").status_code == 200
            server.restart()
            _until(lambda: client.get(f"/prolongations/{key}").status_code == 200)
    finally:
        server.stop()


def test_a_stopping_service_keeps_nobody_waiting(redis_url: str, tmp_path: Path) -> None:
    answers: list[httpx.Response] = []
    with _service(redis_url, tmp_path / "service.log") as client:
        waiting = threading.Thread(
            target=lambda: answers.append(client.post("/prolongations", json=PAIR, headers={"Prefer": "wait=60"}))
        )
        waiting.start()
        _until(lambda: client.get("/prolongations").json()["prolongations"])
        assert waiting.is_alive()
    waiting.join()
    assert (answers[0].status_code, answers[0].json()["status"]) == (202, "queued")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "set PROLONG_REDIS_URL"),
        ({"PROLONG_REDIS_URL": "http://redis"}, "PROLONG_REDIS_URL cannot be used"),
        ({"PROLONG_PORT": "http"}, "PROLONG_PORT must be a whole number, not 'http'"),
    ],
)
def test_bad_settings_are_one_line(
    variables: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PROLONG_REDIS_URL", raising=False)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    assert run([]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
