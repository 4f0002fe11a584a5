"""The requests of the HTTP interface, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prolong.client.effects import Call
from prolong.diffusion import DistanceProblem
from prolong.formats import MEDIA_TYPE
from prolong.problem import Problem

__all__ = [
    "cancel",
    "compare",
    "comparison",
    "events",
    "get",
    "health",
    "operator",
    "page",
    "submit",
    "submit_many",
]

_JSON = {"Accept": "application/json", "Content-Type": "application/json"}

_PART_PROBLEMS = 200
_PART_CHARACTERS = 8 * 2**20


def submit(problem: Problem, *, wait_seconds: float = 0.0) -> Call:
    """Ask for an operator; the service may hold its answer back until it is found, up to `wait_seconds`."""
    content = problem.model_dump_json().encode()
    seconds = int(wait_seconds)
    headers = _JSON | _wait(seconds)
    return Call("POST", "/prolongations", headers=headers, content=content, held_seconds=float(seconds))


def submit_many(problems: Sequence[Problem]) -> Iterator[Call]:
    """Ask for several operators, in one request or, so that none is over a service's limits, in a few."""
    part: list[str] = []
    for problem in problems:
        document = problem.model_dump_json()
        if part and (len(part) == _PART_PROBLEMS or sum(map(len, part)) + len(document) > _PART_CHARACTERS):
            yield _batch(part)
            part = []
        part.append(document)
    if part:
        yield _batch(part)


def _batch(documents: Sequence[str]) -> Call:
    content = f'{{"problems":[{",".join(documents)}]}}'.encode()
    return Call("POST", "/prolongations", headers=_JSON, content=content)


def compare(problem: DistanceProblem, *, wait_seconds: int) -> Call:
    """Ask for distances; the service may hold its answer back until they are found, up to `wait_seconds`."""
    content = problem.model_dump_json().encode()
    headers = _JSON | _wait(wait_seconds)
    return Call("POST", "/distances", headers=headers, content=content, held_seconds=float(wait_seconds))


def comparison(key: str, *, wait_seconds: int) -> Call:
    """Look at distances; the service may hold its answer back likewise."""
    headers = {"Accept": "application/json"} | _wait(wait_seconds)
    return Call("GET", f"/distances/{key}", headers=headers, held_seconds=float(wait_seconds))


def _wait(seconds: int) -> dict[str, str]:
    return {"Prefer": f"wait={seconds}"} if seconds else {}


def get(key: str) -> Call:
    """Look at one prolongation."""
    return Call("GET", f"/prolongations/{key}", headers={"Accept": "application/json"})


def page(filters: Mapping[str, str | int | None], cursor: str | None) -> Call:
    """A page of prolongations, newest first; filters that are None are left out."""
    given = {name: str(value) for name, value in {**filters, "cursor": cursor}.items() if value is not None}
    return Call("GET", "/prolongations", params=given, headers={"Accept": "application/json"})


def operator(key: str) -> Call:
    """The operator's bytes."""
    return Call("GET", f"/prolongations/{key}/operator", headers={"Accept": f"{MEDIA_TYPE}, */*;q=0.1"})


def events(key: str, *, after: str | None, read_seconds: float) -> Call:
    """The stream of a search's progress, from its beginning or after an event that was heard before."""
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    headers |= {} if after is None else {"Last-Event-ID": after}
    return Call("GET", f"/prolongations/{key}/events", headers=headers, read_seconds=read_seconds)


def cancel(key: str) -> Call:
    """Cancel a queued or running job, or forget a finished one."""
    return Call("DELETE", f"/prolongations/{key}")


def health() -> Call:
    """Whether the service and all that it needs are there."""
    return Call("GET", "/health/ready", headers={"Accept": "application/json"})
