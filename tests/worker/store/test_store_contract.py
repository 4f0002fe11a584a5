"""One suite for every store: the contract of `AbstractOperatorStore`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from prolong.certificate import Certificate, Outcome, Proof
from prolong_worker.connection import connect
from prolong_worker.store import (
    AbstractOperatorStore,
    Failure,
    MemoryOperatorStore,
    OperatorInfo,
    OperatorNotFound,
    OperatorRecord,
    Part,
    RedisOperatorStore,
    Summary,
)

KEY = "a" * 64
OTHER = "b" * 64
CERTIFICATE = Certificate(
    objective=1.5,
    diffusion=1.0,
    locality=2.0,
    alpha=1.0,
    beta=0.25,
    lower_bound=1.2,
    proof=Proof.SPECTRAL,
    outcome=Outcome.CONVERGED,
    method="stiefel",
    iterations=3,
    seconds=0.1,
    orthonormality_error=0.0,
    gradient_norm=None,
)
SUMMARY = Summary(
    coarse_kind="path", fine_kind="path", n_coarse=2, n_fine=4, structure="dense", method="auto", locality=0.5
)
FAILURE = Failure(code="crashed", reason="The solver process died.", failed_at=1.0)
DATA = bytes(range(256)) * 12_500  # 3.2 MB: three full chunks and a part


TERMS: dict[str, Any] = {"summary": SUMMARY, "timeout_seconds": 60.0}


class Clock:
    """A Unix time that grows by one second a call."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def info(data: bytes) -> OperatorInfo:
    return OperatorInfo(
        kind="dense",
        shape=(4, 2),
        nnz=8,
        sha256=hashlib.sha256(data).hexdigest(),
        certificate=CERTIFICATE,
        started_at=2.0,
        finished_at=3.5,
        solver_version="1",
    )


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest) -> Iterator[AbstractOperatorStore]:
    if request.param == "memory":
        yield MemoryOperatorStore(clock=Clock())
        return
    with connect(request.getfixturevalue("redis_url")) as connection:
        yield RedisOperatorStore(connection, clock=Clock())


def committed(store: AbstractOperatorStore, key: str = KEY, data: bytes = DATA) -> OperatorRecord:
    store.accept(key, b"{}", **TERMS)
    assert store.commit(key, data, info(data))
    snapshot = store.snapshot(key)
    assert snapshot is not None
    assert snapshot.record is not None
    return snapshot.record


def test_an_unknown_key_has_no_snapshot(store: AbstractOperatorStore) -> None:
    assert store.snapshot(KEY) is None
    assert not store.is_cancelled(KEY)
    assert not store.forget(KEY)


def test_an_accepted_problem_is_pending_and_known(store: AbstractOperatorStore) -> None:
    assert store.accept(KEY, b'{"x": 1}', **TERMS)
    snapshot = store.snapshot(KEY)
    assert snapshot is not None
    assert snapshot.pending
    assert (snapshot.key, snapshot.problem_json, snapshot.summary) == (KEY, b'{"x": 1}', SUMMARY)
    assert store.pending() == [KEY]
    assert not store.accept(KEY, b"other", **TERMS)
    assert store.snapshot(KEY) == snapshot


def test_commit_ends_the_problem_and_every_byte_comes_back(store: AbstractOperatorStore) -> None:
    record = committed(store)
    assert record.nbytes == len(DATA)
    assert record.n_chunks == 4
    assert record.certificate == CERTIFICATE
    assert record.sha256 == hashlib.sha256(DATA).hexdigest()
    blocks = list(store.read(record))
    assert b"".join(blocks) == DATA
    assert max(map(len, blocks)) == record.chunk_bytes
    assert store.pending() == []
    assert store.total_bytes() == len(DATA)


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        (0, 1),
        (0, 0),
        (10, 10),
        (5, 17),
        (1 << 20, (1 << 20) + 1),
        (1048570, 2097160),
        (3_199_999, None),
        (7, 10**9),
    ],
)
def test_read_gives_any_range(store: AbstractOperatorStore, start: int, stop: int | None) -> None:
    record = committed(store)
    assert b"".join(store.read(record, start, stop)) == DATA[start:stop]


def test_an_empty_operator_can_be_stored(store: AbstractOperatorStore) -> None:
    assert b"".join(store.read(committed(store, data=b""))) == b""


def test_the_first_committed_writer_wins(store: AbstractOperatorStore) -> None:
    record = committed(store)
    assert not store.commit(KEY, b"other", info(b"other"))
    snapshot = store.snapshot(KEY)
    assert snapshot is not None
    assert snapshot.record == record
    assert store.total_bytes() == len(DATA)


def test_commit_needs_an_accepted_problem_that_is_not_cancelled(store: AbstractOperatorStore) -> None:
    assert not store.commit(KEY, DATA, info(DATA))
    store.accept(KEY, b"{}", **TERMS)
    store.cancel(KEY)
    assert not store.commit(KEY, DATA, info(DATA))
    snapshot = store.snapshot(KEY)
    assert snapshot is not None
    assert snapshot.record is None
    assert store.total_bytes() == 0


def test_a_failure_ends_a_pending_problem_only(store: AbstractOperatorStore) -> None:
    assert not store.fail(KEY, FAILURE)
    store.accept(KEY, b"{}", **TERMS)
    assert store.fail(KEY, FAILURE)
    assert not store.fail(KEY, FAILURE)
    snapshot = store.snapshot(KEY)
    assert snapshot is not None
    assert snapshot.failure == FAILURE
    assert not snapshot.pending
    assert store.pending() == []


