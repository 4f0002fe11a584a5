"""Foreign failures as ours: the errors of httpx, and answers that report an error. One table each border.

`translated` and `failure` are total: `tests/client/http/test_faults.py` walks all of httpx's errors and all
status codes.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import httpx
from pydantic import ValidationError

from prolong.errors import (
    CorruptOperator,
    FieldError,
    InvalidInput,
    JobCancelled,
    JobFailed,
    ProlongError,
    ServiceTimeout,
    ServiceUnavailable,
    TooLarge,
    UnexpectedResponse,
    UnknownKey,
)
from prolong.wire import PROBLEM_MEDIA_TYPE, ProblemDetails

__all__ = ["FAULTS", "PROBLEMS", "PROBLEM_TYPE", "STATUSES", "failure", "is_passing", "translated"]

#: What the type URIs of the service's problems start with.
PROBLEM_TYPE = "urn:prolong:error:"


def _unreachable(url: str, fault: httpx.RequestError) -> ProlongError:
    return ServiceUnavailable(
        f"no prolong service answers at {url} ({_reason(fault)}); "
        "start one with 'prolong up', or name another with PROLONG_URL"
    )


def _broken(url: str, fault: httpx.RequestError) -> ProlongError:
    return ServiceUnavailable(f"the connection to the prolong service at {url} broke ({_reason(fault)})")


def _silent(url: str, fault: httpx.RequestError) -> ProlongError:
    return ServiceTimeout(f"the prolong service at {url} did not answer in time ({_reason(fault)})")


def _foreign(url: str, fault: httpx.RequestError) -> ProlongError:
    return UnexpectedResponse(f"what answers at {url} is no prolong service ({_reason(fault)})")


def _misnamed(url: str, fault: httpx.RequestError) -> ProlongError:
    return InvalidInput.at("", f"requests cannot be sent to {url} ({_reason(fault)})", code="bad_url")


#: What each of httpx's errors means to the caller.
FAULTS: dict[type[httpx.RequestError], Callable[[str, httpx.RequestError], ProlongError]] = {
    httpx.CloseError: _broken,
    httpx.ConnectError: _unreachable,
    httpx.ConnectTimeout: _unreachable,
    httpx.DecodingError: _foreign,
    httpx.LocalProtocolError: _misnamed,
    httpx.PoolTimeout: _silent,
    httpx.ProxyError: _unreachable,
    httpx.ReadError: _broken,
    httpx.ReadTimeout: _silent,
    httpx.RemoteProtocolError: _broken,
    httpx.TooManyRedirects: _foreign,
    httpx.UnsupportedProtocol: _misnamed,
    httpx.WriteError: _broken,
    httpx.WriteTimeout: _silent,
}


def translated(fault: httpx.RequestError, url: str) -> ProlongError:
    """Our error for an exchange with `url` that gave no answer."""
    home = next((kind for kind in type(fault).__mro__ if kind in FAULTS), httpx.ReadError)
    return FAULTS[home](url, fault)


def is_passing(fault: httpx.RequestError) -> bool:
    """Whether asking again may help: the connection failed. A service that is silent is not asked twice."""
    return isinstance(
        fault, httpx.NetworkError | httpx.ConnectTimeout | httpx.ProxyError | httpx.RemoteProtocolError
    )


def _reason(fault: httpx.RequestError) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__


#: What each type of problem (RFC 9457) that the service documents means, by the last part of its URI.
PROBLEMS: dict[str, type[ProlongError]] = {
    "body-too-large": TooLarge,
    "corrupt-operator": CorruptOperator,
    "invalid-input": InvalidInput,
    "job-cancelled": JobCancelled,
    "job-failed": JobFailed,
    "malformed-body": InvalidInput,
    "not-finished": ServiceUnavailable,
    "several-operators": InvalidInput,
    "store-full": ServiceUnavailable,
    "too-large": TooLarge,
    "unavailable": ServiceUnavailable,
    "unknown-key": UnknownKey,
}

#: What a status means by itself: a proxy before the service may have sent it. Others are unexpected.
STATUSES: dict[int, type[ProlongError]] = {
    HTTPStatus.REQUEST_TIMEOUT: ServiceTimeout,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge,
    HTTPStatus.TOO_MANY_REQUESTS: ServiceUnavailable,
    HTTPStatus.BAD_GATEWAY: ServiceUnavailable,
    HTTPStatus.SERVICE_UNAVAILABLE: ServiceUnavailable,
    HTTPStatus.GATEWAY_TIMEOUT: ServiceTimeout,
}


def failure(response: httpx.Response, url: str) -> ProlongError:
    """Our error for an answer that is not what the call documents."""
    details, status = _details(response), response.status_code
    named = None if details is None else PROBLEMS.get(details.type.removeprefix(PROBLEM_TYPE))
    kind = named or STATUSES.get(status, UnexpectedResponse)
    if details is None:
        said = f"{url} answered {status} {response.reason_phrase}".rstrip()
        wrong = kind is UnexpectedResponse
        detail = f"{said}, which a prolong service would explain; is PROLONG_URL right?" if wrong else said
    else:
        detail = details.detail if named else f"{url} answered {status}: {details.detail}"
    return _input_error(kind, detail, details) if issubclass(kind, InvalidInput) else kind(detail)


def _details(response: httpx.Response) -> ProblemDetails | None:
    if response.headers.get("content-type", "").partition(";")[0].strip() != PROBLEM_MEDIA_TYPE:
        return None
    try:
        return ProblemDetails.model_validate_json(response.content)
    except ValidationError:
        return None


def _input_error(kind: type[InvalidInput], detail: str, details: ProblemDetails | None) -> InvalidInput:
    fields = tuple(FieldError(item.pointer, item.detail, item.code) for item in details.errors) if details else ()
    return kind(*fields) if fields else kind.at("", detail, code="rejected")
