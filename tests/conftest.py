"""Fixtures that the tests of every part share: a private, real Redis-compatible server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from redis import Redis

from prolong_service.stack import RedisServer

_DATABASES = count(1)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server that the whole run shares. Whoever kills it must restart it."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> Iterator[str]:
    """The URL of an empty database for this test alone."""
    with _empty_database(redis_server) as url:
        yield url


@pytest.fixture(scope="module")
def module_redis_url(redis_server: RedisServer) -> Iterator[str]:
    """The URL of an empty database for this test file alone."""
    with _empty_database(redis_server) as url:
        yield url


@contextmanager
def _empty_database(redis_server: RedisServer) -> Iterator[str]:
    url = f"{redis_server.url.rsplit('/', 1)[0]}/{next(_DATABASES) % 256}"
    with Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()
