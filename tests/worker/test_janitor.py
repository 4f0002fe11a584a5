"""The janitor against states that crashes leave, made by hand on a real server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from prolong.wire import Status
from prolong_worker import janitor as module
from prolong_worker.janitor import ADRIFT_SECONDS, SWEEP_SECONDS, Janitor, Sweep
from prolong_worker.jobs import Jobs
from prolong_worker.settings import LEASE_SECONDS

if TYPE_CHECKING:
    from tests.worker.conftest import Probes

WIP = "rq:wip:prolong"
QUEUE = "rq:queue:prolong"
POPPED = "rq:queue:prolong:intermediate"


def swept(probes: Probes, **settings: Any) -> Sweep:
    found = Janitor(probes.jobs, **{"lease_seconds": -1, "adrift_seconds": 0, **settings}).sweep()
    assert found is not None
    return found


def pretend_started(probes: Probes, key: str, *, expired: bool) -> None:
    """What Redis holds while a worker runs the job, or after it died."""
    probes.connection.blmove(QUEUE, POPPED, 1)
    probes.connection.hset(f"rq:job:{key}", "status", "started")
    probes.connection.zadd(WIP, {f"{key}:execution": time.time() + (-1 if expired else 60)})


def test_recovery_takes_less_than_30_seconds_with_the_defaults() -> None:
    assert LEASE_SECONDS == 15
    assert LEASE_SECONDS + 2 * SWEEP_SECONDS < 30
    assert ADRIFT_SECONDS + 2 * SWEEP_SECONDS < 30


def test_a_healthy_queue_is_left_alone(probes: Probes) -> None:
    waiting = probes.submit(["commit", 1], name="waiting")
    running = probes.submit(["commit", 1], name="running")
    probes.connection.lrem(QUEUE, 0, waiting)
    pretend_started(probes, running, expired=False)
    probes.connection.rpush(QUEUE, waiting)
    assert swept(probes) == Sweep()
    assert swept(probes) == Sweep()


def test_the_job_of_a_dead_worker_goes_to_the_head_of_the_queue(probes: Probes) -> None:
    key = probes.submit(["commit", 1])
    pretend_started(probes, key, expired=True)
    probes.submit(["commit", 1], name="next")
    assert swept(probes).taken_over == (key,)
    assert probes.state(key).status is Status.QUEUED
    assert probes.state(key).position == 0
    assert probes.connection.hget(f"rq:job:{key}", "retries_left") == b"1"
    assert probes.connection.lrange(POPPED, 0, -1) == []
    assert swept(probes) == Sweep()


def test_a_job_that_took_too_many_workers_along_fails(probes: Probes) -> None:
    key = probes.submit(["commit", 1])
    pretend_started(probes, key, expired=True)
    probes.connection.hset(f"rq:job:{key}", "retries_left", 0)
    assert swept(probes).exhausted == (key,)
    failure = probes.state(key).snapshot.failure
    assert failure is not None
    assert (failure.code, "3 times" in failure.reason) == ("crashed", True)


@pytest.mark.parametrize("ending", ["committed", "cancelled", "finished", "queued again"])
def test_an_ended_job_is_never_started_again(probes: Probes, ending: str) -> None:
    """RQ itself would call a finished job abandoned here (rq issue 2424)."""
    key = probes.submit(["commit", 1])
    pretend_started(probes, key, expired=True)
    if ending == "committed":
        probes.connection.set(probes.store.keyspace.record(key), "{}")
        probes.connection.zrem(probes.store.keyspace.pending, key)
    elif ending == "cancelled":
        probes.store.cancel(key)
    elif ending == "finished":
        probes.connection.hset(f"rq:job:{key}", "status", "finished")
        probes.connection.zrem(probes.store.keyspace.pending, key)
    else:
        probes.connection.rpush(QUEUE, key)
    assert swept(probes) == Sweep()
    assert probes.connection.zcard(WIP) == 0
    assert probes.jobs.queue_length() == (1 if ending == "queued again" else 0)


def test_nothing_is_taken_over_right_after_a_server_start(probes: Probes) -> None:
    key = probes.submit(["commit", 1])
    pretend_started(probes, key, expired=True)
    assert swept(probes, lease_seconds=10**6) == Sweep()


def test_nothing_is_taken_over_right_after_the_clock_jumped(
    probes: Probes, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = probes.submit(["commit", 1])
    pretend_started(probes, key, expired=False)
    while probes.connection.info("server")["uptime_in_seconds"] < 1:
        time.sleep(0.05)
    found = Janitor(probes.jobs, lease_seconds=0.3)
    true_time = time.time
    monkeypatch.setattr(module.time, "time", lambda: true_time() + 100)
    assert found.sweep() == Sweep()
    time.sleep(0.4)
    assert found.sweep() == Sweep(taken_over=(key,))


def test_a_problem_whose_job_vanished_is_queued_again(probes: Probes) -> None:
    key = probes.submit(["commit", 1])
    probes.connection.delete(QUEUE, f"rq:job:{key}")
    assert swept(probes) == Sweep()
    assert swept(probes).refloated == (key,)
    assert probes.connection.lrange(QUEUE, 0, -1) == [key.encode()]
    assert probes.connection.zcard(probes.store.keyspace.adrift) == 0


def test_a_job_in_another_queue_is_not_adrift(probes: Probes) -> None:
    probes.jobs = Jobs(probes.store, queue="urgent")
    probes.submit(["commit", 1])
    probes.jobs = Jobs(probes.store)
    for _ in range(2):
        assert swept(probes) == Sweep()


def test_a_job_lost_between_queue_and_worker_is_queued_again(probes: Probes) -> None:
    key = probes.submit(["commit", 1])
    probes.connection.blmove(QUEUE, POPPED, 1)
    assert swept(probes) == Sweep()
    assert swept(probes).refloated == (key,)
    assert probes.connection.lrange(QUEUE, 0, -1) == [key.encode()]


def test_a_job_that_is_only_just_between_queue_and_worker_is_left_alone(probes: Probes) -> None:
    key = probes.submit(["commit", 1])
    probes.connection.blmove(QUEUE, POPPED, 1)
    for _ in range(2):
        assert swept(probes, adrift_seconds=60) == Sweep()
    pretend_started_again(probes, key)
    assert swept(probes, adrift_seconds=60) == Sweep()
    assert probes.connection.zcard(probes.store.keyspace.adrift) == 0


def pretend_started_again(probes: Probes, key: str) -> None:
    probes.connection.zadd(WIP, {f"{key}:execution": time.time() + 60})


def test_a_failed_job_without_a_stored_failure_gets_one(probes: Probes) -> None:
    key = probes.submit(["commit", 1])
    probes.connection.delete(QUEUE)
    probes.connection.hset(f"rq:job:{key}", "status", "failed")
    assert swept(probes) == Sweep()
    assert swept(probes) == Sweep()
    assert probes.state(key).status is Status.FAILED


def test_a_dropped_operator_is_computed_again_without_being_asked_for(probes: Probes) -> None:
    key = probes.submit(["commit", 1])
    probes.connection.delete(QUEUE)
    probes.connection.hset(f"rq:job:{key}", "status", "finished")
    assert swept(probes) == Sweep()
    assert swept(probes).refloated == (key,)


def test_a_popped_job_that_has_ended_is_tidied_away(probes: Probes) -> None:
    probes.connection.rpush(POPPED, "f" * 64)
    swept(probes)
    assert probes.connection.exists(POPPED) == 0


def test_only_one_janitor_works_at_a_time_and_nobody_takes_its_lock_away(probes: Probes) -> None:
    lock = probes.store.keyspace.janitor_lock
    probes.connection.set(lock, "another", ex=60)
    assert Janitor(probes.jobs).sweep() is None
    assert probes.connection.get(lock) == b"another"
    probes.connection.delete(lock)
    assert Janitor(probes.jobs).sweep() == Sweep()
    assert probes.connection.exists(lock) == 0


def test_a_running_cancelled_job_is_told_to_stop_again(probes: Probes) -> None:
    key = probes.submit(["commit", 1])
    pretend_started(probes, key, expired=False)
    probes.connection.hset(f"rq:job:{key}", "worker_name", "w")
    probes.store.cancel(key)
    with probes.connection.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe("rq:pubsub:w")
        heard.get_message(timeout=1)
        assert swept(probes).stopped == (key,)
        message = heard.get_message(timeout=5)
    assert message is not None
    assert b'"stop-job"' in message["data"]
    assert key.encode() in message["data"]


def test_it_sweeps_in_a_thread_of_its_own(probes: Probes) -> None:
    key = probes.submit(["commit", 1])
    probes.connection.delete(QUEUE)
    with Janitor(probes.jobs, interval_seconds=0.05, lease_seconds=-1, adrift_seconds=0):
        deadline = time.monotonic() + 10
        while probes.jobs.queue_length() != 1:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert probes.state(key).position == 0
