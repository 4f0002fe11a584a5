"""The whole stack as processes: it starts, heals, stops, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from prolong_service.stack import Stack, StackError
from prolong_service.stack.redis_server import free_port
from prolong_worker.connection import connect
from prolong_worker.jobs import Jobs
from prolong_worker.store import RedisOperatorStore

UP = "import sys; from prolong_service.stack.command import run; sys.exit(run(sys.argv[1:]))"


def wait_for(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def family(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


@pytest.fixture(autouse=True)
def _no_server_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROLONG_REDIS_URL", raising=False)


def test_a_stack_serves_heals_and_stops_without_a_trace(tmp_path: Path) -> None:
    before = set(family(os.getpid()))
    with Stack(tmp_path / "data", workers=2) as stack:
        assert httpx.get(f"{stack.url}/health/ready").status_code == 200
        first, second = stack.worker_pids
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: len(stack.worker_pids) == 2 and first not in stack.worker_pids)
        assert second in stack.worker_pids
        server = stack.redis_server
        assert server is not None
        server.kill()
        wait_for(lambda: httpx.get(f"{stack.url}/health/ready").status_code == 200)
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
        assert {path.name for path in (tmp_path / "data").glob("*.log")} == {
            "redis.log",
            "service.log",
            "worker-1.log",
            "worker-2.log",
        }
    assert set(family(os.getpid())) == before


def test_what_a_stack_holds_is_there_in_the_next_run(tmp_path: Path) -> None:
    for _ in range(2):
        with Stack(tmp_path, workers=0, service=False) as stack, connect(stack.redis_url) as connection:
            runs = connection.incr("runs")
    assert runs == 2


def test_a_given_server_is_used_and_left_running(tmp_path: Path, redis_url: str) -> None:
    with Stack(tmp_path, workers=1, service=False, redis_url=redis_url) as stack:
        assert stack.redis_server is None
        assert stack.redis_url == redis_url
        with connect(redis_url) as connection:
            assert Jobs(RedisOperatorStore(connection)).live_workers() == 1
    with connect(redis_url) as connection:
        assert connection.ping()
        assert Jobs(RedisOperatorStore(connection)).live_workers() == 0


def test_a_port_in_use_is_a_readable_error(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StackError, match=f"port {port} is in use"):
            Stack(tmp_path, workers=0, port=port).start()


def test_a_part_that_cannot_start_says_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"(?s)worker-1 ended.*PROLONG_BLAS_THREADS must be a whole number"):
        Stack(tmp_path, service=False, environment={"PROLONG_BLAS_THREADS": "many"}).start()


def test_prolong_up_is_alone_in_its_folder_and_takes_everything_along(tmp_path: Path) -> None:
    process, children = start_up(tmp_path)
    command = [sys.executable, "-c", UP, "--data", str(tmp_path), "--port", "0"]
    second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 1
    assert second.stderr == f"prolong up: another prolong uses the folder {tmp_path}; stop it or give --data\n"
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert output.splitlines()[-1] == "stopping"
    assert not any(map(is_alive, children))


def test_prolong_up_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    process, children = start_up(tmp_path)
    process.kill()
    process.communicate()
    wait_for(lambda: not any(map(is_alive, children)), seconds=20)


def start_up(folder: Path) -> tuple[subprocess.Popen[str], list[int]]:
    command = [sys.executable, "-c", UP, "--workers", "1", "--data", str(folder), "--port", str(free_port())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "prolong is up at http://127.0.0.1:" in process.stdout.readline()
    children = family(process.pid)
    assert len(children) >= 3
    return process, children
