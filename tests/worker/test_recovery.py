"""What happens to a job when something around it is killed."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import psutil

from prolong.wire import Status
from prolong_worker.janitor import Janitor

if TYPE_CHECKING:
    from tests.worker.conftest import Probes, Workers

    from prolong_service.stack import RedisServer

RECOVERY_SECONDS = 30


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_job_whose_process_is_killed_is_tried_again(busy: Probes) -> None:
    key = busy.submit(["die_first"], ["commit", 1])
    busy.wait(key, Status.DONE, seconds=10)
    assert len(busy.starts(key)) == 2


def test_a_job_past_its_limit_inside_lapack_is_killed_within_2_seconds_and_not_retried(busy: Probes) -> None:
    key = busy.submit(["lapack"], timeout_seconds=2.0)
    began, pid, _ = busy.wait_running(key)
    state = busy.wait(key, Status.FAILED, seconds=20)
    assert time.time() - began < 2.0 + 2.0
    assert not is_alive(pid)
    assert state.snapshot.failure is not None
    assert state.snapshot.failure.code == "time_limit"
    assert "2 s" in state.snapshot.failure.reason
    assert len(busy.starts(key)) == 1


def test_an_error_that_the_task_did_not_foresee_is_tried_again_and_then_a_failure(busy: Probes) -> None:
    key = busy.submit(["raise"])
    state = busy.wait(key, Status.FAILED)
    assert state.snapshot.failure is not None
    assert state.snapshot.failure.code == "crashed"
    assert len(busy.starts(key)) == 3


def test_the_workers_were_not_hurt_by_all_this(busy: Probes) -> None:
    key = busy.submit(["commit", 1])
    busy.wait(key, Status.DONE, seconds=5)


def test_a_killed_worker_takes_its_job_along_and_another_one_finishes_it(probes: Probes, workers: Workers) -> None:
    """Of two workers one loses its parent process only, the other the whole tree; a third one takes up both."""
    first, second = (probes.submit(["sleep", 3], ["commit", 1], name=name) for name in ("a", "b"))
    workers.start(2)
    (_, pid_1, parent_1), (_, pid_2, parent_2) = probes.wait_running(first), probes.wait_running(second)
    assert parent_1 != parent_2
    os.kill(parent_1, signal.SIGKILL)
    for pid in (pid_2, parent_2):
        os.kill(pid, signal.SIGKILL)
    killed = time.time()
    time.sleep(0.5)
    assert not is_alive(pid_1)
    workers.start(2, PROLONG_MAINTENANCE_SECONDS="2")
    for key in (first, second):
        probes.wait(key, Status.DONE, seconds=60)
        assert [began - killed < RECOVERY_SECONDS for began, _, _ in probes.starts(key)] == [True, True]
        assert probes.ends(key) == 1


def test_a_janitor_takes_up_a_lost_job_while_every_worker_is_busy(probes: Probes, workers: Workers) -> None:
    (victim,) = workers.start()
    key = probes.submit(["sleep", 60], ["commit", 1], name="lost")
    _, pid, parent = probes.wait_running(key)
    assert parent == victim.pid
    workers.start()
    probes.wait_running(probes.submit(["sleep", 60], name="long"))
    for process in (pid, parent):
        os.kill(process, signal.SIGKILL)
    with Janitor(probes.jobs, interval_seconds=1.0, lease_seconds=4):
        probes.wait(key, Status.QUEUED, seconds=RECOVERY_SECONDS)
        assert probes.state(key).position == 0


def test_a_worker_that_lost_its_lease_kills_its_run_within_a_heartbeat(probes: Probes, workers: Workers) -> None:
    (worker,) = workers.start()
    key = probes.submit(["sleep", 30], ["commit", 1])
    _, pid, _ = probes.wait_running(key)
    os.kill(worker.pid, signal.SIGSTOP)
    workers.start()
    deadline = time.monotonic() + RECOVERY_SECONDS
    while len(probes.starts(key)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(worker.pid, signal.SIGCONT)
    time.sleep(1.0 + 1.0)
    assert not is_alive(pid)
    assert is_alive(worker.pid)
    assert probes.state(key).status is Status.RUNNING
    probes.jobs.cancel(key)


def test_sigterm_gives_a_long_job_back_without_counting_it_as_a_crash(probes: Probes, workers: Workers) -> None:
    (worker,) = workers.start(PROLONG_DRAIN_SECONDS="0.2")
    key = probes.submit(["sleep", 3], ["commit", 1])
    probes.wait_running(key)
    worker.terminate()
    assert worker.wait(10) == 0
    assert probes.state(key).status is Status.QUEUED
    assert probes.connection.hget(f"rq:job:{key}", "retries_left") == b"2"
    workers.start()
    probes.wait(key, Status.DONE)
    assert probes.ends(key) == 1


def test_sigterm_lets_a_short_job_finish(probes: Probes, workers: Workers) -> None:
    (worker,) = workers.start()
    key = probes.submit(["sleep", 1], ["commit", 1])
    probes.wait_running(key)
    worker.terminate()
    assert worker.wait(10) == 0
    assert probes.state(key).status is Status.DONE


def test_a_second_sigterm_gives_the_job_back_at_once(probes: Probes, workers: Workers) -> None:
    (worker,) = workers.start()
    key = probes.submit(["sleep", 30])
    probes.wait_running(key)
    worker.terminate()
    time.sleep(0.3)
    worker.terminate()
    assert worker.wait(5) == 0
    assert probes.state(key).status is Status.QUEUED


def test_a_job_over_its_memory_limit_fails_cleanly_and_the_worker_lives(probes: Probes, workers: Workers) -> None:
    (worker,) = workers.start(PROLONG_MEMORY_LIMIT_BYTES=str(3 << 30))
    key = probes.submit(["allocate", 4 << 30])
    state = probes.wait(key, Status.FAILED)
    assert state.snapshot.failure is not None
    assert state.snapshot.failure.code == "out_of_memory"
    assert len(probes.starts(key)) == 1
    probes.wait(probes.submit(["commit", 1], name="next"), Status.DONE)
    assert worker.poll() is None


def test_nothing_is_lost_when_the_server_is_killed_and_comes_back(
    probes: Probes, workers: Workers, redis_server: RedisServer
) -> None:
    """One job runs over the outage, one ends inside it, one waits, one operator is held from before; then the
    workers are idle in a second outage."""
    started = workers.start(2)
    held = probes.submit(["commit", 3_000_000], name="held")
    probes.wait(held, Status.DONE)
    ending = probes.submit(["sleep", 3], ["commit", 2], name="ending")
    running = probes.submit(["sleep", 9], ["commit", 2], name="running")
    for key in (ending, running):
        probes.wait_running(key)
    waiting = probes.submit(["commit", 2], name="waiting")
    # The server's log is written out once a second: what was acknowledged just before a kill may be lost.
    time.sleep(1.5)
    redis_server.kill()
    time.sleep(5.0)
    redis_server.restart()
    for key in (ending, running, waiting):
        probes.wait(key, Status.DONE, seconds=60)
        assert len(probes.starts(key)) == 1
    redis_server.kill()
    time.sleep(3.0)
    redis_server.restart()
    probes.wait(probes.submit(["commit", 1], name="after"), Status.DONE)
    record = probes.state(held).snapshot.record
    assert record is not None
    assert b"".join(probes.store.read(record)) == bytes(3_000_000)
    assert [worker.poll() for worker in started] == [None, None]
