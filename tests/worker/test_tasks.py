"""What a job does, over the memory store and, once, through the queue."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from prolong import formats, graphs
from prolong.certificate import Outcome
from prolong.errors import InvalidInput
from prolong.problem import Problem
from prolong.wire import Status
from prolong_worker import tasks
from prolong_worker.jobs import Jobs
from prolong_worker.solve import Control, Solution, solve
from prolong_worker.store import MemoryOperatorStore, Snapshot, Summary

if TYPE_CHECKING:
    from tests.worker.conftest import Probes, Workers

PROBLEM = Problem(coarse=graphs.path(4), fine=graphs.path(8), locality=0.5, alpha=1.0, beta=0.25)
SUMMARY = Summary(
    coarse_kind="path", fine_kind="path", n_coarse=4, n_fine=8, structure="dense", method="auto", locality=0.5
)


@pytest.fixture(autouse=True)
def limits_set(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time limits that would otherwise end the test's own process."""
    found: list[float] = []
    monkeypatch.setattr(tasks, "limit_seconds", found.append)
    return found


def accepted(store: MemoryOperatorStore, problem_json: bytes) -> Snapshot:
    store.accept(PROBLEM.key, problem_json, summary=SUMMARY, timeout_seconds=60.0)
    snapshot = store.snapshot(PROBLEM.key)
    assert snapshot is not None
    return snapshot


def after_run(problem_json: bytes) -> tuple[MemoryOperatorStore, Snapshot]:
    store = MemoryOperatorStore()
    tasks.run(store, accepted(store, problem_json))
    snapshot = store.snapshot(PROBLEM.key)
    assert snapshot is not None
    return store, snapshot


def test_the_operator_is_committed_with_its_certificate_and_digest(limits_set: list[float]) -> None:
    store, snapshot = after_run(PROBLEM.model_dump_json().encode())
    record = snapshot.record
    assert record is not None
    data = b"".join(store.read(record))
    operator = formats.from_bytes(data)
    assert operator.shape == record.shape == (8, 4)
    assert operator.orthonormality_error() < 1e-12
    assert operator.certificate == record.certificate
    assert formats.digest(data) == record.sha256
    assert record.started_at <= record.finished_at <= time.time()
    assert limits_set == [tasks.COMMIT_SECONDS]


def test_a_search_that_ends_at_its_time_limit_is_a_result() -> None:
    _, snapshot = after_run(
        Problem(**{**PROBLEM.model_dump(), "max_seconds": 1e-6, "method": "stiefel"}).model_dump_json().encode()
    )
    assert snapshot.failure is None
    assert snapshot.record is not None
    assert snapshot.record.certificate.outcome is Outcome.TIME_LIMIT


def test_input_that_cannot_be_used_is_a_failure_and_not_an_exception() -> None:
    _, snapshot = after_run(b'{"coarse": {"kind": "path", "n": 9}, "fine": {"kind": "path", "n": 3}}')
    assert snapshot.failure is not None
    assert snapshot.failure.code == "invalid_input"
    assert "9" in snapshot.failure.reason


def raising(error: Exception) -> Callable[..., NoReturn]:
    def raise_it(*_: Any, **__: Any) -> NoReturn:
        raise error

    return raise_it


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (InvalidInput.at("/alpha", "is bad"), "invalid_input", "/alpha: is bad"),
        (MemoryError(), "out_of_memory", "more memory"),
        (ZeroDivisionError("by nought"), "internal_error", "ZeroDivisionError: by nought"),
    ],
)
def test_whatever_the_numerics_raise_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, words: str
) -> None:
    monkeypatch.setattr(tasks, "solve", raising(error))
    _, snapshot = after_run(PROBLEM.model_dump_json().encode())
    assert snapshot.failure is not None
    assert snapshot.failure.code == code
    assert words in snapshot.failure.reason


def test_a_cancelled_search_leaves_no_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    def cancelled(problem: Problem, *, control: Control) -> Solution:
        operator = solve(problem).operator
        assert operator.certificate is not None
        update = {"outcome": Outcome.CANCELLED}
        return Solution(operator.with_certificate(operator.certificate.model_copy(update=update)))

    monkeypatch.setattr(tasks, "solve", cancelled)
    _, snapshot = after_run(PROBLEM.model_dump_json().encode())
    assert snapshot.record is None


def test_a_problem_goes_through_queue_and_worker_to_its_operator(probes: Probes, workers: Workers) -> None:
    workers.start()
    jobs = Jobs(probes.store)
    text = PROBLEM.model_dump_json().encode()
    assert jobs.submit(PROBLEM.key, text, summary=SUMMARY, timeout_seconds=60.0).status is Status.QUEUED
    record = probes.wait(PROBLEM.key, Status.DONE, seconds=40).snapshot.record
    assert record is not None
    assert record.certificate.lower_bound <= record.certificate.objective
    assert formats.from_bytes(b"".join(probes.store.read(record))).shape == (8, 4)
    assert "torch" not in workers.log()
