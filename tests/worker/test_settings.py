"""The worker's settings."""

from __future__ import annotations

from dataclasses import fields

import pytest

from prolong.errors import InvalidInput
from prolong_worker.settings import WorkerSettings


def test_the_defaults_recover_within_30_seconds_and_fit_the_stop_period_of_a_container() -> None:
    found = WorkerSettings.from_environment({})
    assert (found.heartbeat_seconds, found.lease_seconds, found.maintenance_seconds) == (5, 15, 5)
    assert found.drain_seconds == 20.0
    assert found.grace_seconds < 2.0
    assert found.queue_names == ("prolong",)
    assert found.memory_limit_bytes == 0
    assert found.blas_threads == 1


def test_every_field_has_its_variable() -> None:
    text = {"redis_url": "redis://h/1", "queues": "a, b,", "key_prefix": "p:"}
    given = {
        f"PROLONG_{entry.name.upper()}": text.get(entry.name, "7" if entry.name != "lease_seconds" else "14")
        for entry in fields(WorkerSettings)
    }
    found = WorkerSettings.from_environment(given)
    assert found == WorkerSettings("redis://h/1", "a, b,", "p:", 7, 7, 7.0, 7, 14, 7, 7.0)
    assert found.queue_names == ("a", "b")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("BLAS_THREADS", "0", "must be at least 1, not 0"),
        ("BLAS_THREADS", "many", "must be a whole number, not 'many'"),
        ("MEMORY_LIMIT_BYTES", "-1", "must not be negative"),
        ("HEARTBEAT_SECONDS", "0.5", "must be a whole number"),
        ("DRAIN_SECONDS", "-0.1", "must not be negative"),
        ("DRAIN_SECONDS", "nan", "must not be negative"),
        ("HEARTBEAT_SECONDS", "9", "LEASE"),
        ("QUEUES", " , ", "at least one"),
    ],
)
def test_a_bad_variable_is_named(name: str, text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words if words == "LEASE" else f"PROLONG_{name} .*{words}"):
        WorkerSettings.from_environment({f"PROLONG_{name}": text})


def test_the_password_appears_nowhere() -> None:
    found = WorkerSettings(redis_url="redis://user:secret@host:1/2")
    assert found.redis_place == "redis://host:1/2"
    assert "secret" not in repr(found)
    assert WorkerSettings(redis_url="redis://host:1/2").redis_place == "redis://host:1/2"