def test_an_operator_outweighs_an_earlier_failure(store: AbstractOperatorStore) -> None:
    store.accept(KEY, b"{}", **TERMS)
    store.fail(KEY, FAILURE)
    assert store.commit(KEY, DATA, info(DATA))
    snapshot = store.snapshot(KEY)
    assert snapshot is not None
    assert snapshot.failure is None
    assert snapshot.record is not None


def test_accepting_again_clears_the_former_ending_and_its_events(store: AbstractOperatorStore) -> None:
    store.accept(KEY, b"{}", **TERMS)
    store.report(KEY, "{}")
    store.cancel(KEY)
    assert store.is_cancelled(KEY)
    assert store.accept(KEY, b"{}", **TERMS)
    assert not store.is_cancelled(KEY)
    assert store.events(KEY) == []
    store.fail(KEY, FAILURE)
    assert store.accept(KEY, b"{}", **TERMS)
    snapshot = store.snapshot(KEY)
    assert snapshot is not None
    assert snapshot.pending


def test_a_held_operator_is_neither_accepted_failed_nor_cancelled_again(store: AbstractOperatorStore) -> None:
    committed(store)
    assert not store.accept(KEY, b"{}", **TERMS)
    assert not store.fail(KEY, FAILURE)
    assert not store.cancel(KEY)
    assert not store.is_cancelled(KEY)


def test_forget_drops_everything(store: AbstractOperatorStore) -> None:
    record = committed(store)
    store.report(KEY, "{}")
    assert store.forget(KEY)
    assert store.snapshot(KEY) is None
    assert store.events(KEY) == []
    assert store.page(limit=5).keys == ()
    assert store.total_bytes() == 0
    assert store.least_recently_used(5) == []
    with pytest.raises(OperatorNotFound):
        b"".join(store.read(record))


def test_pages_go_from_the_newest_to_the_oldest(store: AbstractOperatorStore) -> None:
    keys = [f"{number:064x}" for number in range(5)]
    for key in keys:
        store.accept(key, b"{}", **TERMS)
    first = store.page(limit=2)
    second = store.page(limit=2, cursor=first.cursor)
    third = store.page(limit=2, cursor=second.cursor)
    assert [*first.keys, *second.keys, *third.keys] == keys[::-1]
    assert third.cursor is None


def test_a_page_goes_on_after_its_last_key_is_forgotten(store: AbstractOperatorStore) -> None:
    for number in range(4):
        store.accept(f"{number:064x}", b"{}", **TERMS)
    first = store.page(limit=2)
    store.forget(first.keys[-1])
    assert store.page(limit=5, cursor=first.cursor).keys == (f"{1:064x}", f"{0:064x}")


def test_a_foreign_cursor_is_refused(store: AbstractOperatorStore) -> None:
    with pytest.raises(ValueError, match="cursor"):
        store.page(limit=2, cursor="nonsense")


def test_events_resume_after_an_id(store: AbstractOperatorStore) -> None:
    for number in range(4):
        store.report(KEY, f'{{"n": {number}}}')
    events = store.events(KEY)
    assert [event.json_text for event in events] == [f'{{"n": {number}}}' for number in range(4)]
    assert store.events(KEY, after=events[1].id) == events[2:]
    assert store.events(KEY, after=events[-1].id) == []
    assert store.events(KEY, limit=1) == events[:1]
    with pytest.raises(ValueError, match="event"):
        store.events(KEY, after="yesterday")


def test_reading_makes_an_operator_recently_used(store: AbstractOperatorStore) -> None:
    first = committed(store)
    committed(store, OTHER)
    assert store.least_recently_used(5) == [KEY, OTHER]
    b"".join(store.read(first))
    assert store.least_recently_used(5) == [OTHER, KEY]
    assert store.least_recently_used(1) == [OTHER]
    assert store.least_recently_used(0) == []


def test_snapshots_come_in_the_order_asked_for(store: AbstractOperatorStore) -> None:
    store.accept(KEY, b"{}", **TERMS)
    store.accept(OTHER, b"{}", **TERMS)
    found = store.snapshots([OTHER, "c" * 64, KEY])
    assert [item and item.key for item in found] == [OTHER, None, KEY]
    assert store.snapshots([]) == []


def test_a_sweep_s_record_holds_those_of_its_parts(store: AbstractOperatorStore) -> None:
    store.accept(KEY, b"{}", **TERMS)
    store.accept(OTHER, b"{}", summary=SUMMARY.model_copy(update={"locality": (0.5,)}), timeout_seconds=60.0)
    assert store.commit(KEY, DATA, info(DATA))
    held = store.snapshot(KEY)
    assert held is not None
    assert held.record is not None
    part = Part(locality=0.5, record=held.record)
    told = info(b"names").model_copy(update={"kind": "sweep", "certificate": None, "parts": (part,)})
    assert store.commit(OTHER, b"names", told)
    sweep = store.snapshot(OTHER)
    assert sweep is not None
    assert sweep.record is not None
    assert (sweep.record.certificate, sweep.record.parts) == (None, (part,))
    assert sweep.summary.locality == (0.5,)
    assert b"".join(store.read(sweep.record)) == b"names"
    assert b"".join(store.read(sweep.record.parts[0].record)) == DATA
