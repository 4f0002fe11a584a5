"""From a request's bytes to valid problems, with every limit checked before anything grows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request
from pydantic_core import from_json

from prolong.diffusion import MAX_GRAPHS, DistanceProblem
from prolong.errors import FieldError, InvalidInput, TooLarge
from prolong.problem import Problem
from prolong_service.errors import BodyTooLarge, MalformedBody, UnsupportedBody
from prolong_service.settings import ServiceSettings

__all__ = ["Submission", "parse_comparison", "parse_submission", "read_body"]

_MAX_FAULTS = 20
_MAX_NAMES = 64


@dataclass(frozen=True)
class Submission:
    """The problems of one request, and whether they came as a batch."""

    problems: tuple[Problem, ...]
    is_batch: bool


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The whole body, at most `max_bytes`, counted while it is read: the declared length may lie.

    **Raises:** `UnsupportedBody`, `BodyTooLarge`.
    """
    _check_kind(request)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


def parse_submission(body: bytes, settings: ServiceSettings) -> Submission:
    """The problem of `body`, or the batch of problems under its `problems`.

    **Raises:** `MalformedBody` where it is not JSON; `InvalidInput` naming every field at fault, those of a
    batch below `/problems/<number>`; `TooLarge` over a limit.
    """
    document = _object(body, "a problem, or a list under 'problems'")
    if "problems" in document:
        return Submission(_batch(document, settings), is_batch=True)
    return Submission((_parsed(document, settings),), is_batch=False)


def parse_comparison(body: bytes, settings: ServiceSettings) -> DistanceProblem:
    """The graphs of `body` whose distances are asked for.

    **Raises:** as `parse_submission`.
    """
    document = _object(body, "a list under 'graphs'")
    _check_width(document, "")
    graphs = document.get("graphs")
    for number, graph in enumerate(graphs[:MAX_GRAPHS] if isinstance(graphs, list) else ()):
        _check_width(graph, f"/graphs/{number}")
    return DistanceProblem.parse(document, limits=settings.limits)


def _object(body: bytes, content: str) -> dict[str, Any]:
    try:
        document = from_json(body)
    except ValueError as error:
        raise MalformedBody(f"the body cannot be read as JSON: {error}") from None
    if not isinstance(document, dict):
        raise InvalidInput.at("", f"the body must be a JSON object: {content}")
    return document


def _check_kind(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        named = f"not {media_type!r}" if media_type else "but none is given"
        raise UnsupportedBody(f"the Content-Type must be 'application/json', {named}")
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        raise UnsupportedBody(f"the Content-Encoding {coding!r} is not read; send the body as it is")


def _too_large(max_bytes: int) -> BodyTooLarge:
    return BodyTooLarge(f"the body is larger than {max_bytes} bytes, the limit of this service")


def _batch(document: dict[str, Any], settings: ServiceSettings) -> tuple[Problem, ...]:
    items = document["problems"]
    others = sorted(set(document) - {"problems"})
    if others:
        raise InvalidInput.at(_pointer(others[0]), "unknown field beside 'problems'", code="extra_forbidden")
    if not isinstance(items, list) or not items:
        raise InvalidInput.at("/problems", "must be a list of at least one problem")
    if len(items) > settings.max_batch:
        detail = f"the batch has {len(items)} problems; the limit is {settings.max_batch}"
        raise TooLarge(FieldError(pointer="/problems", detail=detail, code="too_large"))
    return _parsed_items(items, settings)


def _parsed_items(items: list[Any], settings: ServiceSettings) -> tuple[Problem, ...]:
    problems: list[Problem] = []
    faults: dict[int, InvalidInput] = {}
    n_edges = 0
    for number, item in enumerate(items):
        try:
            problem = _parsed(item, settings)
        except InvalidInput as error:
            faults[number] = error
            if len(faults) == _MAX_FAULTS:
                break
            continue
        problems.append(problem)
        # Each problem builds its graphs when it is checked: the sum bounds the work of the whole batch.
        n_edges += problem.coarse.edge_bound + problem.fine.edge_bound
        if n_edges > 2 * settings.max_edges:
            detail = (
                f"the graphs up to here have {n_edges} edges; the limit of a batch is {2 * settings.max_edges}"
            )
            raise TooLarge(FieldError(pointer=f"/problems/{number}", detail=detail, code="too_large"))
    if faults:
        raise _together(faults)
    return tuple(problems)


def _parsed(item: Any, settings: ServiceSettings) -> Problem:
    if not isinstance(item, dict):
        raise InvalidInput.at("", "must be a JSON object", code="dict_type")
    _check_width(item, "")
    return Problem.parse(item, limits=settings.limits)


def _check_width(item: Any, pointer: str) -> None:
    """Refuse objects of absurdly many fields: each unknown one would become a far larger error."""
    if not isinstance(item, dict):
        return
    if len(item) > _MAX_NAMES:
        raise InvalidInput.at(pointer, f"has {len(item)} fields; no object here has more than {_MAX_NAMES}")
    for name in ("coarse", "fine"):
        _check_width(item.get(name), f"{pointer}/{name}")
    factors = item.get("factors")
    for number, factor in enumerate(factors if isinstance(factors, list) else ()):
        _check_width(factor, f"{pointer}/factors/{number}")


def _together(faults: dict[int, InvalidInput]) -> InvalidInput:
    """The faults of several problems of a batch as one error, each named by its place in the batch."""
    kind = TooLarge if all(isinstance(fault, TooLarge) for fault in faults.values()) else InvalidInput
    return kind(
        *(
            replace(field, pointer=f"/problems/{number}{field.pointer}")
            for number, fault in faults.items()
            for field in fault.errors
        )
    )


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")
