"""Arguments before environment before defaults, read when a client is made."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from prolong import Client, InvalidInput
from prolong.client.settings import DEFAULT_URL, Settings


def gather(url: str | None = None, cache: str | Path | None = None, **environment: str) -> Settings:
    return Settings.gather(
        url, timeout=None, retries=None, cache=cache, show_progress=None, environment=environment
    )


def test_the_address_is_the_argument_else_the_variable_else_this_machine():
    assert str(gather("http://a.test", PROLONG_URL="http://b.test").url) == "http://a.test"
    assert str(gather(PROLONG_URL="http://b.test").url) == "http://b.test"
    assert str(gather().url) == str(gather(PROLONG_URL="").url) == DEFAULT_URL


@pytest.mark.parametrize(
    "url", ["prolong.test", "ftp://prolong.test", "http://", "http://a:port", "/path", "http://\x00"]
)
def test_an_address_that_is_none_is_bad_input(url):
    with pytest.raises(InvalidInput, match="no address"):
        gather(url)


def test_the_variable_is_read_when_a_client_is_made(monkeypatch):
    monkeypatch.setenv("PROLONG_URL", "http://later.test")
    with Client() as client:
        monkeypatch.setenv("PROLONG_URL", "http://too-late.test")
        assert client.url == "http://later.test"


def test_the_cache_is_the_argument_else_the_variable_else_the_user_s(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert gather(cache="/a", PROLONG_CACHE="/b").cache.directory == Path("/a")
    assert gather(PROLONG_CACHE="/b").cache.directory == Path("/b")
    assert gather(PROLONG_CACHE="~/c").cache.directory == tmp_path / "c"
    assert gather(XDG_CACHE_HOME="/x").cache.directory == Path("/x/prolong")
    assert gather(XDG_CACHE_HOME="relative").cache.directory == tmp_path / ".cache" / "prolong"
    assert gather().cache.directory == tmp_path / ".cache" / "prolong"


def test_the_cache_can_be_off():
    assert gather(PROLONG_CACHE="off").cache.directory is None
    assert gather(cache="off", PROLONG_CACHE="/b").cache.directory is None


def test_without_a_home_nothing_is_kept(monkeypatch):
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert gather().cache.directory is None


@pytest.mark.parametrize(
    ("url", "local"), [(DEFAULT_URL, True), ("http://[::1]:9", True), ("http://a.test", False)]
)
def test_this_machine_is_not_reached_through_a_proxy(url, local):
    assert gather(url).is_local is local


def test_a_timeout_is_seconds_of_silence():
    settings = Settings.gather(None, timeout=3.0, retries=None, cache="off", show_progress=None, environment={})
    assert settings.timeout == httpx.Timeout(3.0)
    assert gather().timeout.connect == 5.0
