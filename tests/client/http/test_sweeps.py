"""Sweeps through both clients."""

from __future__ import annotations

import httpx
import pytest

from prolong import InvalidInput, JobFailed, Problem, UnexpectedResponse, graphs
from prolong.wire import ProlongationView, Status

SWEEP = Problem(coarse=graphs.path(2), fine=graphs.path(3), locality=(0.0, 0.5, 1.0))


def test_one_job_brings_the_operators_of_all_values(client, service):
    service.patience = 2
    seen: list[ProlongationView] = []
    operators = client.sweep(SWEEP, on_progress=seen.append)
    assert [operator.shape for operator in operators] == [(3, 2)] * 3
    assert service.log.count("POST /prolongations") == 1
    assert service.log.count("GET /prolongations/operator") == 3
    assert Status.RUNNING in [view.status for view in seen]


def test_what_is_kept_is_not_fetched_again(client, service):
    client.prolongation(SWEEP.at(0.5))
    service.requests.clear()
    client.sweep(SWEEP)
    assert service.log.count("GET /prolongations/operator") == 2
    service.requests.clear()
    assert len(client.sweep(SWEEP)) == 3
    assert client.prolongation(SWEEP.at(1.0)).shape == (3, 2)
    assert service.log == []


def test_a_part_forgotten_meanwhile_is_asked_for_alone(client, service):
    forgotten = SWEEP.at(0.5).key

    def post(request: httpx.Request) -> httpx.Response:
        answer = service.routed(request)
        del service.operators[forgotten]
        return answer

    service.answers.append(post)
    assert [operator.shape for operator in client.sweep(SWEEP)] == [(3, 2)] * 3
    assert service.log.count("POST /prolongations") == 2
    assert forgotten in service.operators


def test_a_sweep_that_fails_says_why(client, service):
    service.end = Status.FAILED
    with pytest.raises(JobFailed, match="hit a wall"):
        client.sweep(SWEEP)


def test_other_values_than_those_asked_for_are_refused(client, service):
    service.answers.append(service.json(200, ProlongationView(key=SWEEP.key, status=Status.DONE, sweep=())))
    with pytest.raises(UnexpectedResponse, match="a sweep of 3 values"):
        client.sweep(SWEEP)


def test_a_single_problem_is_a_sweep_of_one_operator(client):
    assert [operator.shape for operator in client.sweep(SWEEP.at(0.5))] == [(3, 2)]


@pytest.mark.parametrize("ask", ["prolongation", "prolongations"])
def test_one_operator_is_not_asked_of_a_sweep(client, service, ask):
    argument = SWEEP if ask == "prolongation" else [SWEEP.at(0.5), SWEEP]
    with pytest.raises(InvalidInput, match=r"/locality: is a sweep of 3 operators .* use 'sweep'"):
        getattr(client, ask)(argument)
    assert service.log == []


def test_a_sweep_is_looked_at_but_not_fetched_as_one_operator(client, service):
    view = client.submit(SWEEP)
    assert [part.key for part in client.get(view.key).sweep] == [part.key for part in SWEEP.parts]
    with pytest.raises(InvalidInput, match="is a sweep of 3 operators: its view names the key of each"):
        client.fetch(SWEEP.key)
    assert client.fetch(SWEEP.at(0.5).key).shape == (3, 2)
