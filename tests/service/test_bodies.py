"""Bodies are bounded while they are read, and parsed into valid problems or one clear error."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prolong.errors import InvalidInput, TooLarge
from prolong_service.bodies import parse_submission
from prolong_service.errors import MalformedBody
from prolong_service.settings import ServiceSettings

Check = Callable[..., dict[str, Any]]

SETTINGS = ServiceSettings(max_batch=5, max_dense_vertices=100, max_edges=1000)


def _parse(document: object) -> Any:
    return parse_submission(json.dumps(document).encode(), SETTINGS)


def test_one_problem_is_no_batch(document: Callable[..., dict[str, Any]]) -> None:
    submission = _parse(document())
    assert not submission.is_batch
    assert [problem.fine.n for problem in submission.problems] == [4]


def test_a_batch_keeps_the_order(document: Callable[..., dict[str, Any]]) -> None:
    submission = _parse({"problems": [document(n) for n in (4, 2, 3)]})
    assert submission.is_batch
    assert [problem.coarse.n for problem in submission.problems] == [4, 2, 3]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[1,", b"nul", b"[" * 100_000, b'{"n": 1}}'])
def test_what_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        parse_submission(body, SETTINGS)


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ([], ""),
        (7, ""),
        (None, ""),
        ({}, "/coarse"),
        ({"problems": []}, "/problems"),
        ({"problems": {}}, "/problems"),
        ({"problems": [7]}, "/problems/0"),
        ({"problems": [{}], "a/b": 1}, "/a~1b"),
        ({str(number): 0 for number in range(100)}, ""),
        (
            {"coarse": {"kind": "box", "factors": [7, {str(number): 0 for number in range(100)}]}},
            "/coarse/factors/1",
        ),
    ],
)
def test_documents_of_another_form_are_named(document: object, pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        _parse(document)
    assert caught.value.errors[0].pointer == pointer


def test_the_faults_of_a_batch_are_named_by_their_place(document: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(InvalidInput) as caught:
        _parse({"problems": [document(), document(locality=2), document(), document(coarse={"kind": "path"})]})
    assert [error.pointer for error in caught.value.errors] == ["/problems/1/locality", "/problems/3/coarse/n"]


def test_a_batch_is_bounded_in_number_and_in_work(document: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(TooLarge, match="the batch has 6 problems; the limit is 5"):
        _parse({"problems": [document(n) for n in range(2, 8)]})
    heavy = {"coarse": {"kind": "path", "n": 2}, "fine": {"kind": "complete", "n": 45}}
    with pytest.raises(TooLarge) as caught:
        _parse({"problems": [heavy] * 3})
    assert caught.value.errors[0].pointer == "/problems/2"


def test_only_sizes_make_a_batch_too_large(document: Callable[..., dict[str, Any]]) -> None:
    big, bad = document(1000), document(locality=-1)
    with pytest.raises(TooLarge):
        _parse({"problems": [big, big]})
    with pytest.raises(InvalidInput) as caught:
        _parse({"problems": [big, bad]})
    assert not isinstance(caught.value, TooLarge)


_WORDS = ["coarse", "fine", "kind", "n", "path", "edges", "nodes", "links", "node_link", "problems", "alpha", "~/"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=5),
    max_leaves=12,
)


@given(_JSON)
def test_no_document_gets_past_the_error_tree(document: object) -> None:
    with contextlib.suppress(InvalidInput, MalformedBody):
        assert _parse(document).problems


async def test_the_limit_counts_what_arrives_not_what_is_declared(
    client: httpx.AsyncClient, jobs: Any, check_problem: Check
) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1000
            yield b" " * 1000

    headers = {"Content-Type": "application/json"}
    check_problem(await client.post("/prolongations", content=endless(), headers=headers), 413, "body-too-large")
    # Not much more was asked for than the limit of 20,000 bytes.
    assert sent <= 25_000
    lying = {**headers, "Content-Length": "10"}
    check_problem(await client.post("/prolongations", content=endless(), headers=lying), 413, "body-too-large")
    honest = {**headers, "Content-Length": "99999999999999999999999999"}
    check_problem(await client.post("/prolongations", content=b"{}", headers=honest), 413, "body-too-large")
    assert jobs.runs == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_other_media_types_are_refused(
    client: httpx.AsyncClient, headers: dict[str, str], document: Any, check_problem: Check
) -> None:
    answer = await client.post("/prolongations", content=json.dumps(document()), headers=headers)
    check_problem(answer, 415, "unsupported-body")


async def test_the_media_type_may_have_parameters(client: httpx.AsyncClient, document: Any) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = await client.post("/prolongations", content=json.dumps(document()), headers=headers)
    assert answer.status_code == 202
