"""How both clients set httpx up and turn calls into its requests."""

from __future__ import annotations

from typing import TypedDict

import httpx

from prolong import __version__
from prolong.client.effects import Call
from prolong.client.settings import Settings

__all__ = ["options", "request"]


class _Options(TypedDict):
    base_url: httpx.URL
    timeout: httpx.Timeout
    trust_env: bool
    headers: dict[str, str]


def options(settings: Settings) -> _Options:
    """The arguments of `httpx.Client` and `httpx.AsyncClient`."""
    return {
        "base_url": settings.url,
        "timeout": settings.timeout,
        "trust_env": not settings.is_local,
        "headers": {"User-Agent": f"prolong/{__version__}"},
    }


def request(http: httpx.Client | httpx.AsyncClient, call: Call) -> httpx.Request:
    """The request of `call`."""
    usual = http.timeout
    read = usual.read if call.read_seconds is None else call.read_seconds
    read = None if read is None else read + call.held_seconds
    timeout = httpx.Timeout(connect=usual.connect, read=read, write=usual.write, pool=usual.pool)
    return http.build_request(
        call.method, call.path, params=call.params, headers=call.headers, content=call.content, timeout=timeout
    )
