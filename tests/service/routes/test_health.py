"""The probes name what is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError


async def test_alive_asks_nobody(client: httpx.AsyncClient, jobs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "live_workers", None)
    answer = await client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


async def test_ready_names_its_dependencies(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert answer.status_code == 200
    assert {item["name"]: item["ready"] for item in answer.json()["dependencies"]} == {
        "redis": True,
        "workers": True,
    }


async def test_missing_workers_are_named(
    client: httpx.AsyncClient, jobs: Any, check_problem: Callable[..., dict[str, Any]]
) -> None:
    jobs.n_workers = 0
    answer = await client.get("/health/ready")
    body = check_problem(answer, 503, "unavailable")
    assert body["detail"] == "missing: workers"
    assert [item["ready"] for item in body["dependencies"]] == [True, False]
    assert int(answer.headers["retry-after"]) > 0


async def test_a_missing_store_is_named(
    client: httpx.AsyncClient,
    jobs: Any,
    monkeypatch: pytest.MonkeyPatch,
    check_problem: Callable[..., dict[str, Any]],
) -> None:
    def away() -> int:
        raise RedisConnectionError("redis://:secret@host refused")

    monkeypatch.setattr(jobs, "live_workers", away)
    answer = await client.get("/health/ready")
    assert check_problem(answer, 503, "unavailable")["detail"] == "missing: redis, workers"
    assert "secret" not in answer.text
