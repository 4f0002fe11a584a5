"""Sweeps as jobs: over both stores, and through a queue whose worker is killed in the middle."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from redis.exceptions import ConnectionError as StoreAway

from prolong import Outcome, Problem, formats, graphs
from prolong.wire import Status
from prolong_worker import tasks
from prolong_worker.connection import connect
from prolong_worker.jobs import Jobs
from prolong_worker.solve import Control, Solution, solve, solve_sweep
from prolong_worker.store import (
    AbstractOperatorStore,
    MemoryOperatorStore,
    OperatorNotFound,
    OperatorRecord,
    RedisOperatorStore,
    Snapshot,
    Summary,
)

if TYPE_CHECKING:
    from tests.worker.conftest import Probes, Workers

SWEEP = Problem(
    coarse=graphs.path(4), fine=graphs.path(8), locality=(0.0, 0.4, 1.0), alpha=1.0, beta=0.25, starts=1
)
PART = SWEEP.at(0.4)


@pytest.fixture(autouse=True)
def limits_set(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time limits that would otherwise end the test's own process."""
    found: list[float] = []
    monkeypatch.setattr(tasks, "limit_seconds", found.append)
    return found


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest) -> Iterator[AbstractOperatorStore]:
    if request.param == "memory":
        yield MemoryOperatorStore()
        return
    connection = connect(request.getfixturevalue("redis_url"))
    yield RedisOperatorStore(connection)
    connection.close()


def accepted(store: AbstractOperatorStore, problem: Problem) -> Snapshot:
    text = problem.model_dump_json().encode()
    store.accept(problem.key, text, summary=Summary.of(problem), timeout_seconds=60.0)
    return snapshot(store, problem)


def snapshot(store: AbstractOperatorStore, problem: Problem) -> Snapshot:
    found = store.snapshot(problem.key)
    assert found is not None
    return found


