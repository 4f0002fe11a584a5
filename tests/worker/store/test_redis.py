"""What only the Redis store can show: chunks, lifetimes, torn and damaged operators."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from prolong.certificate import Certificate, Outcome, Proof
from prolong_worker.connection import connect
from prolong_worker.store import (
    Keyspace,
    OperatorInfo,
    OperatorNotFound,
    OperatorRecord,
    RedisOperatorStore,
    Summary,
)
from prolong_worker.store.keyspace import CHUNK_BYTES, ENDING_SECONDS, ORPHAN_SECONDS

KEY = "a" * 64
DATA = bytes(range(256)) * 12_500
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
TERMS: dict[str, Any] = {"summary": SUMMARY, "timeout_seconds": 60.0}
INFO = OperatorInfo(
    kind="dense",
    shape=(4, 2),
    nnz=8,
    sha256=hashlib.sha256(DATA).hexdigest(),
    certificate=CERTIFICATE,
    started_at=2.0,
    finished_at=3.5,
    solver_version="1",
)

WRITER = """
import json, sys
from prolong_worker.connection import connect
from prolong_worker.store import OperatorInfo, RedisOperatorStore
data = bytes(256 << 20)
info = OperatorInfo(kind="dense", shape=(4, 2), nnz=8, sha256="0", certificate=json.loads(sys.argv[3]),
                    started_at=0, finished_at=0, solver_version="1")
RedisOperatorStore(connect(sys.argv[1])).commit(sys.argv[2], data, info)
"""


@pytest.fixture
def store(redis_url: str) -> Iterator[RedisOperatorStore]:
    with connect(redis_url) as connection:
        yield RedisOperatorStore(connection, Keyspace("test:"))


def record_of(store: RedisOperatorStore) -> OperatorRecord:
    store.accept(KEY, b"{}", **TERMS)
    store.commit(KEY, DATA, INFO)
    snapshot = store.snapshot(KEY)
    assert snapshot is not None
    assert snapshot.record is not None
    return snapshot.record


def chunk(store: RedisOperatorStore, record: OperatorRecord, number: int) -> str:
    return store.keyspace.chunk(KEY, record.token, number)


def test_an_operator_is_chunks_without_a_lifetime(store: RedisOperatorStore) -> None:
    record = record_of(store)
    for number in range(record.n_chunks):
        assert store.connection.ttl(chunk(store, record, number)) == -1
        assert store.connection.strlen(chunk(store, record, number)) <= CHUNK_BYTES + 4
    assert not store.connection.exists(chunk(store, record, record.n_chunks))


def test_every_key_carries_the_prefix(store: RedisOperatorStore) -> None:
    record_of(store)
    store.report(KEY, "{}")
    assert all(key.startswith(b"test:") for key in store.connection.scan_iter())


def test_a_refused_commit_leaves_no_chunk(store: RedisOperatorStore) -> None:
    assert not store.commit(KEY, DATA, INFO)
    assert store.connection.dbsize() == 0


def test_a_full_server_refuses_an_operator_and_keeps_no_part_of_it(store: RedisOperatorStore) -> None:
    store.accept(KEY, b"{}", **TERMS)
    used = store.connection.info("memory")["used_memory"]
    store.connection.config_set("maxmemory", used + (12 << 20))
    try:
        with pytest.raises(ResponseError, match="maxmemory"):
            store.commit(KEY, bytes(32 << 20), INFO)
    finally:
        store.connection.config_set("maxmemory", 0)
    assert list(store.connection.scan_iter("test:operator:*")) == []
    assert store.commit(KEY, DATA, INFO)


def test_forget_leaves_nothing_but_the_size_of_zero(store: RedisOperatorStore) -> None:
    record_of(store)
    store.forget(KEY)
    assert store.connection.keys() == [b"test:total-bytes"]


def test_a_failed_problem_is_remembered_for_a_day(store: RedisOperatorStore) -> None:
    store.accept(KEY, b"{}", **TERMS)
    store.cancel(KEY)
    for name in (store.keyspace.problem(KEY), store.keyspace.cancellation(KEY)):
        assert ENDING_SECONDS - 5 <= store.connection.ttl(name) <= ENDING_SECONDS
    store.accept(KEY, b"{}", **TERMS)
    assert store.connection.ttl(store.keyspace.problem(KEY)) == -1


def test_a_page_drops_keys_whose_problem_has_expired(store: RedisOperatorStore) -> None:
    store.accept(KEY, b"{}", **TERMS)
    store.connection.delete(store.keyspace.problem(KEY))
    assert store.page(limit=5).keys == ()
    assert store.connection.zcard(store.keyspace.index) == 0


@pytest.mark.parametrize("number", [0, 2, 3])
def test_a_missing_chunk_makes_the_operator_absent_at_once(store: RedisOperatorStore, number: int) -> None:
    record = record_of(store)
    store.connection.delete(chunk(store, record, number))
    with pytest.raises(OperatorNotFound, match="missing"):
        store.read(record)
    snapshot = store.snapshot(KEY)
    assert snapshot is not None
    assert snapshot.pending
    assert store.pending() == [KEY]
    assert store.total_bytes() == 0
    assert list(store.connection.keys("test:operator:*")) == []


@pytest.mark.parametrize("number", [0, 2])
def test_a_damaged_chunk_is_never_handed_out(store: RedisOperatorStore, number: int) -> None:
    record = record_of(store)
    store.connection.setrange(chunk(store, record, number), 100, b"\xff\x00\xff")
    received: list[bytes] = []
    with pytest.raises(OperatorNotFound, match="checksum"):
        received.extend(store.read(record))
    assert b"".join(received) == DATA[: number * CHUNK_BYTES]
    assert store.commit(KEY, DATA, INFO)


def test_damage_found_late_does_not_drop_a_newer_operator(store: RedisOperatorStore) -> None:
    stale = record_of(store)
    store.forget(KEY)
    fresh = record_of(store)
    with pytest.raises(OperatorNotFound):
        store.read(stale)
    assert b"".join(store.read(fresh)) == DATA


def test_a_writer_killed_between_chunks_leaves_no_operator(redis_url: str) -> None:
    with Redis.from_url(redis_url) as connection:
        store = RedisOperatorStore(connection)
        store.accept(KEY, b"{}", **TERMS)
        writer = subprocess.Popen([sys.executable, "-c", WRITER, redis_url, KEY, CERTIFICATE.model_dump_json()])
        deadline = time.monotonic() + 30
        while connection.dbsize() < 10 and time.monotonic() < deadline:
            time.sleep(0.001)
        writer.kill()
        writer.wait()
        orphans = connection.keys(f"{store.keyspace.record(KEY)}:*")
        assert 3 <= len(orphans) < 256
        assert all(0 < connection.ttl(name) <= ORPHAN_SECONDS for name in orphans)
        snapshot = store.snapshot(KEY)
        assert snapshot is not None
        assert snapshot.pending
        assert store.commit(KEY, DATA, INFO)
