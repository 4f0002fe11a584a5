"""The commands that speak to a service, and how its refusals end."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import numpy as np
import pytest

from prolong import Certificate, DenseOperator, Problem, formats, graphs
from prolong.cli import main
from prolong.wire import FieldProblem, OperatorView, ProblemDetails, ProlongationView

PROBLEM = Problem(coarse=graphs.path(2), fine=graphs.path(3), locality=0.5)
CERTIFICATE = Certificate(
    objective=1.5,
    diffusion=1.0,
    locality=2.0,
    alpha=1.0,
    beta=None,
    lower_bound=1.2,
    proof="spectral",
    outcome="converged",
    method="stiefel",
    iterations=7,
    seconds=0.5,
    orthonormality_error=1e-15,
    gradient_norm=None,
)
DATA = formats.to_bytes(DenseOperator(np.eye(3, 2), CERTIFICATE))
DONE = ProlongationView(
    key=PROBLEM.key,
    status="done",
    operator=OperatorView(
        shape=(3, 2), kind="dense", nnz=6, bytes=len(DATA), sha256=formats.digest(DATA), href="/x"
    ),
)


@contextlib.contextmanager
def serving(answers: dict[str, tuple[int, str, bytes]]) -> Iterator[str]:
    """A server that answers `METHOD last-path-part` with (status, media type, body)."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            last = self.path.split("/")[-1]
            status, media_type, body = answers[f"{self.command} {'KEY' if len(last) == 64 else last}"]
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def view(document: ProlongationView) -> tuple[int, str, bytes]:
    return 200, "application/json", document.model_dump_json().encode()


def refusal(status: int, name: str, detail: str, *fields: FieldProblem) -> tuple[int, str, bytes]:
    body = ProblemDetails(type=f"urn:prolong:error:{name}", title="T", status=status, detail=detail, errors=fields)
    return status, "application/problem+json", body.model_dump_json().encode()


GOOD = {
    "POST prolongations": view(DONE),
    "GET KEY": view(DONE),
    "GET operator": (200, formats.MEDIA_TYPE, DATA),
}


def test_solve_with_an_address_searches_there(capsys):
    with serving(GOOD) as url:
        assert main(["solve", "path:2", "path:3", "--locality", "0.5", "--url", url]) == 0
    output = capsys.readouterr().out
    assert "objective             1.5" in output
    assert "beta                  -" in output
    assert "gap                   20 %" in output
    assert "converged: A stationary point" in output


def test_fetch_writes_what_the_service_holds(capsys, monkeypatch, tmp_path):
    with serving(GOOD) as url:
        monkeypatch.setenv("PROLONG_URL", url)
        assert main(["fetch", PROBLEM.key, "--out", "P.safetensors"]) == 0
    assert (tmp_path / "P.safetensors").read_bytes() == DATA
    assert PROBLEM.key in capsys.readouterr().out
    assert main(["fetch", PROBLEM.key, "--json", "--url", "http://127.0.0.1:9"]) == 0, "it is kept on disk"


def outcome(capsys: Any, url: str) -> tuple[int, str]:
    status = main(["fetch", "0" * 64, "--url", url])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("prolong: error: ")
    assert captured.err.count("\n") == 1
    return status, captured.err


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        (refusal(404, "unknown-key", "nothing is held there"), 2, "nothing is held there"),
        (view(ProlongationView(key="0" * 64, status="failed", error="it broke\nbadly")), 2, "it broke badly"),
        (view(ProlongationView(key="0" * 64, status="cancelled")), 2, "cancelled"),
        (refusal(500, "internal", "see the log"), 1, "see the log"),
        ((200, "text/html", b"<html>"), 1, "PROLONG_URL"),
        ((404, "text/html", b"<html>"), 1, "404"),
    ],
    ids=["unknown", "failed", "cancelled", "internal", "stranger", "stranger-404"],
)
def test_refusals_are_one_line(capsys, answer, status, message):
    with serving({"GET KEY": answer}) as url:
        found, line = outcome(capsys, url)
    assert (found, message in line) == (status, True)


def test_a_service_that_is_not_there_says_how_to_start_one(capsys):
    status, line = outcome(capsys, "http://127.0.0.1:9")
    assert status == 1
    assert "http://127.0.0.1:9" in line
    assert "prolong up" in line


def test_a_limit_of_the_service_is_bad_input(capsys):
    field = FieldProblem(pointer="/fine", detail="the limit is 5", code="too_large")
    answers = {"POST prolongations": refusal(422, "too-large", "all of it", field)}
    with serving(answers) as url:
        assert main(["solve", "path:2", "path:3", "--url", url]) == 2
    assert capsys.readouterr().err == "prolong: error: FINE: the limit is 5\n"


@pytest.mark.parametrize("key", ["12", "A" * 64])
def test_what_is_no_key_is_bad_input(capsys, key):
    assert main(["fetch", key]) == 2
    assert "is no key" in capsys.readouterr().err
