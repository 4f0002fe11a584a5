"""Validators and ranges."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from prolong_service.errors import RangeNotSatisfiable
from prolong_service.representations import Representation, not_modified, send

DATA = bytes(range(100))
THING = Representation("a/b", "tag", len(DATA), lambda start, stop: [DATA[start:stop]], {"X-More": "1"})


def _request(method: str = "GET", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "headers": raw})


async def _sent(request: Request) -> tuple[Any, bytes]:
    answer: Any = await send(request, THING)
    if "body_iterator" in vars(answer):
        return answer, b"".join([part async for part in answer.body_iterator])
    return answer, answer.body


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=90-", 90, 100),
        ("bytes=90-1000", 90, 100),
        ("bytes=-5", 95, 100),
        ("bytes=-500", 0, 100),
        ("bytes=99-99", 99, 100),
    ],
)
async def test_single_ranges(asked: str, start: int, stop: int) -> None:
    answer, body = await _sent(_request(range=asked))
    assert answer.status_code == 206
    assert body == DATA[start:stop]
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/100"
    assert answer.headers["content-length"] == str(stop - start)
    assert answer.headers["x-more"] == "1"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=-", "bytes=5-4", "lines=1-2", "bytes=a-b", ""])
async def test_other_ranges_are_ignored(asked: str) -> None:
    answer, body = await _sent(_request(range=asked))
    assert (answer.status_code, body) == (200, DATA)


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=1000-1001", "bytes=-0"])
async def test_a_range_behind_the_end_is_refused(asked: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as caught:
        await send(_request(range=asked), THING)
    assert caught.value.nbytes == 100


@pytest.mark.parametrize(("condition", "status"), [('"tag"', 206), ('"other"', 200), ('W/"tag"', 200)])
async def test_a_range_may_depend_on_the_tag(condition: str, status: int) -> None:
    answer, _ = await _sent(_request(range="bytes=0-1", if_range=condition))
    assert answer.status_code == status


@given(st.integers(0, 120), st.integers(0, 120))
async def test_ranges_tile_the_whole(first: int, second: int) -> None:
    cut = sorted({min(first, 99), min(second, 99), 0})
    parts = []
    for start, stop in zip(cut, [*cut[1:], 100], strict=True):
        parts.append((await _sent(_request(range=f"bytes={start}-{stop - 1}")))[1])
    assert b"".join(parts) == DATA


@pytest.mark.parametrize("tags", ['"tag"', 'W/"tag"', '"x", "tag"', "*"])
async def test_who_holds_it_gets_304(tags: str) -> None:
    answer, body = await _sent(_request(if_none_match=tags, range="bytes=0-1"))
    assert (answer.status_code, body) == (304, b"")
    assert answer.headers["etag"] == '"tag"'


@pytest.mark.parametrize("tags", ['"other"', "tag", ""])
def test_other_tags_do_not_match(tags: str) -> None:
    assert not not_modified(_request(if_none_match=tags), "tag")


async def test_head_tells_the_length_and_reads_nothing() -> None:
    answer, body = await _sent(_request("HEAD", range="bytes=0-1"))
    assert (answer.status_code, body, answer.headers["content-length"]) == (200, b"", "100")
