"""Limits act on the process that sets them, so each is tried in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


def test_a_process_ends_at_its_time_limit_and_shows_where_it_was() -> None:
    found = python(
        "import time; from prolong_worker.limits import limit_seconds\n"
        "limit_seconds(60); limit_seconds(0.2)\n"
        "time.sleep(30)"
    )
    assert found.returncode == 1
    assert "Timeout" in found.stderr


def test_memory_over_the_limit_is_a_memory_error() -> None:
    found = python(
        "from prolong_worker.limits import limit_memory\n"
        "limit_memory(1 << 30)\n"
        "bytearray(100 << 20)\n"
        "bytearray(2 << 30)"
    )
    assert found.returncode == 1
    assert found.stderr.strip().endswith("MemoryError")
    assert python("from prolong_worker.limits import limit_memory\nlimit_memory(0)").returncode == 0


def test_threads_are_limited_here_and_in_forked_processes() -> None:
    found = python(
        "import os, scipy.linalg, threadpoolctl; from prolong_worker.limits import limit_threads\n"
        "limit_threads(1)\n"
        "if os.fork() == 0: print({pool['num_threads'] for pool in threadpoolctl.threadpool_info()})\n"
        "else: os.wait()"
    )
    assert found.stdout == "{1}\n"


def test_a_child_dies_with_its_parent_and_not_before() -> None:
    code = (
        "import os, sys, time; from prolong_worker.limits import die_with_parent\n"
        "parent = os.getpid()\n"
        "if (child := os.fork()) == 0: die_with_parent(parent); time.sleep(60)\n"
        "print(child, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    time.sleep(0.3)
    assert child.is_running()
    parent.kill()
    parent.communicate()
    child.wait(10)


def test_an_orphan_ends_at_once() -> None:
    found = python("from prolong_worker.limits import die_with_parent; die_with_parent(1 << 22)")
    assert found.returncode == -9
