"""Every bad input gets its own problem+json at its field, queues nothing and harms nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

PATH = {"kind": "path", "n": 4}
TWO_PARTS = {"kind": "edges", "n": 4, "edges": [[0, 1], [2, 3]]}


def _edges(*edges: object, n: int = 3) -> dict[str, Any]:
    return {"kind": "edges", "n": n, "edges": list(edges)}


CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "coarse larger than fine": ({"coarse": {"kind": "path", "n": 9}}, "invalid-input", ""),
    "self-loop": ({"coarse": _edges([1, 1])}, "invalid-input", "/coarse"),
    "negative weight": ({"coarse": _edges([0, 1, -1.0], [1, 2])}, "invalid-input", "/coarse"),
    "zero weight": ({"coarse": _edges([0, 1, 0], [1, 2])}, "invalid-input", "/coarse"),
    "id out of range": ({"coarse": _edges([0, 3], [1, 2])}, "invalid-input", "/coarse"),
    "negative id": ({"coarse": _edges([0, -1], [1, 2])}, "invalid-input", "/coarse"),
    "disconnected coarse": ({"coarse": TWO_PARTS, "locality": 0.5}, "invalid-input", ""),
    "disconnected fine": ({"coarse": {"kind": "path", "n": 2}, "fine": TWO_PARTS}, "invalid-input", ""),
    "locality above 1": ({"locality": 1.5}, "invalid-input", "/locality"),
    "locality below 0": ({"locality": -0.1}, "invalid-input", "/locality"),
    "locality text": ({"locality": "half"}, "invalid-input", "/locality"),
    "alpha zero": ({"alpha": 0}, "invalid-input", "/alpha"),
    "alpha negative": ({"alpha": -1.0}, "invalid-input", "/alpha"),
    "alpha boolean": ({"alpha": True}, "invalid-input", "/alpha"),
    "beta word": ({"beta": "best"}, "invalid-input", "/beta"),
    "unknown kind": ({"coarse": {"kind": "moebius", "n": 4}}, "invalid-input", "/coarse"),
    "no kind": ({"coarse": {"n": 4}}, "invalid-input", "/coarse"),
    "graph of another type": ({"coarse": "path:4"}, "invalid-input", "/coarse"),
    "n as text": ({"coarse": {"kind": "path", "n": "4"}}, "invalid-input", "/coarse/n"),
    "n as boolean": ({"coarse": {"kind": "path", "n": True}}, "invalid-input", "/coarse/n"),
    "n zero": ({"coarse": {"kind": "path", "n": 0}}, "invalid-input", "/coarse/n"),
    "unknown field": ({"speed": "high"}, "invalid-input", "/speed"),
    "unknown method": ({"method": "magic"}, "invalid-input", "/method"),
    "no time": ({"max_seconds": 0}, "invalid-input", "/max_seconds"),
    "too much time": ({"max_seconds": 1e6}, "too-large", ""),
    "too many vertices": ({"fine": {"kind": "path", "n": 4001}}, "too-large", ""),
    "enormous": ({"fine": {"kind": "complete", "n": 2_000_000_000}}, "too-large", ""),
    "enormous structured": ({"fine": {"kind": "path", "n": 20_001}, "structure": "aggregation"}, "too-large", ""),
}


@pytest.mark.parametrize("name", CASES)
async def test_bad_input_is_refused_at_its_field(
    name: str, client: httpx.AsyncClient, jobs: Any, check_problem: Callable[..., dict[str, Any]]
) -> None:
    changes, kind, pointer = CASES[name]
    document = {"coarse": PATH, "fine": {"kind": "path", "n": 8}, "locality": 0.5, **changes}
    body = check_problem(await client.post("/prolongations", json=document), 422, kind)
    assert body["errors"]
    assert body["errors"][0]["pointer"].startswith(pointer)
    batch = {"problems": [{"coarse": PATH, "fine": PATH}, document]}
    body = check_problem(await client.post("/prolongations", json=batch), 422, kind)
    assert body["errors"][0]["pointer"].startswith(f"/problems/1{pointer}")
    assert jobs.runs == []
    assert (await client.get("/health/ready")).status_code == 200


async def test_a_nan_weight_is_refused_at_its_field(
    client: httpx.AsyncClient, jobs: Any, check_problem: Callable[..., dict[str, Any]]
) -> None:
    body = b'{"coarse": {"kind": "edges", "n": 2, "edges": [[0, 1, NaN]]}, "fine": {"kind": "path", "n": 4}}'
    answer = await client.post("/prolongations", content=body, headers={"Content-Type": "application/json"})
    assert check_problem(answer, 422, "invalid-input")["errors"][0]["pointer"].startswith("/coarse")
    assert jobs.runs == []


async def test_a_disconnected_pair_is_welcome_at_locality_0(client: httpx.AsyncClient) -> None:
    document = {"coarse": TWO_PARTS, "fine": TWO_PARTS, "locality": 0.0}
    assert (await client.post("/prolongations", json=document)).status_code == 202


@pytest.mark.parametrize("key", ["0" * 64, "F" * 64, "0" * 63, "%2e%2e", "%00", "x" * 5000])
@pytest.mark.parametrize("rest", ["", "/operator", "/image.png", "/events"])
async def test_an_unknown_key_is_told(
    key: str, rest: str, client: httpx.AsyncClient, check_problem: Callable[..., dict[str, Any]]
) -> None:
    answer = await client.get(f"/prolongations/{key}{rest}")
    check_problem(answer, 404, "unknown-key")
