"""Both clients against the same service behind a transport: what they ask, what they return, what they raise."""

from __future__ import annotations

import json

import httpx
import numpy as np
import pytest

from prolong import (
    CorruptOperator,
    InvalidInput,
    JobCancelled,
    JobFailed,
    Problem,
    ServiceTimeout,
    ServiceUnavailable,
    TooLarge,
    UnexpectedResponse,
    UnknownKey,
    formats,
    graphs,
)
from prolong.client import Retries
from prolong.wire import ProlongationView, Status

UNKNOWN = "0" * 64


def problem(n: int = 2) -> Problem:
    return Problem(coarse=graphs.path(n), fine=graphs.path(n + 1), locality=0.5)


def test_prolongation_is_submitted_and_fetched(client, service):
    operator = client.prolongation(problem())
    assert np.array_equal(operator.to_dense(), np.eye(3, 2))
    assert operator.certificate.objective == 1.5
    assert service.log == ["POST /prolongations", "GET /prolongations/operator"]


def test_a_kept_operator_needs_no_network(client, make, service):
    first = client.prolongation(problem())

    def refuse(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"asked for {request.url}")

    other = make(url="http://nowhere.test", transport=httpx.MockTransport(refuse))
    again = other.prolongation(problem())
    assert formats.to_bytes(again) == formats.to_bytes(first)
    assert formats.to_bytes(other.fetch(problem().key)) == formats.to_bytes(first)
    assert len(other.prolongations([problem(), problem()])) == 2


def test_a_long_search_is_watched_by_looking(client, service):
    service.patience = 2
    seen: list[ProlongationView] = []
    client.prolongation(problem(), on_progress=seen.append)
    assert [view.status for view in seen] == [Status.RUNNING, Status.RUNNING, Status.DONE]
    assert seen[1].progress.iteration == 2
    assert service.log.count("GET /prolongations/events") == 1, "a service without events is asked for them once"


def test_a_long_search_is_watched_by_its_events(client, service):
    service.patience, service.streams = 5, True
    seen: list[ProlongationView] = []
    client.prolongation(problem(), on_progress=seen.append)
    assert service.log == [
        "POST /prolongations",
        "GET /prolongations",
        "GET /prolongations/events",
        "GET /prolongations",
        "GET /prolongations/operator",
    ]
    assert [view.status for view in seen] == ["running", "running", "running", "done", "done"]


def test_the_first_request_asks_to_be_held_back_for_quick_searches(client, service):
    client.prolongation(problem())
    client.submit(problem())
    client.submit(problem(), wait_seconds=20)
    asked = [request.headers.get("prefer") for request in service.requests if request.method == "POST"]
    assert asked == ["wait=1", None, "wait=20"]
    held = service.requests[-1].extensions["timeout"]["read"]
    assert held == 80.0, "the time for which the answer is held back comes on top of the bearable silence"


def test_prolongations_are_one_request_and_equal_problems_one_job(client, service):
    wanted = [problem(3), problem(2), problem(3)]
    service.patience = 1
    operators = client.prolongations(wanted)
    assert [operator.shape for operator in operators] == [(4, 3), (3, 2), (4, 3)]
    assert service.log.count("POST /prolongations") == 1
    assert service.log.count("GET /prolongations/operator") == 2


def test_only_missing_prolongations_are_asked_for(client, service):
    client.prolongation(problem(2))
    service.requests.clear()
    client.prolongations([problem(2), problem(3)])
    assert len(service.requests) == 2
    assert [Problem.parse(item) for item in json.loads(service.requests[0].content)["problems"]] == [problem(3)]


def test_no_problems_are_no_request(client, service):
    assert client.prolongations([]) == []
    assert client.submit_many([]) == []
    assert not service.requests


def test_large_batches_are_sent_in_parts(client, service):
    problems = [problem(2 + number % 5) for number in range(450)]
    views = client.submit_many(problems)
    assert [view.key for view in views] == [item.key for item in problems]
    assert service.log == ["POST /prolongations"] * 3


def test_list_goes_through_the_pages(client, service):
    keys = [client.submit(problem(n)).key for n in range(2, 7)]
    listed = list(client.list_prolongations(status=Status.DONE, kind="path", page_size=2))
    assert [view.key for view in listed] == keys[::-1]
    pages = [dict(request.url.params) for request in service.requests if request.method == "GET"]
    assert pages[0] == {"status": "done", "kind": "path", "limit": "2"}
    assert [page.get("cursor") for page in pages] == [None, "2", "4"]


