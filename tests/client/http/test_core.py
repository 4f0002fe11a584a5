"""The flows alone, in a world whose time is a number."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from prolong import Problem, ServiceTimeout, ServiceUnavailable, graphs
from prolong.client import calls
from prolong.client.core import Core
from prolong.client.effects import Flow, Listen, Pause, Send, Work
from prolong.client.requests import request
from prolong.client.retries import Retries
from prolong.client.settings import Settings

PROBLEM = Problem(coarse=graphs.path(2), fine=graphs.path(3))


class World:
    """Answers effects from a service; pauses pass at once and are noted."""

    def __init__(self, service: Any) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        self._service = service
        self._http = httpx.Client(base_url="http://prolong.test", transport=httpx.MockTransport(service))

    def run(self, flow: Flow[Any]) -> Any:
        effect = next(flow)
        try:
            while True:
                try:
                    result = self._do(effect)
                except httpx.RequestError as fault:
                    effect = flow.throw(fault)
                else:
                    effect = flow.send(result)
        except StopIteration as end:
            return end.value

    def _do(self, effect: Any) -> Any:
        match effect:
            case Send(call):
                return self._http.send(request(self._http, call))
            case Listen(call, hear):
                response = self._http.send(request(self._http, call))
                any(hear(line) for line in response.iter_lines())
                return response
            case Pause(seconds):
                self.pauses.append(seconds)
                self.now += seconds
            case Work(function):
                return function()
        return None


@pytest.fixture
def world(service) -> World:
    return World(service)


def core(world: World, retries: Retries | None = None, chance: float = 0.5) -> Core:
    settings = Settings.gather(
        "http://prolong.test", timeout=None, retries=retries, cache="off", show_progress=False, environment={}
    )
    return Core(settings, clock=lambda: world.now, chance=lambda: chance)


def test_pauses_between_attempts_double(world, service):
    service.answers = [httpx.ConnectError("no")] * 4
    world.run(core(world).ask(calls.health()))
    assert world.pauses == [0.125, 0.25, 0.5, 1.0]


def test_retry_after_is_waited_for(world, service):
    service.answers = [httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(503)]
    world.run(core(world, chance=0.0).ask(calls.health()))
    assert world.pauses == [7.0, 0.0]


def test_a_service_that_asks_for_more_than_the_deadline_is_given_up_at_once(world, service):
    service.answers = [httpx.Response(503, headers={"Retry-After": "3600"})]
    with pytest.raises(ServiceUnavailable):
        world.run(core(world).ask(calls.health()))
    assert world.pauses == []


def test_retries_end_at_the_deadline(world, service):
    service.answers = [httpx.Response(503, headers={"Retry-After": "20"})] * 99
    with pytest.raises(ServiceUnavailable):
        world.run(core(world, Retries(attempts=99)).ask(calls.health()))
    assert world.now - 1000.0 <= 60.0
    assert len(world.pauses) == 2


def test_looking_at_a_job_becomes_rarer(world, service):
    service.patience = 12
    key = world.run(core(world).submit(PROBLEM)).key
    world.run(core(world).wait(key, timeout=None, on_progress=None))
    assert world.pauses == sorted(world.pauses)
    assert world.pauses[0] == 0.1
    assert world.pauses[-1] == 2.0
    assert len(world.pauses) == 11


def test_news_make_looking_frequent_again(world, service):
    service.patience = 4
    key = world.run(core(world).submit(PROBLEM)).key
    running = f"data: {service.view(key).model_dump_json()}\n\n"
    quiet, talking = httpx.Response(200, text=": only a comment\n\n"), httpx.Response(200, text=running)
    service.answers = [service.routed, quiet, service.routed, talking, service.routed, quiet]
    world.run(core(world).wait(key, timeout=None, on_progress=None))
    assert world.pauses == [0.1, 0.1]


def test_waiting_never_sleeps_past_its_end(world, service):
    service.patience = 10_000
    key = world.run(core(world).submit(PROBLEM)).key
    with pytest.raises(ServiceTimeout, match="still running after 5 seconds"):
        world.run(core(world).wait(key, timeout=5.0, on_progress=None))
    assert world.now == pytest.approx(1005.0)


def test_a_service_that_goes_away_is_waited_for_as_long_as_the_patience_lasts(world, service):
    service.patience = 10_000
    key = world.run(core(world).submit(PROBLEM)).key
    service.answers = [service.routed, *[httpx.ConnectError("gone")] * 10_000]
    with pytest.raises(ServiceUnavailable):
        world.run(core(world).wait(key, timeout=None, on_progress=None))
    assert 1060.0 <= world.now <= 1070.0


def test_a_service_that_never_answered_is_given_up_soon(world, service):
    service.answers = [httpx.ConnectError("gone")] * 10_000
    with pytest.raises(ServiceUnavailable):
        world.run(core(world).wait(PROBLEM.key, timeout=None, on_progress=None))
    assert world.now <= 1005.0


def test_after_a_submission_the_service_is_known(world, service):
    service.patience = 2
    service.answers = [service.routed, *[httpx.ConnectError("gone")] * 20]
    assert world.run(core(world).prolongation(PROBLEM, timeout=None, on_progress=None)).shape == (3, 2)
