"""Asking, looking, listing, cancelling, forgetting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from prolong import Problem
from prolong.graphs import BaseGraph
from prolong.wire import BatchView, PageView, ProlongationView
from prolong_service.routes.prolongations import GraphKind

Check = Callable[..., dict[str, Any]]


async def test_a_new_problem_is_queued(client: httpx.AsyncClient, jobs: Any, document: Any) -> None:
    answer = await client.post("/prolongations", json=document())
    view = ProlongationView.model_validate_json(answer.content)
    assert answer.status_code == 202
    assert view.key == Problem.parse(document()).key
    assert (view.status, view.queue_position) == ("queued", 0)
    assert answer.headers["location"] == f"/prolongations/{view.key}"
    assert int(answer.headers["retry-after"]) > 0
    assert "preference-applied" not in answer.headers
    looked = await client.get(answer.headers["location"])
    assert looked.json()["problem"]["fine"] == {"kind": "cycle", "n": 4}


async def test_a_held_one_is_answered_at_once(
    client: httpx.AsyncClient, jobs: Any, document: Any, submitted: Any
) -> None:
    key = await submitted()
    data = jobs.finish(key)
    answer = await client.post("/prolongations", json=document())
    view = ProlongationView.model_validate_json(answer.content)
    assert answer.status_code == 200
    assert "retry-after" not in answer.headers
    assert view.status == "done"
    assert view.operator is not None
    assert (view.operator.shape, view.operator.bytes) == ((4, 2), len(data))
    assert view.certificate is not None
    assert view.certificate.gap == 0.25
    assert (await client.get(view.operator.href)).content == data


async def test_500_equal_posts_make_one_job(client: httpx.AsyncClient, jobs: Any, document: Any) -> None:
    answers = await asyncio.gather(*(client.post("/prolongations", json=document()) for _ in range(500)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["key"] for answer in answers}) == 1
    assert len(jobs.runs) == 1


async def test_a_wait_ends_with_the_job(client: httpx.AsyncClient, jobs: Any, document: Any) -> None:
    key = Problem.parse(document()).key
    waits = [
        asyncio.create_task(client.post("/prolongations", json=document(), headers={"Prefer": "wait=50"}))
        for _ in range(200)
    ]
    while not jobs.runs:
        await asyncio.sleep(0.01)
    jobs.finish(key)
    answers = await asyncio.gather(*waits)
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["status"] for answer in answers} == {"done"}
    assert {answer.headers["preference-applied"] for answer in answers} == {"wait=50"}


async def test_a_wait_ends_with_patience(client: httpx.AsyncClient, document: Any) -> None:
    answer = await client.post("/prolongations", json=document(), headers={"Prefer": "wait=1"})
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")


async def test_looking_can_wait_too(client: httpx.AsyncClient, jobs: Any, submitted: Any) -> None:
    key = await submitted()
    wait = asyncio.create_task(client.get(f"/prolongations/{key}", headers={"Prefer": "wait=50"}))
    await asyncio.sleep(0.05)
    jobs.fail(key, "out of luck")
    answer = await wait
    assert (answer.status_code, answer.json()["status"]) == (200, "failed")
    assert answer.json()["error"] == "out of luck"
    assert answer.headers["preference-applied"] == "wait=50"


async def test_a_batch_is_answered_in_order(client: httpx.AsyncClient, jobs: Any, document: Any) -> None:
    batch = {"problems": [document(n) for n in (4, 2, 3, 2)]}
    answer = await client.post("/prolongations", json=batch)
    views = BatchView.model_validate_json(answer.content).prolongations
    assert answer.status_code == 202
    assert "location" not in answer.headers
    assert [view.key for view in views] == [Problem.parse(item).key for item in batch["problems"]]
    assert len(jobs.runs) == 3
    for key in jobs.runs:
        jobs.finish(key)
    assert (await client.post("/prolongations", json=batch)).status_code == 200


async def test_of_a_bad_batch_nothing_is_queued(
    client: httpx.AsyncClient, jobs: Any, document: Any, check_problem: Check
) -> None:
    batch = {"problems": [document(), document(3), document(4), {**document(5), "coarse": {"kind": "path"}}]}
    body = check_problem(await client.post("/prolongations", json=batch), 422, "invalid-input")
    assert body["errors"][0]["pointer"] == "/problems/3/coarse/n"
    assert jobs.runs == []


@pytest.mark.parametrize("end", ["failed", "cancelled", "forgotten"])
async def test_what_ended_badly_is_queued_anew(
    end: str, client: httpx.AsyncClient, jobs: Any, document: Any, submitted: Any
) -> None:
    key = await submitted()
    if end == "failed":
        jobs.fail(key)
    elif end == "cancelled":
        assert (await client.delete(f"/prolongations/{key}")).status_code == 200
    else:
        jobs.finish(key)
        assert (await client.delete(f"/prolongations/{key}")).status_code == 204
    answer = await client.post("/prolongations", json=document())
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert jobs.runs == [key, key]


async def test_delete_cancels_what_waits_or_runs(client: httpx.AsyncClient, jobs: Any, submitted: Any) -> None:
    for n, start in ((2, False), (3, True)):
        key = await submitted(n)
        if start:
            jobs.start(key)
        answer = await client.delete(f"/prolongations/{key}")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
        assert (await client.get(f"/prolongations/{key}")).json()["status"] == "cancelled"


async def test_delete_forgets_what_has_ended(
    client: httpx.AsyncClient, jobs: Any, submitted: Any, check_problem: Check
) -> None:
    key = await submitted()
    jobs.finish(key)
    answer = await client.delete(f"/prolongations/{key}")
    assert (answer.status_code, answer.content) == (204, b"")
    check_problem(await client.get(f"/prolongations/{key}"), 404, "unknown-key")
    check_problem(await client.delete(f"/prolongations/{key}"), 404, "unknown-key")


async def test_the_running_one_shows_its_progress(
    client: httpx.AsyncClient, jobs: Any, store: Any, submitted: Any
) -> None:
    key = await submitted()
    jobs.start(key)
    for iteration in (1, 2):
        store.report(key, f'{{"stage": "search", "iteration": {iteration}}}')
    view = (await client.get(f"/prolongations/{key}")).json()
    assert view["status"] == "running"
    assert view["progress"]["iteration"] == 2
    assert view["started_at"]


async def _all_keys(client: httpx.AsyncClient, **query: Any) -> list[str]:
    keys: list[str] = []
    cursor = None
    for _ in range(50):
        params = {**query, **({"cursor": cursor} if cursor else {})}
        answer = await client.get("/prolongations", params=params)
        assert answer.status_code == 200, answer.text
        page = PageView.model_validate_json(answer.content)
        assert len(page.prolongations) <= query.get("limit", 50)
        keys += [view.key for view in page.prolongations]
        cursor = page.next
        if cursor is None:
            return keys
    raise AssertionError("the pages do not end")


async def test_pages_hold_everything_once_newest_first(client: httpx.AsyncClient, submitted: Any) -> None:
    keys = [await submitted(n) for n in range(2, 13)]
    for limit in (1, 4, 11, 200):
        assert await _all_keys(client, limit=limit) == keys[::-1]
    assert await _all_keys(client) == keys[::-1]


async def test_pages_are_filtered(client: httpx.AsyncClient, jobs: Any, submitted: Any) -> None:
    keys = [await submitted(n) for n in range(2, 10)]
    star = await submitted(2, coarse={"kind": "star", "n": 3})
    for key in keys[::3]:
        jobs.finish(key)
    jobs.start(keys[1])
    assert await _all_keys(client, limit=2, status="done") == keys[::3][::-1]
    assert await _all_keys(client, status="running") == [keys[1]]
    assert await _all_keys(client, status="failed") == []
    assert await _all_keys(client, limit=1, kind="star") == [star]
    assert await _all_keys(client, kind="cycle") == [star, *keys[::-1]]
    assert await _all_keys(client, kind="path", status="running") == [keys[1]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": "all"}, "limit"),
        ({"status": "lost"}, "status"),
        ({"kind": "moebius"}, "kind"),
        ({"cursor": "here"}, "cursor"),
        ({"cursor": "nan:" + "0" * 64}, "cursor"),
        ({"cursor": "1.0:key"}, "cursor"),
    ],
)
async def test_bad_queries_are_told(
    query: dict[str, Any], field: str, client: httpx.AsyncClient, check_problem: Check
) -> None:
    body = check_problem(await client.get("/prolongations", params=query), 422, "invalid-input")
    assert body["errors"][0]["pointer"] == f"/query/{field}"


def test_the_kinds_are_those_of_the_vocabulary() -> None:
    kinds = {kind.model_fields["kind"].default for kind in BaseGraph.__subclasses__()}
    assert set(GraphKind.__args__) == kinds  # type: ignore[attr-defined]