def run(store: AbstractOperatorStore, problem: Problem = SWEEP) -> Snapshot:
    tasks.run(store, accepted(store, problem))
    return snapshot(store, problem)


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The values that were not handed in as held."""
    found: list[float] = []

    def watched(problem: Problem, *, control: Control, held: Any) -> Iterator[Solution]:
        found.extend(value for value in problem.localities if value not in held)
        return solve_sweep(problem, control=control, held=held)

    monkeypatch.setattr(tasks, "solve_sweep", watched)
    return found


def test_each_value_stands_under_the_key_that_it_has_alone(store: AbstractOperatorStore) -> None:
    record = run(store).record
    assert record is not None
    assert (record.kind, record.shape, record.nnz, record.certificate) == ("sweep", (8, 4), 96, None)
    assert [part.locality for part in record.parts] == [0.0, 0.4, 1.0]
    for part, problem in zip(record.parts, SWEEP.parts, strict=True):
        held = snapshot(store, problem)
        assert held.record == part.record
        assert held.summary == Summary.of(problem)
        assert Problem.parse(held.problem_json) == problem
        operator = formats.from_bytes(b"".join(store.read(part.record)))
        assert operator.certificate == part.record.certificate
        assert record.started_at <= part.record.started_at <= part.record.finished_at <= record.finished_at
    names = json.loads(b"".join(store.read(record)))
    assert names == {"sweep": [{"locality": part.s, "key": part.key} for part in SWEEP.parts]}
    assert store.pending() == []


def test_a_value_asked_for_before_is_not_searched_again(
    store: AbstractOperatorStore, searched: list[float]
) -> None:
    alone = run(store, PART).record
    record = run(store).record
    assert searched == [0.0, 1.0]
    assert record is not None
    assert record.parts[1].record == alone


def test_a_value_asked_for_later_is_a_hit(store: AbstractOperatorStore) -> None:
    run(store)
    assert not store.accept(PART.key, b"{}", summary=Summary.of(PART), timeout_seconds=60.0)


def test_a_damaged_part_is_searched_again(monkeypatch: pytest.MonkeyPatch, searched: list[float]) -> None:
    store = MemoryOperatorStore()
    run(store, PART)
    monkeypatch.setattr(formats, "from_bytes", lambda data: (_ for _ in ()).throw(OperatorNotFound("torn")))
    run(store)
    assert searched == [0.0, 0.4, 1.0]


def test_values_found_before_a_failure_stay_and_are_not_searched_again(
    store: AbstractOperatorStore, monkeypatch: pytest.MonkeyPatch, searched: list[float]
) -> None:
    watched = tasks.solve_sweep

    def failing(*arguments: Any, **options: Any) -> Iterator[Solution]:
        yield from itertools.islice(watched(*arguments, **options), 2)
        raise ZeroDivisionError("by nought")

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "solve_sweep", failing)
        failed = run(store)
    assert failed.record is None
    assert failed.failure is not None
    assert "by nought" in failed.failure.reason
    assert snapshot(store, PART).record is not None
    record = run(store).record
    assert record is not None
    assert searched == [0.0, 0.4, 1.0, 1.0]


def test_a_cancelled_sweep_keeps_what_was_complete(
    store: AbstractOperatorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelled(problem: Problem, **_: Any) -> Iterator[Solution]:
        yield Solution(solve(problem.at(0.0)).operator)
        operator = solve(problem.at(0.4)).operator
        assert operator.certificate is not None
        update = {"outcome": Outcome.CANCELLED}
        yield Solution(operator.with_certificate(operator.certificate.model_copy(update=update)))

    monkeypatch.setattr(tasks, "solve_sweep", cancelled)
    assert run(store).record is None
    assert snapshot(store, SWEEP.at(0.0)).record is not None
    assert store.snapshot(PART.key) is None


def test_a_value_in_haste_is_not_passed_off_as_one_with_all_its_time(
    store: AbstractOperatorStore, searched: list[float]
) -> None:
    hurried = SWEEP.model_copy(update={"max_seconds": 3e-6, "method": "stiefel"})
    record = run(store, hurried).record
    assert record is not None
    in_haste = record.parts[1].record
    assert in_haste.certificate is not None
    assert in_haste.certificate.outcome is Outcome.TIME_LIMIT
    assert in_haste.key == hurried.at(0.4).model_copy(update={"max_seconds": 1e-6}).key
    assert store.snapshot(hurried.at(0.4).key) is None
    assert record.parts[0].record.key == hurried.at(0.0).key
    store.forget(hurried.key)
    assert run(store, hurried).record is not None
    assert searched == [0.0, 0.4, 1.0]


def test_a_part_cancelled_before_is_found_and_kept(store: AbstractOperatorStore) -> None:
    accepted(store, PART)
    store.cancel(PART.key)
    run(store)
    assert snapshot(store, PART).record is not None


def test_a_part_forgotten_while_it_is_committed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryOperatorStore()
    monkeypatch.setattr(store, "commit", lambda key, *_: store.forget(key))
    with pytest.raises(OperatorNotFound, match="cancelled or forgotten"):
        run(store)
    assert store.pending() == [SWEEP.key]


def test_a_store_that_goes_away_is_no_failure_of_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> bool:
        raise StoreAway("gone")

    store = MemoryOperatorStore()
    taken = accepted(store, SWEEP)
    with monkeypatch.context() as patch:
        patch.setattr(store, "accept", away)
        with pytest.raises(StoreAway):
            tasks.run(store, taken)
    assert store.pending() == [SWEEP.key]


def test_a_killed_sweep_is_taken_up_with_the_values_found_so_far(probes: Probes, workers: Workers) -> None:
    (worker,) = workers.start()
    values = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    sweep = Problem(coarse=graphs.path(12), fine=graphs.path(24), locality=values, starts=1, alpha=1.0)
    text = sweep.model_dump_json().encode()
    Jobs(probes.store).submit(sweep.key, text, summary=Summary.of(sweep), timeout_seconds=60.0)
    kept = wait_for(lambda: record_of(probes.store, sweep.at(0.1)))
    (search,) = psutil.Process(worker.pid).children()
    search.kill()
    assert snapshot(probes.store, sweep).pending
    record = probes.wait(sweep.key, Status.DONE, seconds=60).snapshot.record
    assert record is not None
    assert record.parts[1].record == kept
    assert [part.locality for part in record.parts] == list(values)
    assert [record_of(probes.store, part) for part in sweep.parts] == [part.record for part in record.parts]


def record_of(store: AbstractOperatorStore, problem: Problem) -> OperatorRecord | None:
    found = store.snapshot(problem.key)
    return None if found is None else found.record


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The first true value of `condition`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return value
