"""Real workers on a real server, running the probes of `probe_tasks`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil
import pytest

from prolong.wire import Status
from prolong_worker.connection import Connection, connect
from prolong_worker.jobs import Jobs, JobState
from prolong_worker.store import RedisOperatorStore, Summary

SUMMARY = Summary(
    coarse_kind="path", fine_kind="path", n_coarse=2, n_fine=4, structure="dense", method="auto", locality=0.5
)


def wait_for(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true value of `condition`; fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)
    return value


class Probes:
    """Jobs whose problems are lists of probe actions."""

    def __init__(self, url: str, name: str = "") -> None:
        self.url = url
        self.name = name
        self.connection: Connection = connect(url)
        self.store = RedisOperatorStore(self.connection)
        self.jobs = Jobs(self.store, task="probe_tasks.run")

    def submit(self, *actions: list[Any], name: str = "one", timeout_seconds: float = 60.0) -> str:
        key = sha256((self.name + name).encode()).hexdigest()
        self.jobs.submit(key, json.dumps(actions).encode(), summary=SUMMARY, timeout_seconds=timeout_seconds)
        return key

    def state(self, key: str) -> JobState:
        state = self.jobs.state(key)
        assert state is not None
        return state

    def starts(self, key: str) -> list[tuple[float, int, int]]:
        """Time, process and parent of every run that began."""
        rows: Any = self.connection.lrange(f"started:{key}", 0, -1)
        return [(float(row.split()[0]), int(row.split()[1]), int(row.split()[2])) for row in rows]

    def ends(self, key: str) -> int:
        count: Any = self.connection.llen(f"ended:{key}")
        return int(count)

    def wait_running(self, key: str) -> tuple[float, int, int]:
        wait_for(lambda: self.starts(key))
        return self.starts(key)[-1]

    def wait(self, key: str, status: Status, seconds: float = 30.0) -> JobState:
        wait_for(lambda: self.state(key).status is status, seconds)
        return self.state(key)


class Workers:
    """Worker processes; whatever is left of them is killed at the end of the test."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, count: int = 1, **variables: str) -> list[subprocess.Popen[bytes]]:
        environment = {
            **os.environ,
            "PROLONG_REDIS_URL": self._url,
            "PYTHONPATH": str(Path(__file__).parent),
            "PROLONG_HEARTBEAT_SECONDS": "1",
            "PROLONG_LEASE_SECONDS": "4",
            "PROLONG_MAINTENANCE_SECONDS": "1",
            **variables,
        }
        command = [sys.executable, "-m", "prolong_worker"]
        started = []
        for number in range(count):
            with (self._folder / f"worker-{len(self._processes) + number}.log").open("ab") as log:
                started.append(
                    subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
                )
        self._processes += started
        return started

    def log(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self._folder.glob("worker-*.log")))

    def kill_all(self) -> None:
        for process in self._processes:
            kill_tree(process.pid)
            process.wait()


def kill_tree(pid: int) -> None:
    """SIGKILL a process and all its descendants at once."""
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue


@pytest.fixture
def probes(redis_url: str) -> Iterator[Probes]:
    found = Probes(redis_url)
    yield found
    found.connection.close()


@pytest.fixture(scope="module")
def pool(module_redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server where two workers are at work, shared by the tests of one file."""
    found = Workers(module_redis_url, tmp_path_factory.mktemp("pool"))
    found.start(2)
    yield module_redis_url
    found.kill_all()


@pytest.fixture
def busy(pool: str, request: pytest.FixtureRequest) -> Iterator[Probes]:
    """Probes that the shared workers run, with keys of this test's own."""
    found = Probes(pool, request.node.nodeid)
    yield found
    found.connection.close()


@pytest.fixture
def workers(redis_url: str, tmp_path: Path) -> Iterator[Workers]:
    found = Workers(redis_url, tmp_path)
    yield found
    found.kill_all()
