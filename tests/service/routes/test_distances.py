"""Asking for distances, looking at them, cancelling and forgetting them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from prolong import DistanceProblem
from prolong.wire import DistancesView
from prolong_worker import tasks
from prolong_worker.store import MemoryOperatorStore

Check = Callable[..., dict[str, Any]]

BODY = {
    "graphs": [{"kind": "path", "n": 4}, {"kind": "star", "n": 6}, {"kind": "cycle", "n": 5}],
    "t": [0.5, None],
}
KEY = DistanceProblem.parse(BODY).key


@pytest.fixture(autouse=True)
def no_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "limit_seconds", lambda _: None)


def work_off(store: MemoryOperatorStore, key: str = KEY) -> None:
    """What a worker does with the job."""
    snapshot = store.snapshot(key)
    assert snapshot is not None
    tasks.run(store, snapshot)


async def test_a_new_list_is_one_queued_job(client: httpx.AsyncClient, jobs: Any) -> None:
    answers = [await client.post("/distances", json=BODY) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    assert jobs.runs == [KEY]
    view = DistancesView.model_validate_json(answers[0].content)
    assert (view.key, view.status, view.queue_position, view.distances) == (KEY, "queued", 0, None)
    assert answers[0].headers["location"] == f"/distances/{KEY}"
    looked = await client.get(f"/distances/{KEY}")
    assert looked.json()["problem"]["graphs"] == BODY["graphs"]


async def test_a_finished_one_has_its_matrices(client: httpx.AsyncClient, store: MemoryOperatorStore) -> None:
    await client.post("/distances", json=BODY)
    work_off(store)
    answer = await client.post("/distances", json=BODY)
    assert answer.status_code == 200
    view = DistancesView.model_validate_json(answer.content)
    assert view.distances is not None
    assert [matrix.t for matrix in view.distances.matrices] == [0.5, None]
    assert view.distances.matrices[0].values[0][1] > 0
    assert view.distances.matrices[0].gap < 1e-6
    assert view.finished_at is not None


async def test_a_wait_ends_with_the_job(client: httpx.AsyncClient, store: MemoryOperatorStore) -> None:
    asked = asyncio.create_task(client.post("/distances", json=BODY, headers={"Prefer": "wait=50"}))
    while store.snapshot(KEY) is None:
        await asyncio.sleep(0.01)
    looked = asyncio.create_task(client.get(f"/distances/{KEY}", headers={"Prefer": "wait=50"}))
    await asyncio.to_thread(work_off, store)
    assert [(await task).json()["status"] for task in (asked, looked)] == ["done", "done"]


async def test_a_running_one_is_cancelled_and_an_ended_one_forgotten(client: httpx.AsyncClient, jobs: Any) -> None:
    await client.post("/distances", json=BODY)
    jobs.start(KEY)
    assert (await client.get(f"/distances/{KEY}")).json()["status"] == "running"
    assert (await client.delete(f"/distances/{KEY}")).json()["status"] == "cancelled"
    assert (await client.delete(f"/distances/{KEY}")).status_code == 204
    assert (await client.get(f"/distances/{KEY}")).status_code == 404


async def test_a_failure_is_told(client: httpx.AsyncClient, jobs: Any) -> None:
    await client.post("/distances", json=BODY)
    jobs.fail(KEY, "out of luck")
    view = (await client.get(f"/distances/{KEY}")).json()
    assert (view["status"], view["error"]) == ("failed", "out of luck")


async def test_distances_and_prolongations_do_not_mix(
    client: httpx.AsyncClient, store: MemoryOperatorStore, submitted: Any, check_problem: Check
) -> None:
    prolongation = await submitted()
    await client.post("/distances", json=BODY)
    work_off(store)
    for path in (f"/prolongations/{KEY}", f"/prolongations/{KEY}/operator", f"/distances/{prolongation}"):
        check_problem(await client.get(path), 404, "unknown-key")
    check_problem(await client.delete(f"/prolongations/{KEY}"), 404, "unknown-key")
    check_problem(await client.delete(f"/distances/{prolongation}"), 404, "unknown-key")
    page = (await client.get("/prolongations")).json()
    assert [view["key"] for view in page["prolongations"]] == [prolongation]


@pytest.mark.parametrize("key", ["x", "0" * 64, "%00"])
async def test_unknown_keys_are_told(client: httpx.AsyncClient, check_problem: Check, key: str) -> None:
    check_problem(await client.get(f"/distances/{key}"), 404, "unknown-key")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/graphs"]),
        ([], [""]),
        ({"graphs": BODY["graphs"][:1]}, ["/graphs"]),
        ({**BODY, "t": [1, -1]}, ["/t/1"]),
        ({**BODY, "graphs": [{"kind": "path"}, {"kind": "path", "n": 3}]}, ["/graphs/0/n"]),
        ({**BODY, "graphs": [{"kind": "path", "n": 4, **{f"x{i}": 1 for i in range(70)}}] * 2}, ["/graphs/0"]),
        ({**BODY, "more": 1}, ["/more"]),
    ],
)
async def test_bad_bodies_are_refused(
    client: httpx.AsyncClient, jobs: Any, check_problem: Check, body: Any, pointers: list[str]
) -> None:
    found = check_problem(await client.post("/distances", json=body), 422, "invalid-input")
    assert [error["pointer"] for error in found["errors"]] == pointers
    assert jobs.runs == []


@pytest.mark.parametrize(
    "graphs",
    [[{"kind": "path", "n": 4_001}] * 2, [{"kind": "path", "n": 4}] * 450, [{"kind": "complete", "n": 4000}] * 3],
)
async def test_too_large_ones_are_refused(
    client: httpx.AsyncClient, jobs: Any, check_problem: Check, graphs: Any
) -> None:
    answer = await client.post("/distances", json={"graphs": graphs, "t": 1})
    assert answer.status_code in {413, 422}
    assert jobs.runs == []


async def test_other_bodies_than_json_are_refused(client: httpx.AsyncClient, check_problem: Check) -> None:
    headers = {"Content-Type": "application/json"}
    check_problem(await client.post("/distances", content=b"{", headers=headers), 400, "malformed-body")
    check_problem(
        await client.post("/distances", content=b"{}", headers={"Content-Type": "text/x"}), 415, "unsupported-body"
    )
    check_problem(await client.post("/distances", content=b" " * 30_000, headers=headers), 413, "body-too-large")
