"""What a good answer contains."""

from __future__ import annotations

from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from prolong.diffusion import DistanceProblem, Distances
from prolong.errors import JobCancelled, JobFailed, UnexpectedResponse
from prolong.problem import Problem
from prolong.wire import BatchView, DistancesView, PageView, ProlongationView, Status, SweepPart

__all__ = ["batch", "comparison", "distances", "document", "finished", "page", "parts", "view"]

M = TypeVar("M", bound=BaseModel)

_DOCUMENT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def view(response: httpx.Response) -> ProlongationView:
    """One prolongation."""
    return _read(ProlongationView, response)


def batch(response: httpx.Response) -> tuple[ProlongationView, ...]:
    """The answer to a batch."""
    return _read(BatchView, response).prolongations


def comparison(response: httpx.Response) -> DistancesView:
    """One comparison of graphs."""
    return _read(DistancesView, response)


def distances(view: DistancesView, problem: DistanceProblem) -> Distances:
    """The distances of a job that has ended.

    **Raises:** `JobFailed`, `JobCancelled`.
    """
    if view.status is Status.FAILED:
        raise JobFailed(f"the distances {view.key} failed: {view.error or 'the service does not say why'}")
    if view.status is Status.CANCELLED:
        raise JobCancelled(f"the distances {view.key} were cancelled")
    found = view.distances
    if found is None or tuple(matrix.t for matrix in found.matrices) != problem.t:
        raise UnexpectedResponse(f"distances at {len(problem.t)} times were answered with others, or none")
    return found


def page(response: httpx.Response) -> PageView:
    """A page of prolongations."""
    return _read(PageView, response)


def document(response: httpx.Response) -> dict[str, Any]:
    """Any JSON object."""
    try:
        return _DOCUMENT.validate_json(response.content)
    except ValidationError as error:
        raise _unreadable(response) from error


def finished(view: ProlongationView) -> ProlongationView:
    """The view itself, of a job that is done.

    **Raises:** `JobFailed`, `JobCancelled`.
    """
    if view.status is Status.FAILED:
        raise JobFailed(f"the search for {view.key} failed: {view.error or 'the service does not say why'}")
    if view.status is Status.CANCELLED:
        raise JobCancelled(f"the search for {view.key} was cancelled")
    return view


def parts(view: ProlongationView, problem: Problem) -> tuple[SweepPart, ...]:
    """The parts of a finished sweep, one for each of its values."""
    found = view.sweep or ()
    if tuple(part.locality for part in found) != problem.localities:
        raise UnexpectedResponse(f"a sweep of {len(problem.localities)} values was answered with other values")
    return found


def _read(model: type[M], response: httpx.Response) -> M:
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        raise _unreadable(response) from error


def _unreadable(response: httpx.Response) -> UnexpectedResponse:
    where = f"{response.request.method} {response.request.url.path}"
    return UnexpectedResponse(f"the answer to {where} is not of the documented form; is PROLONG_URL right?")