def test_cancel_tells_a_cancelled_job_from_a_forgotten_one(client, service):
    service.patience = 1
    key = client.submit(problem()).key
    assert client.cancel(key).status is Status.CANCELLED
    service.patience = 0
    assert client.cancel(key) is None


def test_health_is_the_service_s_own_report(client, service):
    assert client.health() == {"status": "ready"}


def test_health_is_asked_once(client, service):
    service.answers = [problem_json(503, "unavailable", "redis is not there")] * 2
    with pytest.raises(ServiceUnavailable, match="redis is not there"):
        client.health()
    assert len(service.requests) == 1


@pytest.mark.parametrize(("end", "error"), [(Status.FAILED, JobFailed), (Status.CANCELLED, JobCancelled)])
@pytest.mark.parametrize("patience", [0, 1])
def test_ends_without_an_operator_are_raised(client, service, end, error, patience):
    service.end, service.patience = end, patience
    with pytest.raises(error, match=problem().key):
        client.prolongation(problem())
    with pytest.raises(error):
        client.wait(problem().key)
    with pytest.raises(error):
        client.prolongations([problem()])


def test_a_failure_says_why(client, service):
    service.end = Status.FAILED
    with pytest.raises(JobFailed, match="the solver hit a wall"):
        client.prolongation(problem())


def test_waiting_ends_with_the_time(client, service):
    service.patience = 10_000
    with pytest.raises(ServiceTimeout, match=r"still running after 0\.3 seconds"):
        client.prolongation(problem(), timeout=0.3)


def test_a_wait_of_no_time_looks_once(client, service):
    service.patience = 10_000
    key = client.submit(problem()).key
    with pytest.raises(ServiceTimeout):
        client.wait(key, timeout=0)
    assert service.log == ["POST /prolongations", "GET /prolongations"]


@pytest.mark.parametrize("method", ["get", "wait", "fetch", "cancel"])
def test_unknown_keys_are_told(client, method):
    with pytest.raises(UnknownKey, match=f"nothing is held under {UNKNOWN}"):
        getattr(client, method)(UNKNOWN)


@pytest.mark.parametrize("method", ["get", "fetch", "cancel"])
@pytest.mark.parametrize("key", ["", "12", "../../health/live", "A" * 64, "0" * 65, "0" * 64 + "\n"])
def test_what_is_no_key_is_not_asked_for(client, service, method, key):
    with pytest.raises(InvalidInput, match="is no key"):
        getattr(client, method)(key)
    assert not service.requests


def problem_json(status: int, name: str, detail: str, **more: object) -> httpx.Response:
    body = {"type": f"urn:prolong:error:{name}", "title": "T", "status": status, "detail": detail, **more}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("cut"),
        httpx.Response(429),
        httpx.Response(502, text="<html>"),
        httpx.Response(504),
        problem_json(503, "unavailable", "away"),
    ],
    ids=lambda trouble: getattr(trouble, "status_code", type(trouble).__name__),
)
def test_passing_troubles_are_outlived(client, service, trouble):
    service.answers = [trouble, trouble, trouble]
    assert client.prolongation(problem()).shape == (3, 2)
    assert service.log[:4] == ["POST /prolongations"] * 4


@pytest.mark.parametrize(
    "trouble",
    [httpx.ReadTimeout("silent"), httpx.Response(500), problem_json(422, "invalid-input", "no")],
    ids=["silence", "500", "422"],
)
def test_lasting_troubles_are_not_asked_again(client, service, trouble):
    service.answers = [trouble]
    with pytest.raises((ServiceTimeout, UnexpectedResponse, InvalidInput)):
        client.submit(problem())
    assert len(service.requests) == 1


def test_retries_end(client, service):
    service.answers = [httpx.ConnectError("[Errno 111] Connection refused")] * 9
    with pytest.raises(ServiceUnavailable) as caught:
        client.submit(problem())
    assert len(service.requests) == 5
    assert "http://prolong.test" in str(caught.value)
    assert "prolong up" in str(caught.value)
    assert isinstance(caught.value.__cause__, httpx.ConnectError)


def test_bad_input_names_its_fields(client, service):
    fields = [{"pointer": "/coarse/n", "detail": "too small", "code": "ge"}]
    service.answers = [problem_json(422, "invalid-input", "D", errors=fields)]
    with pytest.raises(InvalidInput, match="/coarse/n: too small") as caught:
        client.submit(problem())
    assert caught.value.errors[0].pointer == "/coarse/n"
    assert not isinstance(caught.value, TooLarge)


