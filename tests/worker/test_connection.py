"""Clients of the server."""

from __future__ import annotations

import time

import pytest
from redis._parsers import _HiredisParser
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from prolong_worker.connection import PATIENT_ATTEMPTS, QUICK_ATTEMPTS, connect


def test_a_patient_client_outlives_an_outage_of_30_seconds() -> None:
    backoff = ExponentialWithJitterBackoff(base=0.5, cap=5)
    for _ in range(50):
        assert sum(backoff.compute(failures) for failures in range(PATIENT_ATTEMPTS)) > 60


def test_a_quick_client_gives_up_within_seconds() -> None:
    assert QUICK_ATTEMPTS == 3
    begin = time.monotonic()
    with connect("redis://127.0.0.1:1/0", attempts=1) as connection, pytest.raises(RedisConnectionError):
        connection.ping()
    assert time.monotonic() - begin < 5


def test_replies_are_parsed_by_hiredis(redis_url: str) -> None:
    with connect(redis_url) as connection:
        assert connection.connection_pool.get_connection()._parser.__class__ is _HiredisParser


def test_a_url_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="scheme"):
        connect("http://127.0.0.1")
