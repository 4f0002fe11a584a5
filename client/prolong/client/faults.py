"""Foreign failures as ours: the errors of httpx, and answers that report an error. One table each.

`translated` and `failure` are total: `tests/client/http/test_faults.py` walks all of httpx's errors and all
status codes.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import httpx
from pydantic import ValidationError

from prolong.errors import (
    FieldError,
    InvalidInput,
    JobFailed,
    ProlongError,
    ServiceTimeout,
    ServiceUnavailable,
    TooLarge,
    UnexpectedResponse,
    UnknownKey,
)
from prolong.wire import PROBLEM_MEDIA_TYPE, ProblemDetails

__all__ = ["FAULTS", "failure", "is_passing", "translated"]


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


_KINDS: dict[int, type[ProlongError]] = {
    HTTPStatus.NOT_FOUND: UnknownKey,
    HTTPStatus.GONE: UnknownKey,
    HTTPStatus.REQUEST_TIMEOUT: ServiceTimeout,
    HTTPStatus.CONFLICT: JobFailed,
    HTTPStatus.TOO_MANY_REQUESTS: ServiceUnavailable,
    HTTPStatus.BAD_GATEWAY: ServiceUnavailable,
    HTTPStatus.SERVICE_UNAVAILABLE: ServiceUnavailable,
    HTTPStatus.GATEWAY_TIMEOUT: ServiceTimeout,
    HTTPStatus.INSUFFICIENT_STORAGE: ServiceUnavailable,
}

_INPUT: dict[int, type[InvalidInput]] = {
    HTTPStatus.BAD_REQUEST: InvalidInput,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge,
    HTTPStatus.UNPROCESSABLE_ENTITY: InvalidInput,
}

# Only these make sense without a body that explains them: a proxy before the service may send them.
_BARE = frozenset({408, 429, 502, 503, 504})


def failure(response: httpx.Response, url: str) -> ProlongError:
    """Our error for an answer that is not what the call documents."""
    details = _details(response)
    if details is None:
        return _unexplained(response, url)
    if response.status_code in _INPUT:
        return _input_error(response.status_code, details)
    kind = _KINDS.get(response.status_code, UnexpectedResponse)
    if kind is UnexpectedResponse:
        return kind(f"the prolong service at {url} answered {response.status_code}: {details.detail}")
    return kind(details.detail)


def _details(response: httpx.Response) -> ProblemDetails | None:
    if response.headers.get("content-type", "").partition(";")[0].strip() != PROBLEM_MEDIA_TYPE:
        return None
    try:
        return ProblemDetails.model_validate_json(response.content)
    except ValidationError:
        return None


def _unexplained(response: httpx.Response, url: str) -> ProlongError:
    said = f"{url} answered {response.status_code} {response.reason_phrase}".rstrip()
    if response.status_code in _BARE:
        return _KINDS[response.status_code](said)
    if response.status_code in _INPUT:
        return _INPUT[response.status_code].at("", said, code="rejected")
    return UnexpectedResponse(f"{said}, which a prolong service would not; is PROLONG_URL right?")


def _input_error(status: int, details: ProblemDetails) -> InvalidInput:
    fields = tuple(FieldError(item.pointer, item.detail, item.code) for item in details.errors)
    only_sizes = bool(fields) and all(field.code == "too_large" for field in fields)
    kind = TooLarge if only_sizes else _INPUT[status]
    return kind(*fields) if fields else kind.at("", details.detail, code="rejected")
