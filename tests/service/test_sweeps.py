"""Sweeps over HTTP: how they are asked for, shown, drawn and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from prolong import Problem
from prolong.operators import SparseOperator
from prolong_worker import tasks

Check = Callable[..., dict[str, Any]]

VALUES = [0.0, 0.5, 1.0]


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time limits would end the test's own process."""
    monkeypatch.setattr(tasks, "limit_seconds", lambda _: None)


@pytest.fixture
def solved(store: Any, jobs: Any, submitted: Any) -> Callable[..., Any]:
    """Posts a problem and does what a worker would; gives its key."""

    async def solve(**settings: Any) -> str:
        key: str = await submitted(alpha=1.0, beta=0.25, starts=1, **settings)
        jobs.waiting.remove(key)
        tasks.run(store, store.snapshot(key))
        return key

    return solve


async def test_a_sweep_is_one_job_with_a_list_in_place_of_an_operator(
    client: httpx.AsyncClient, jobs: Any, solved: Any
) -> None:
    key = await solved(locality=VALUES)
    assert jobs.runs == [key]
    body = (await client.get(f"/prolongations/{key}")).json()
    assert (body["status"], body["certificate"], body["operator"]) == ("done", None, None)
    assert body["problem"]["locality"] == VALUES
    assert [part["locality"] for part in body["sweep"]] == VALUES
    problem = Problem.parse(body["problem"])
    for part, single in zip(body["sweep"], problem.parts, strict=True):
        assert part["key"] == single.key
        alone = (await client.get(f"/prolongations/{single.key}")).json()
        assert (alone["status"], alone["sweep"]) == ("done", None)
        assert (part["certificate"], part["operator"]) == (alone["certificate"], alone["operator"])
        answer = await client.get(part["operator"]["href"])
        assert answer.headers["etag"] == f'"{part["operator"]["sha256"]}"'


async def test_a_value_asked_for_later_is_there(
    client: httpx.AsyncClient, document: Any, jobs: Any, solved: Any
) -> None:
    key = await solved(locality=VALUES)
    single = document(locality=0.5, alpha=1.0, beta=0.25, starts=1)
    answer = await client.post("/prolongations", json=single)
    assert answer.status_code == 200
    assert answer.json()["status"] == "done"
    assert jobs.runs == [key]


async def test_the_same_sweep_again_is_there_and_another_is_not(
    client: httpx.AsyncClient, document: Any, solved: Any
) -> None:
    await solved(locality=VALUES)
    settings = {"alpha": 1.0, "beta": 0.25, "starts": 1}
    again = await client.post("/prolongations", json=document(locality=VALUES, **settings))
    other = await client.post("/prolongations", json=document(locality=VALUES[1:], **settings))
    assert (again.status_code, other.status_code) == (200, 202)


async def test_one_operator_is_not_to_be_had_of_a_sweep(
    client: httpx.AsyncClient, check_problem: Check, solved: Any, submitted: Any
) -> None:
    key = await solved(locality=VALUES)
    body = check_problem(await client.get(f"/prolongations/{key}/operator"), 409, "several-operators")
    assert f"/prolongations/{key}" in body["detail"]
    check_problem(await client.get(f"/prolongations/{key}/operator?format=npz"), 409, "several-operators")
    waiting = await submitted(n=3, locality=VALUES)
    check_problem(await client.get(f"/prolongations/{waiting}/operator"), 409, "not-finished")


async def test_the_picture_of_a_sweep_survives_its_parts(client: httpx.AsyncClient, solved: Any) -> None:
    key = await solved(locality=VALUES)
    whole = await client.get(f"/prolongations/{key}/image.png")
    assert whole.headers["content-type"] == "image/png"
    parts = (await client.get(f"/prolongations/{key}")).json()["sweep"]
    for part in parts[1:]:
        assert (await client.delete(f"/prolongations/{part['key']}")).status_code == 204
    fewer = await client.get(f"/prolongations/{key}/image.png")
    assert fewer.status_code == 200
    assert fewer.content.startswith(b"\x89PNG")
    assert fewer.content != whole.content
    tag = {"If-None-Match": whole.headers["etag"]}
    assert (await client.get(f"/prolongations/{key}/image.png", headers=tag)).status_code == 304


async def test_forgetting_a_sweep_leaves_its_parts(client: httpx.AsyncClient, solved: Any) -> None:
    key = await solved(locality=VALUES)
    parts = (await client.get(f"/prolongations/{key}")).json()["sweep"]
    assert (await client.delete(f"/prolongations/{key}")).status_code == 204
    assert (await client.get(f"/prolongations/{key}")).status_code == 404
    assert (await client.get(parts[0]["operator"]["href"])).status_code == 200


async def test_lists_show_a_sweep_and_its_parts(client: httpx.AsyncClient, solved: Any) -> None:
    key = await solved(locality=VALUES)
    shown = (await client.get("/prolongations?status=done")).json()["prolongations"]
    assert len(shown) == 4
    assert [len(item["sweep"]) for item in shown if item["key"] == key] == [3]


async def test_sparse_sweeps_have_pictures_too(client: httpx.AsyncClient, solved: Any) -> None:
    key = await solved(locality=VALUES, structure="aggregation", coarse={"kind": "cycle", "n": 2 + 1}, n=3)
    parts = (await client.get(f"/prolongations/{key}")).json()["sweep"]
    assert {part["operator"]["kind"] for part in parts} == {SparseOperator.kind}
    assert (await client.get(f"/prolongations/{key}/image.png")).status_code == 200


@pytest.mark.parametrize(
    ("values", "pointer", "name"),
    [
        ([], "/locality", "invalid-input"),
        ([0, 0], "/locality/1", "invalid-input"),
        ([0, 2], "/locality/1", "invalid-input"),
        ([0, "1"], "/locality/1", "invalid-input"),
        ([number / 200 for number in range(102)], "/locality", "too-large"),
        ([0.1] * 3000, "/locality", "too-large"),
    ],
)
async def test_bad_values_are_named(
    client: httpx.AsyncClient, document: Any, check_problem: Check, *, values: Any, pointer: str, name: str
) -> None:
    body = check_problem(await client.post("/prolongations", json=document(locality=values)), 422, name)
    assert [error["pointer"] for error in body["errors"]] == [pointer]
