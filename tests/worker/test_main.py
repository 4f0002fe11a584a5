"""The worker process as a command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.worker.conftest import Workers


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROLONG_")}
    command = [sys.executable, "-m", "prolong_worker", *arguments]
    return subprocess.run(
        command, env={**environment, **variables}, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "set PROLONG_REDIS_URL"),
        ({"PROLONG_REDIS_URL": "http://nowhere"}, "the server at http://nowhere cannot be used"),
        (
            {"PROLONG_REDIS_URL": "redis://:secret@127.0.0.1:1/0"},
            "the server at redis://127.0.0.1:1/0 cannot be used",
        ),
        (
            {"PROLONG_REDIS_URL": "redis://h", "PROLONG_BLAS_THREADS": "x"},
            "PROLONG_BLAS_THREADS must be a whole number",
        ),
    ],
)
def test_what_is_missing_is_said_in_one_line(variables: dict[str, str], words: str) -> None:
    found = run(**variables)
    assert found.returncode == 2
    assert found.stderr.startswith(f"prolong worker: {words}")
    assert found.stderr.count("\n") == 1
    assert "secret" not in found.stderr


def test_the_check_tells_whether_a_worker_lives_here(redis_url: str, workers: Workers) -> None:
    assert run("--check", PROLONG_REDIS_URL=redis_url).returncode == 1
    (worker,) = workers.start()
    deadline = time.monotonic() + 30
    while run("--check", PROLONG_REDIS_URL=redis_url).returncode != 0:
        assert time.monotonic() < deadline
    worker.terminate()
    assert worker.wait(20) == 0
    assert run("--check", PROLONG_REDIS_URL=redis_url).returncode == 1
