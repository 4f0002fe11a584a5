"""The names are distinct and carry the prefix; the lifetimes are the documented ones."""

from __future__ import annotations

from prolong_worker.store import keyspace
from prolong_worker.store.keyspace import Keyspace


def test_names_are_distinct_and_prefixed() -> None:
    names = Keyspace("p:")
    key = "k"
    found = [
        names.index,
        names.pending,
        names.access,
        names.total_bytes,
        names.adrift,
        names.janitor_lock,
        names.problem(key),
        names.record(key),
        names.chunk(key, "t", 0),
        names.failure(key),
        names.cancellation(key),
        names.progress(key),
    ]
    assert len(set(found)) == len(found)
    assert all(name.startswith("p:") for name in found)


def test_lifetimes_in_seconds() -> None:
    assert keyspace.CHUNK_BYTES == 2**20
    assert keyspace.ORPHAN_SECONDS == 15 * 60
    assert keyspace.ENDING_SECONDS == keyspace.PROGRESS_SECONDS == 24 * 60 * 60
