"""No foreign failure is missed: all errors of httpx, all status codes, all problem types of the service."""

from __future__ import annotations

import json
from http import HTTPStatus

import httpx
import pytest

from prolong.client.faults import FAULTS, PROBLEM_TYPE, PROBLEMS, STATUSES, failure, is_passing, translated
from prolong.errors import (
    InvalidInput,
    ProlongError,
    ServiceError,
    ServiceTimeout,
    ServiceUnavailable,
    TooLarge,
    UnexpectedResponse,
)
from prolong_service.errors import KINDS

URL = "http://prolong.test"


def concrete(kind: type[Exception]) -> set[type[Exception]]:
    """The leaves of an error tree."""
    children = kind.__subclasses__()
    return set().union(*map(concrete, children)) if children else {kind}


def test_every_error_of_a_request_is_in_the_table():
    ours = {kind for kind in concrete(httpx.RequestError) if kind.__module__.startswith("httpx")}
    assert ours == set(FAULTS)


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.__name__)
def test_errors_are_translated_with_address_and_reason(kind):
    error = translated(kind("the\nreason"), URL)
    assert isinstance(error, ServiceError | InvalidInput)
    assert URL in str(error)
    assert "the reason" in str(error)
    assert kind.__name__ in str(translated(kind(""), URL))


def test_a_kind_that_httpx_adds_later_is_still_an_error_of_ours():
    class Novel(httpx.TransportError): ...

    class NovelTimeout(httpx.ReadTimeout): ...

    assert isinstance(translated(Novel("x"), URL), ServiceUnavailable)
    assert isinstance(translated(NovelTimeout("x"), URL), ServiceTimeout)


def test_only_broken_connections_are_tried_again():
    passing = {kind.__name__ for kind in FAULTS if is_passing(kind("x"))}
    assert passing == {
        "CloseError",
        "ConnectError",
        "ConnectTimeout",
        "ProxyError",
        "ReadError",
        "RemoteProtocolError",
        "WriteError",
    }


@pytest.mark.parametrize("status", [status for status in HTTPStatus if not 200 <= status < 300], ids=int)
@pytest.mark.parametrize("body", ["", "<html>", "{}"])
@pytest.mark.parametrize("content_type", ["text/html", "application/problem+json"])
def test_every_status_is_an_error_of_ours_without_explanation(status, body, content_type):
    response = httpx.Response(status, text=body, headers={"Content-Type": content_type})
    error = failure(response, URL)
    assert type(error) is STATUSES.get(status, UnexpectedResponse)
    assert URL in str(error)
    assert str(int(status)) in str(error)


@pytest.mark.parametrize("status", [404, 422, 500, 501])
def test_problems_of_other_types_are_unexpected(status):
    body = {"type": "about:blank", "title": "T", "status": status, "detail": "said so"}
    response = httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})
    error = failure(response, URL)
    assert type(error) is UnexpectedResponse
    assert "said so" in str(error)


#: What the caller of the client cannot cause or cannot act on.
UNEXPECTED = {"internal", "not-installed", "range-not-satisfiable", "unsupported-body"}


@pytest.mark.parametrize(
    "kind", {entry.name: entry for entry in KINDS.values()}.values(), ids=lambda kind: kind.name
)
def test_every_problem_type_of_the_service_has_a_meaning(kind):
    assert kind.type == PROBLEM_TYPE + kind.name
    body = {"type": kind.type, "title": "T", "status": kind.status, "detail": "the detail"}
    response = httpx.Response(
        kind.status, content=json.dumps(body), headers={"Content-Type": "application/problem+json; charset=utf-8"}
    )
    error = failure(response, URL)
    assert (kind.name in PROBLEMS) != (kind.name in UNEXPECTED)
    assert isinstance(error, PROBLEMS.get(kind.name, UnexpectedResponse))
    assert "the detail" in str(error)


def test_the_meanings_are_those_of_the_exceptions_that_the_service_raised():
    for raised, kind in KINDS.items():
        if issubclass(raised, ProlongError) and raised.__module__ == "prolong.errors" and kind.name in PROBLEMS:
            assert PROBLEMS[kind.name] is raised


def test_fields_of_too_large_input_are_kept():
    fields = [{"pointer": "/fine", "detail": "9 > 5", "code": "too_large"}]
    body = {"type": "urn:prolong:error:too-large", "title": "T", "status": 422, "detail": "D", "errors": fields}
    error = failure(httpx.Response(422, json=body, headers={"Content-Type": "application/problem+json"}), URL)
    assert isinstance(error, TooLarge)
    assert str(error) == "/fine: 9 > 5"
