"""Every failure is in the table, and the body is RFC 9457's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from redis import exceptions as redis_errors

from prolong import errors as client_errors
from prolong.errors import FieldError, InvalidInput, ProlongError, TooLarge
from prolong_service import errors
from prolong_service.errors import KINDS, kind_of
from prolong_worker.store import base

Check = Callable[..., dict[str, Any]]

# What only the client raises, about answers of a service.
_CLIENT_SIDE = {
    client_errors.ServiceError,
    client_errors.ServiceTimeout,
    client_errors.UnexpectedResponse,
}


def _tree(kind: type[ProlongError]) -> Iterator[type[ProlongError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _tree(child)


def test_every_error_that_the_service_can_raise_is_in_the_table() -> None:
    homes = {client_errors.__name__, errors.__name__, base.__name__}
    raised = {kind for kind in _tree(ProlongError) if kind.__module__ in homes} - _CLIENT_SIDE - {ProlongError}
    assert raised - set(KINDS) == set()
    assert len(raised) > 10


def test_types_are_stable_words_and_each_has_one_status() -> None:
    for kind in KINDS.values():
        assert kind.type.startswith("urn:prolong:error:")
        assert {other.status for other in KINDS.values() if other.name == kind.name} == {kind.status}
        assert (kind.retry_after_seconds is not None) or kind.status != 503


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInput.at("/coarse", "bad"), 422),
        (TooLarge.at("/coarse", "big"), 422),
        (redis_errors.ConnectionError("redis://:secret@host"), 503),
        (redis_errors.BusyLoadingError("loading"), 503),
        (redis_errors.TimeoutError("slow"), 503),
        (redis_errors.OutOfMemoryError("full"), 503),
        (redis_errors.ResponseError("wrong type"), 500),
        (ZeroDivisionError("secret"), 500),
    ],
)
def test_the_nearest_ancestor_decides(error: Exception, status: int) -> None:
    assert kind_of(error).status == status


@pytest.fixture
def failing(app: FastAPI, client: httpx.AsyncClient) -> Callable[[Exception], Any]:
    """An answer of a route that raises."""

    async def call(error: Exception) -> httpx.Response:
        async def fail() -> None:
            raise error

        app.add_api_route("/fail", fail)
        return await client.get("/fail")

    return call


async def test_an_unexpected_error_tells_nothing_of_the_inside(failing: Any, check_problem: Check) -> None:
    answer = await failing(ZeroDivisionError("a secret at /etc/passwd"))
    check_problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_an_outage_says_when_to_come_back_and_no_address(failing: Any, check_problem: Check) -> None:
    answer = await failing(redis_errors.ConnectionError("redis://:secret@host refused"))
    check_problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert "secret" not in answer.text


async def test_fields_are_named_and_bounded(failing: Any, check_problem: Check) -> None:
    fields = [
        FieldError(f"/problems/{number}", "bad" * 999 * (number == 9) or "bad", "invalid")
        for number in range(1000)
    ]
    body = check_problem(await failing(InvalidInput(*fields)), 422, "invalid-input")
    assert body["errors"][3] == {"pointer": "/problems/3", "detail": "bad", "code": "invalid"}
    assert len(body["errors"]) == 100
    assert len(json.dumps(body)) < 20_000


async def test_unknown_paths_and_methods_answer_alike(client: httpx.AsyncClient, check_problem: Check) -> None:
    check_problem(await client.get("/nowhere"), 404, "not-found")
    check_problem(await client.get("/prolongations/"), 404, "not-found")
    answer = await client.put("/prolongations")
    check_problem(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["allow"]
