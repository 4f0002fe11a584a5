"""Both clients against the real service, its real workers and a real store, through what happens to them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from prolong import (
    Client,
    DistanceProblem,
    InvalidInput,
    JobCancelled,
    Problem,
    ServiceTimeout,
    TooLarge,
    UnknownKey,
    distances,
    formats,
    graphs,
    solve,
)
from prolong.wire import ProlongationView, Status
from prolong_service.stack import Stack

LONG = Problem(coarse=graphs.path(150), fine=graphs.path(300), locality=0.5, tolerance=1e-14, max_seconds=120.0)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PROLONG_REDIS_URL", raising=False)
        with Stack(tmp_path_factory.mktemp("stack"), workers=1) as stack:
            yield stack


def test_what_is_asked_for_is_what_a_search_here_finds(make, stack):
    problem = Problem(coarse=graphs.path(5), fine=graphs.path(9), locality=0.0)
    client = make(url=stack.url)
    operator, here = client.prolongation(problem, timeout=60), solve(problem)
    assert operator.certificate.objective == pytest.approx(here.certificate.objective, abs=1e-9)
    assert operator.orthonormality_error() < 1e-12
    view = client.get(problem.key)
    assert view.status is Status.DONE
    assert view.certificate == operator.certificate
    assert Problem.parse(view.problem) == problem
    assert formats.digest(formats.to_bytes(operator)) == view.operator.sha256


def test_a_sweep_is_one_job_whose_values_are_hits_afterwards(make, stack, tmp_path):
    sweep = Problem(
        coarse=graphs.path(10), fine=graphs.path(20), locality=(0.0, 0.25, 0.5, 0.75, 1.0), alpha=1.0, starts=1
    )
    client = make(url=stack.url)
    seen: list[ProlongationView] = []
    operators = client.sweep(sweep, timeout=120, on_progress=seen.append)
    for operator, part in zip(operators, sweep.parts, strict=True):
        assert operator.orthonormality_error() < 1e-10
        assert operator.certificate.objective == pytest.approx(
            (1 - part.s) * operator.certificate.diffusion + part.s * operator.certificate.locality
        )
    stages = [view.progress.stage for view in seen if view.progress is not None]
    assert all(stage.startswith("s = 0.") for stage in stages)
    view = client.get(sweep.key)
    assert (view.status, view.operator, view.certificate) == (Status.DONE, None, None)
    assert [part.certificate for part in view.sweep] == [operator.certificate for operator in operators]
    fresh = make(url=stack.url, cache=tmp_path / "other")
    assert fresh.submit(sweep.at(0.5)).status is Status.DONE
    assert (fresh.prolongation(sweep.at(0.5)).to_dense() == operators[2].to_dense()).all()
    with pytest.raises(InvalidInput, match="is a sweep of 5 operators"):
        fresh.fetch(sweep.key)


def test_a_sweep_cancelled_in_the_middle_goes_on_where_it_was(make, stack, request):
    sweep = Problem(
        coarse=graphs.path(30), fine=graphs.path(60), locality=(0.0, 0.2, 0.5, 1.0), alpha=1.0, max_seconds=12.0,
        seed=["sync", "async"].index(request.node.callspec.params["make"]),
    )  # fmt: skip
    client = make(url=stack.url)
    client.submit(sweep)
    deadline = time.monotonic() + 60.0
    while not is_held(client, sweep.at(0.0)):
        assert time.monotonic() < deadline
    assert client.cancel(sweep.key).status is Status.CANCELLED
    with pytest.raises(JobCancelled):
        client.fetch(sweep.key)
    first = client.get(sweep.at(0.0).key).operator
    assert len(client.sweep(sweep, timeout=120)) == 4
    assert client.get(sweep.key).sweep[0].operator == first


def is_held(client, problem):
    try:
        return client.get(problem.key).status is Status.DONE
    except UnknownKey:
        return False


def test_a_batch_and_the_list(make, stack):
    problems = [
        Problem(coarse=graphs.cycle(n), fine=graphs.cycle(2 * n), structure="aggregation") for n in (4, 5, 6)
    ]
    client = make(url=stack.url)
    assert [operator.kind for operator in client.prolongations(problems, timeout=60)] == ["csr"] * 3
    listed = [view.key for view in client.list_prolongations(kind="cycle", page_size=2)]
    assert {problem.key for problem in problems} <= set(listed)
    assert len(listed) == len(set(listed))


def test_a_search_is_followed_given_up_and_cancelled(make, stack):
    client = make(url=stack.url)
    seen: list[ProlongationView] = []
    with pytest.raises(ServiceTimeout, match="still"):
        client.prolongation(LONG, timeout=4.0, on_progress=seen.append)
    assert Status.RUNNING in [view.status for view in seen]
    assert client.cancel(LONG.key).status is Status.CANCELLED
    with pytest.raises(JobCancelled):
        client.fetch(LONG.key)
    assert client.cancel(LONG.key) is None
    with pytest.raises(UnknownKey, match=LONG.key):
        client.get(LONG.key)


def test_refusals_name_the_field(make, stack):
    client = make(url=stack.url)
    large = Problem(coarse=graphs.path(9), fine=graphs.path(4_500))
    endless = Problem(coarse=graphs.path(4), fine=graphs.path(8), max_seconds=1e6)
    with pytest.raises(TooLarge) as caught:
        client.submit(large)
    assert [field.pointer for field in caught.value.errors] == ["/fine"]
    with pytest.raises(TooLarge) as caught:
        client.submit_many([endless, LONG])
    assert [field.pointer for field in caught.value.errors] == ["/problems/0/max_seconds"]
    with pytest.raises(UnknownKey):
        client.get(LONG.key)
    with pytest.raises(InvalidInput, match="kind"):
        list(client.list_prolongations(kind="no-such-kind"))


def test_a_store_that_dies_while_a_job_is_waited_for_loses_nothing(stack, tmp_path):
    problem = Problem(coarse=graphs.path(40), fine=graphs.path(80), locality=0.5, max_seconds=5.0, tolerance=1e-14)
    running = threading.Event()

    def strike() -> None:
        assert running.wait(60)
        assert stack.redis_server is not None
        stack.redis_server.kill()

    thread = threading.Thread(target=strike)
    thread.start()
    with Client(stack.url, cache=tmp_path) as client:
        operator = client.prolongation(problem, timeout=120, on_progress=lambda view: running.set())
    thread.join()
    assert operator.shape == (80, 40)


def test_a_worker_that_is_killed_in_the_middle_is_waited_for(stack, tmp_path):
    problem = Problem(coarse=graphs.path(40), fine=graphs.path(81), locality=0.5, max_seconds=3.0, tolerance=1e-14)
    killed: list[int] = []

    def strike(view: ProlongationView) -> None:
        if view.status is Status.RUNNING and not killed:
            killed.extend(stack.worker_pids)
            os.kill(killed[0], signal.SIGKILL)

    with Client(stack.url, cache=tmp_path) as client:
        operator = client.prolongation(problem, timeout=120, on_progress=strike)
    assert killed
    assert operator.shape == (81, 40)


def test_distances_are_found_by_a_worker(make, stack):
    problem = DistanceProblem(graphs=(graphs.path(5), graphs.star(7), graphs.cycle(6)), t=[0.5, None])
    client = make(url=stack.url)
    found, here = client.distances(problem, timeout=60), distances(problem)
    assert [matrix.t for matrix in found.matrices] == [0.5, None]
    for there, own in zip(found.matrices, here.matrices, strict=True):
        assert there.to_numpy() == pytest.approx(own.to_numpy(), abs=1e-9)
    assert client.distances(problem) == found
