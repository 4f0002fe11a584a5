"""Every way in which a request can fail: one table, one body (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from redis import exceptions as redis_errors
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from prolong.errors import (
    CorruptOperator,
    InvalidInput,
    JobCancelled,
    JobFailed,
    MissingExtra,
    ProlongError,
    ServiceUnavailable,
    TooLarge,
    UnknownKey,
)
from prolong.wire import PROBLEM_MEDIA_TYPE, FieldProblem, ProblemDetails
from prolong_worker.store import OperatorNotFound

__all__ = [
    "KINDS",
    "UNAVAILABLE",
    "BodyTooLarge",
    "ErrorKind",
    "MalformedBody",
    "NotFinished",
    "RangeNotSatisfiable",
    "SeveralOperators",
    "UnsupportedBody",
    "install",
    "kind_of",
    "problem_response",
]

_MAX_FIELDS = 100
_MAX_TEXT = 1000

_log = logging.getLogger(__name__)


class MalformedBody(ProlongError):
    """The body is not JSON."""


class BodyTooLarge(ProlongError):
    """The body is over the limit; no more of it is read."""


class UnsupportedBody(ProlongError):
    """The body is of a media type or content coding that the service does not read."""


class RangeNotSatisfiable(ProlongError):
    """The range starts behind the end of the `nbytes` that there are."""

    def __init__(self, nbytes: int) -> None:
        super().__init__(f"the range starts behind the end; there are {nbytes} bytes")
        self.nbytes = nbytes


class NotFinished(ProlongError):
    """The operator is not there yet."""


class SeveralOperators(ProlongError):
    """One operator is asked for where a sweep has several."""


@dataclass(frozen=True)
class ErrorKind:
    """How a kind of error is told: the HTTP `status`, the stable `name` inside the type URI, the `title`.

    `retry_after_seconds` is set where the same request may succeed later.
    """

    status: int
    name: str
    title: str
    retry_after_seconds: int | None = None

    @property
    def type(self) -> str:
        """The type URI."""
        return f"urn:prolong:error:{self.name}"


UNAVAILABLE = ErrorKind(503, "unavailable", "The service cannot reach its store", 2)
_NOT_FINISHED = ErrorKind(409, "not-finished", "The operator is not there yet", 1)
_MALFORMED = ErrorKind(400, "malformed-body", "The body is not JSON")
_INVALID = ErrorKind(422, "invalid-input", "The input cannot be used")
_INTERNAL = ErrorKind(500, "internal", "The service failed")

#: The closed table. The nearest class in an exception's ancestry decides.
KINDS: Mapping[type[Exception], ErrorKind] = {
    MalformedBody: _MALFORMED,
    ClientDisconnect: _MALFORMED,
    UnknownKey: ErrorKind(404, "unknown-key", "Nothing is held under this key"),
    NotFinished: _NOT_FINISHED,
    OperatorNotFound: _NOT_FINISHED,
    SeveralOperators: ErrorKind(409, "several-operators", "A sweep has several operators"),
    JobFailed: ErrorKind(409, "job-failed", "The job failed"),
    JobCancelled: ErrorKind(409, "job-cancelled", "The job was cancelled"),
    BodyTooLarge: ErrorKind(413, "body-too-large", "The body is too large"),
    UnsupportedBody: ErrorKind(415, "unsupported-body", "The body is of another kind"),
    RangeNotSatisfiable: ErrorKind(416, "range-not-satisfiable", "The range lies outside"),
    InvalidInput: _INVALID,
    RequestValidationError: _INVALID,
    TooLarge: ErrorKind(422, "too-large", "The problem is over a limit"),
    CorruptOperator: ErrorKind(500, "corrupt-operator", "The stored operator cannot be read"),
    MissingExtra: ErrorKind(501, "not-installed", "A part of prolong is not installed"),
    ServiceUnavailable: UNAVAILABLE,
    redis_errors.ConnectionError: UNAVAILABLE,
    redis_errors.TimeoutError: UNAVAILABLE,
    redis_errors.OutOfMemoryError: ErrorKind(503, "store-full", "The store is full", 30),
    redis_errors.ReadOnlyError: UNAVAILABLE,
    Exception: _INTERNAL,
}


def kind_of(error: Exception) -> ErrorKind:
    """How `error` is told."""
    return next(KINDS[kind] for kind in type(error).__mro__ if kind in KINDS)


def problem_response(
    kind: ErrorKind,
    detail: str,
    *,
    instance: str,
    errors: tuple[FieldProblem, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The problem+json answer."""
    body = ProblemDetails(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=instance,
        errors=errors,
    )
    retry = {} if kind.retry_after_seconds is None else {"Retry-After": str(kind.retry_after_seconds)}
    return Response(
        body.model_dump_json(),
        status_code=kind.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers={**retry, "Cache-Control": "no-store", **(headers or {})},
    )


def install(app: FastAPI) -> None:
    """Make `app` answer every error by the table."""
    app.add_exception_handler(HTTPException, _http_error)
    for error in KINDS:
        app.add_exception_handler(error, _error)


async def _error(request: Request, error: Exception) -> Response:
    kind, headers = kind_of(error), {}
    if isinstance(error, RangeNotSatisfiable):
        headers = {"Content-Range": f"bytes */{error.nbytes}"}
    if kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        _log.warning("%s %s: %s", request.method, request.url.path, error)
    return problem_response(
        kind, _detail(error, kind), instance=request.url.path, errors=_fields(error), headers=headers
    )


async def _http_error(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown paths, wrong methods."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    phrase = HTTPStatus(error.status_code).phrase
    kind = ErrorKind(error.status_code, phrase.lower().replace(" ", "-"), phrase)
    detail = f"{request.method} {request.url.path} is not offered here; see /docs for what is"
    return problem_response(kind, detail, instance=request.url.path, headers=error.headers)


def _detail(error: Exception, kind: ErrorKind) -> str:
    """A sentence for the caller. Foreign messages may hold addresses and passwords, so they stay in the log."""
    fields = _fields(error)
    if fields:
        told = "; ".join(f"{field.pointer}: {field.detail}".removeprefix(": ") for field in fields[:3])
        return told if len(fields) <= 3 else f"{told}; and more"
    if isinstance(error, ProlongError) and kind is not _INTERNAL:
        return str(error)
    if kind is _INTERNAL:
        return "an unexpected error stopped the request; the service's log tells more"
    return f"{kind.title.lower()}; try again in {kind.retry_after_seconds} s"


def _fields(error: Exception) -> tuple[FieldProblem, ...]:
    """The fields at fault, bounded: a caller may make millions of mistakes, and names as long as a body."""
    if isinstance(error, InvalidInput):
        found = [(item.pointer, item.detail, item.code) for item in error.errors[:_MAX_FIELDS]]
    elif isinstance(error, RequestValidationError):
        found = [
            ("".join(f"/{part}" for part in item["loc"]), item["msg"], item["type"])
            for item in error.errors()[:_MAX_FIELDS]
        ]
    else:
        return ()
    return tuple(
        FieldProblem(pointer=pointer[:_MAX_TEXT], detail=detail[:_MAX_TEXT], code=code)
        for pointer, detail, code in found
    )
