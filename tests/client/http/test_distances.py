"""Distances through both clients: one job, waited for."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from prolong import DistanceProblem, JobCancelled, JobFailed, ServiceTimeout, UnexpectedResponse, distances, graphs
from prolong.wire import DistancesView, Status

PROBLEM = DistanceProblem(graphs=(graphs.path(3), graphs.star(5)), t=[0.5, None])
FOUND = distances(PROBLEM)


class Service:
    """Answers with the given statuses, one after the other, the last one for ever."""

    def __init__(self, *statuses: Status, found: Any = FOUND, error: str | None = None) -> None:
        self.statuses = list(statuses)
        self.found = found
        self.error = error
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        found = self.found if status is Status.DONE else None
        view = DistancesView(key=PROBLEM.key, status=status, distances=found, error=self.error)
        return httpx.Response(200, content=view.model_dump_json(), headers={"Content-Type": "application/json"})


def client_of(make: Any, service: Service) -> Any:
    return make(url="http://prolong.test", transport=httpx.MockTransport(service))


def test_they_are_asked_for_and_waited_for(make: Any) -> None:
    service = Service(Status.QUEUED, Status.RUNNING, Status.DONE)
    assert client_of(make, service).distances(PROBLEM) == FOUND
    post, *looks = service.asked
    assert (post.method, post.url.path) == ("POST", "/distances")
    assert DistanceProblem.parse(json.loads(post.content)) == PROBLEM
    assert [(look.method, look.url.path) for look in looks] == [("GET", f"/distances/{PROBLEM.key}")] * 2
    assert {request.headers["prefer"] for request in service.asked} == {"wait=20"}


def test_a_held_answer_needs_no_second_look(make: Any) -> None:
    service = Service(Status.DONE)
    assert client_of(make, service).distances(PROBLEM) == FOUND
    assert len(service.asked) == 1


@pytest.mark.parametrize(("status", "error"), [(Status.FAILED, JobFailed), (Status.CANCELLED, JobCancelled)])
def test_a_bad_end_is_an_error(make: Any, status: Status, error: type[Exception]) -> None:
    with pytest.raises(error):
        client_of(make, Service(Status.RUNNING, status)).distances(PROBLEM)


def test_the_reason_of_a_failure_is_told(make: Any) -> None:
    with pytest.raises(JobFailed, match="out of luck"):
        client_of(make, Service(Status.FAILED, error="out of luck")).distances(PROBLEM)


def test_patience_ends(make: Any) -> None:
    service = Service(Status.QUEUED)
    with pytest.raises(ServiceTimeout, match="still queued"):
        client_of(make, service).distances(PROBLEM, timeout=0.3)
    assert {request.headers.get("prefer", "none") for request in service.asked} <= {"wait=1", "none"}


@pytest.mark.parametrize("found", [None, FOUND.model_copy(update={"matrices": FOUND.matrices[:1]})])
def test_other_answers_are_refused(make: Any, found: Any) -> None:
    with pytest.raises(UnexpectedResponse):
        client_of(make, Service(Status.DONE, found=found)).distances(PROBLEM)
