"""Submitting, watching, cancelling and forgetting, on a real server with real workers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from prolong.wire import Status
from prolong_worker.jobs import CRASH_RETRIES, SOLVE_TASK, Jobs, current_store

if TYPE_CHECKING:
    from tests.worker.conftest import Probes


def test_the_task_is_where_the_queue_looks_for_it() -> None:
    module, _, name = SOLVE_TASK.rpartition(".")
    assert __import__(module, fromlist=[name]).__dict__[name].__module__ == module


def test_a_crashed_job_is_tried_again_twice() -> None:
    assert CRASH_RETRIES == 2


def test_an_unknown_key_has_no_state(probes: Probes) -> None:
    assert probes.jobs.state("0" * 64) is None
    assert probes.jobs.cancel("0" * 64) is None
    assert not probes.jobs.forget("0" * 64)


def test_queued_problems_know_their_place(probes: Probes) -> None:
    first = probes.submit(["sleep", 0], name="first")
    second = probes.submit(["sleep", 0], name="second")
    states = probes.jobs.states([second, "0" * 64, first])
    assert [state and (state.status, state.position) for state in states] == [
        (Status.QUEUED, 1),
        None,
        (Status.QUEUED, 0),
    ]
    assert probes.jobs.queue_length() == 2


def test_only_the_key_crosses_the_queue_as_json(probes: Probes) -> None:
    key = probes.submit(["sleep", 0])
    assert probes.connection.hget(f"rq:job:{key}", "data") is not None
    assert (
        probes.connection.hget(f"rq:job:{key}", "meta") == b'{"key_prefix": "prolong:", "timeout_seconds": 60.0}'
    )


def test_500_equal_submissions_at_once_make_one_execution(busy: Probes) -> None:
    with ThreadPoolExecutor(50) as pool:
        keys = set(pool.map(lambda _: busy.submit(["sleep", 0.2], ["commit", 10]), range(500)))
    (key,) = keys
    state = busy.wait(key, Status.DONE)
    assert state.snapshot.record is not None
    assert state.snapshot.record.nbytes == 10
    time.sleep(0.5)
    assert len(busy.starts(key)) == 1
    assert busy.jobs.queue_length() == 0
    assert busy.submit(["commit", 10]) == key
    assert busy.state(key).status is Status.DONE
    assert len(busy.starts(key)) == 1


def test_a_failure_is_kept_with_its_reason_and_can_be_submitted_again_at_once(busy: Probes) -> None:
    key = busy.submit(["die"])
    failed = busy.wait(key, Status.FAILED)
    assert failed.snapshot.failure is not None
    assert failed.snapshot.failure.code == "crashed"
    assert "SIGKILL" in failed.snapshot.failure.reason
    assert len(busy.starts(key)) == 1 + CRASH_RETRIES
    assert busy.submit(["commit", 1]) == key
    assert busy.wait(key, Status.DONE).snapshot.failure is None


def test_a_queued_problem_is_cancelled_and_submitted_again_at_once(probes: Probes) -> None:
    key = probes.submit(["commit", 1])
    begin = time.monotonic()
    state = probes.jobs.cancel(key)
    assert time.monotonic() - begin < 0.5
    assert state is not None
    assert state.status is Status.CANCELLED
    assert probes.jobs.queue_length() == 0
    assert probes.submit(["commit", 1]) == key
    assert probes.state(key).status is Status.QUEUED
    assert probes.jobs.queue_length() == 1


@pytest.mark.parametrize("action", [["sleep", 60], ["lapack"]])
def test_a_running_problem_is_cancelled_and_submitted_again_at_once(busy: Probes, action: list[object]) -> None:
    key = busy.submit(action)
    _, pid, _ = busy.wait_running(key)
    time.sleep(0.3)
    begin = time.monotonic()
    state = busy.jobs.cancel(key)
    seconds = time.monotonic() - begin
    assert seconds < 0.5
    assert state is not None
    assert state.status is Status.CANCELLED
    assert not alive(pid)
    busy.connection.delete(f"started:{key}")
    busy.submit(["commit", 1])
    busy.wait(key, Status.DONE, seconds=5)
    assert len(busy.starts(key)) == 1
    assert busy.ends(key) == 1


def test_a_cancellation_outlives_a_worker_that_does_not_hear_it(busy: Probes) -> None:
    """The stop command is lost; the next heartbeat finds the cancellation."""
    key = busy.submit(["sleep", 60])
    _, pid, _ = busy.wait_running(key)
    busy.store.cancel(key)
    begin = time.monotonic()
    while alive(pid):
        assert time.monotonic() - begin < 5
        time.sleep(0.01)


def test_forget_ends_a_running_problem_and_drops_it(busy: Probes) -> None:
    key = busy.submit(["sleep", 60])
    _, pid, _ = busy.wait_running(key)
    assert busy.jobs.forget(key)
    assert not alive(pid)
    assert busy.jobs.state(key) is None
    before = busy.store.total_bytes()
    busy.submit(["commit", 3])
    busy.wait(key, Status.DONE)
    assert busy.jobs.forget(key)
    assert busy.store.total_bytes() == before


def test_live_workers_are_counted(probes: Probes, busy: Probes) -> None:
    assert probes.jobs.live_workers() == 0
    deadline = time.monotonic() + 20
    while busy.jobs.live_workers() != 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_there_is_no_store_outside_a_job() -> None:
    with pytest.raises(RuntimeError, match="no job"):
        current_store()


def test_a_job_can_do_without_retries(busy: Probes) -> None:
    busy.jobs = Jobs(busy.store, task="probe_tasks.run", retries=0)
    key = busy.submit(["die"])
    busy.wait(key, Status.FAILED)
    assert len(busy.starts(key)) == 1


def alive(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
