"""The event stream: complete, in order, resumable, and ended by the final status."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from redis.exceptions import ConnectionError as RedisConnectionError

Check = Callable[..., dict[str, Any]]


def _events(text: str) -> list[dict[str, Any]]:
    """The events of a stream: their fields, `data` decoded."""
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if fields:
            found.append({**fields, "data": json.loads(fields["data"])})
    return found


async def _stream(client: httpx.AsyncClient, key: str, **headers: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/prolongations/{key}/events", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    return _events(answer.text)


def _told(events: list[dict[str, Any]]) -> list[Any]:
    return [
        event["data"]["progress"]["iteration"] if event["event"] == "progress" else event["data"]["status"]
        for event in events
    ]


async def _live_through(key: str, jobs: Any, store: Any) -> None:
    await asyncio.sleep(0.4)
    jobs.start(key)
    for iteration in range(3):
        store.report(key, f'{{"stage": "search", "iteration": {iteration}, "objective": 1.5}}')
        await asyncio.sleep(0.2)
    jobs.finish(key)


async def test_a_life_is_told_as_it_happens(
    client: httpx.AsyncClient, jobs: Any, store: Any, submitted: Any
) -> None:
    key = await submitted()
    life = asyncio.create_task(_live_through(key, jobs, store))
    events = await _stream(client, key)
    await life
    told = _told(events)
    assert told[0] == "queued"
    assert [item for item in told if isinstance(item, int)] == [0, 1, 2]
    assert [item for item in told if isinstance(item, str)] == ["queued", "running", "done"]
    assert told[-1] == "done"
    assert events[-1]["data"]["operator"]["shape"] == [4, 2]
    assert events[1]["data"]["key"] == key


async def test_a_listener_goes_on_where_it_was(
    client: httpx.AsyncClient, jobs: Any, store: Any, submitted: Any
) -> None:
    key = await submitted()
    jobs.start(key)
    for iteration in range(4):
        store.report(key, f'{{"stage": "search", "iteration": {iteration}}}')
    jobs.finish(key)
    events = await _stream(client, key)
    assert _told(events) == [0, 1, 2, 3, "done"]
    resumed = await _stream(client, key, **{"Last-Event-ID": events[1]["id"]})
    assert _told(resumed) == [2, 3, "done"]
    ended = await client.get(f"/prolongations/{key}/events", headers={"Last-Event-ID": events[-1]["id"]})
    assert (ended.status_code, ended.content) == (204, b"")


async def test_the_place_in_the_queue_is_told(client: httpx.AsyncClient, jobs: Any, submitted: Any) -> None:
    first, second = await submitted(2), await submitted(3)

    async def work() -> None:
        await asyncio.sleep(0.4)
        jobs.finish(first)
        await asyncio.sleep(0.5)
        jobs.fail(second, "out of luck")

    work_off = asyncio.create_task(work())
    events = await _stream(client, second)
    await work_off
    assert [event["data"]["queue_position"] for event in events] == [1, 0, None]
    assert events[-1]["data"]["error"] == "out of luck"


async def test_an_outage_only_pauses_the_stream(
    client: httpx.AsyncClient, jobs: Any, submitted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await submitted()
    states = jobs.states

    def away(*_: object, **__: object) -> None:
        raise RedisConnectionError("away")

    async def outage() -> None:
        await asyncio.sleep(0.4)
        monkeypatch.setattr(jobs, "states", away)
        await asyncio.sleep(0.6)
        monkeypatch.setattr(jobs, "states", states)
        jobs.finish(key)

    life = asyncio.create_task(outage())
    assert _told(await _stream(client, key)) == ["queued", "done"]
    await life


async def test_a_stopping_service_ends_its_streams(
    client: httpx.AsyncClient, app: FastAPI, submitted: Any
) -> None:
    key = await submitted()
    listening = asyncio.create_task(_stream(client, key))
    await asyncio.sleep(0.4)
    app.state.services.watch.close()
    assert _told(await listening) == ["queued"]


async def test_an_id_of_no_event_is_refused(
    client: httpx.AsyncClient, submitted: Any, check_problem: Check
) -> None:
    key = await submitted()
    answer = await client.get(f"/prolongations/{key}/events", headers={"Last-Event-ID": "yesterday"})
    assert check_problem(answer, 422, "invalid-input")["errors"][0]["pointer"] == "/header/Last-Event-ID"