def test_too_large_is_a_kind_of_bad_input(client, service):
    service.answers = [problem_json(413, "body-too-large", "the body is larger than 5 bytes")]
    with pytest.raises(TooLarge, match="larger than 5"):
        client.submit(problem())


@pytest.mark.parametrize("body", ["", "<html>", "{}", "[]", '{"key": 5}'])
def test_answers_of_other_services_are_told(client, service, body):
    service.answers = [httpx.Response(200, text=body)]
    with pytest.raises(UnexpectedResponse, match=r"POST /prolongations.*PROLONG_URL"):
        client.submit(problem())


def test_a_batch_of_another_length_is_told(client, service):
    service.answers = [httpx.Response(200, json={"prolongations": []})]
    with pytest.raises(UnexpectedResponse, match="1 problems were answered with 0"):
        client.submit_many([problem()])


def test_redirects_are_not_followed(client, service):
    service.answers = [httpx.Response(307, headers={"Location": "http://elsewhere.test/"})]
    with pytest.raises(UnexpectedResponse, match="307"):
        client.submit(problem())


def test_damaged_bytes_are_fetched_again(client, service, cache):
    service.answers = [service.routed, httpx.Response(200, content=b"damaged")]
    assert client.prolongation(problem()).shape == (3, 2)
    assert service.log.count("GET /prolongations/operator") == 2
    assert len(list(cache.rglob("*.safetensors"))) == 1


def test_bytes_that_stay_damaged_are_never_returned_nor_kept(client, service, cache):
    key = client.submit(problem()).key
    service.answers = [service.routed, *[httpx.Response(200, content=b"damaged"), service.routed] * 3]
    with pytest.raises(CorruptOperator, match=key):
        client.fetch(key)
    assert not list(cache.rglob("*.safetensors"))


def test_an_operator_computed_anew_meanwhile_is_taken(client, service):
    view = client.submit(problem())
    other = view.model_copy(update={"operator": view.operator.model_copy(update={"sha256": "f" * 64})})
    service.answers = [httpx.Response(200, content=other.model_dump_json())]
    assert client.fetch(view.key).shape == (3, 2)


def test_an_unwritable_cache_is_one_warning_and_no_error(make, service, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    client = make(url="http://prolong.test", cache=blocked, transport=httpx.MockTransport(service))
    with pytest.warns(RuntimeWarning, match="PROLONG_CACHE") as caught:
        operators = [client.prolongation(problem(2)), client.prolongation(problem(3))]
    assert [operator.shape for operator in operators] == [(3, 2), (4, 3)]
    assert len(caught) == 1


def test_progress_is_shown_when_asked_for(make, service, capfd):
    service.patience = 1
    shown = make(
        url="http://prolong.test", cache="off", show_progress=True, transport=httpx.MockTransport(service)
    )
    shown.prolongation(problem())
    assert "stiefel, iteration 1, objective 2" in capfd.readouterr().err
    shown.prolongations([problem(2), problem(3)])
    assert "2/2" in capfd.readouterr().err
    make(url="http://prolong.test", cache="off", transport=httpx.MockTransport(service)).prolongation(problem())
    assert capfd.readouterr().err == ""


def test_the_address_may_have_a_path_and_a_password(make, service):
    client = make(
        url="https://me:secret@prolong.test/api/",
        retries=Retries(attempts=1),
        transport=httpx.MockTransport(service),
    )
    service.answers = [httpx.ConnectError("no"), httpx.ConnectError("no")]
    with pytest.raises(ServiceUnavailable) as caught:
        client.submit(problem())
    assert "secret" not in str(caught.value)
    assert client.url == "https://prolong.test/api"
    assert service.requests[0].url.path == "/api/prolongations"
    assert service.requests[0].headers["authorization"].startswith("Basic ")


def test_a_stream_that_breaks_goes_on_where_it_stopped(client, service):
    service.patience = 4
    key = client.submit(problem()).key
    running = service.view(key).model_dump_json()

    def stream(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=f": hello\n\nevent: progress\nid: 7-1\ndata: {running}\n\ndata: cut")

    service.answers = [service.routed, stream, service.routed, stream, service.routed, service.routed]
    assert client.wait(key).status is Status.DONE
    streams = [request for request in service.requests if request.url.path.endswith("events")]
    assert [request.headers.get("last-event-id") for request in streams] == [None, "7-1", "7-1"]
