"""Both clients over real sockets: what networks do that transports in memory do not."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from prolong import Client, Problem, ServiceTimeout, ServiceUnavailable, UnexpectedResponse, graphs
from prolong.client import Retries

PROBLEM = Problem(coarse=graphs.path(2), fine=graphs.path(3), locality=0.5)

Fault = Callable[[BaseHTTPRequestHandler], None]


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Close with RST: nothing lingers."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"not all of it")
    handler.close_connection = True


def garbage(handler: BaseHTTPRequestHandler) -> None:
    """Speak another protocol."""
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    handler.close_connection = True


def away(handler: BaseHTTPRequestHandler) -> None:
    """A proxy whose service is away."""
    handler.send_response(503)
    handler.send_header("Retry-After", "0")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


class Server:
    """A real HTTP server around a fake service; `faults` come first, one a request."""

    def __init__(self, service: Any) -> None:
        self.faults: list[Fault] = []
        self._service = service
        self.release = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def hang(self, handler: BaseHTTPRequestHandler) -> None:
        """Take the request and say nothing."""
        self.release.wait(30)
        handler.close_connection = True

    def pass_on(self, handler: Any) -> None:
        """Let the service answer."""
        url, headers = f"{self.url}{handler.path}", handler.headers.items()
        response = self._service(httpx.Request(handler.command, url, headers=headers, content=handler.body))
        handler.send_response(response.status_code)
        for name, value in response.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(response.content)

    def stop(self) -> None:
        self.release.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                (server.faults.pop(0) if server.faults else server.pass_on)(self)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


@pytest.fixture
def server(service) -> Iterator[Server]:
    server = Server(service)
    yield server
    server.stop()


def test_the_whole_way(make, server, service):
    service.patience, service.streams = 2, True
    client = make(url=server.url)
    assert client.prolongation(PROBLEM).shape == (3, 2)
    assert client.health() == {"status": "ready"}
    assert client.cancel(PROBLEM.key) is None


def test_connections_are_used_again(make, server, service):
    client = make(url=server.url)
    for _ in range(3):
        client.submit(PROBLEM)
    assert len({request.headers["host"] for request in service.requests}) == 1
    assert all(request.headers["connection"] == "keep-alive" for request in service.requests)


@pytest.mark.parametrize("fault", [reset, cut, garbage, away], ids=lambda fault: fault.__name__)
def test_faults_of_the_network_are_outlived(make, server, fault):
    client = make(url=server.url)
    server.faults = [fault, fault]
    assert client.prolongation(PROBLEM).shape == (3, 2)
    assert not server.faults


@pytest.mark.parametrize("fault", [reset, cut, garbage], ids=lambda fault: fault.__name__)
def test_faults_that_stay_are_told_with_the_address(make, server, fault):
    client = make(url=server.url, retries=Retries(attempts=2, base_seconds=0.001))
    server.faults = [fault] * 2
    with pytest.raises(ServiceUnavailable, match=server.url):
        client.submit(PROBLEM)
    assert not server.faults


def test_a_download_that_is_cut_is_begun_anew(make, server, service, cache):
    client = make(url=server.url)
    key = client.submit(PROBLEM).key
    server.faults = [server.pass_on, cut]
    assert client.fetch(key).shape == (3, 2)
    assert not server.faults
    assert len(list(cache.rglob("*.safetensors"))) == 1


def test_a_silent_service_is_a_timeout_and_asked_once(make, server, service):
    client = make(url=server.url, timeout=0.2)
    server.faults = [server.hang]
    with pytest.raises(ServiceTimeout, match=server.url):
        client.submit(PROBLEM)
    assert not service.requests


def test_a_stream_that_falls_silent_ends_with_the_wait(make, server, service):
    service.patience = 10_000
    client = make(url=server.url)
    key = client.submit(PROBLEM).key
    looks = [service.routed, httpx.Response(200, text=": hello\n\n", headers={"Content-Length": "5000"})]
    service.answers = looks
    with pytest.raises(ServiceTimeout, match="still running"):
        client.wait(key, timeout=0.5)


def test_a_refused_connection_says_what_to_do(make):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    client = make(url=url, retries=Retries(attempts=2, base_seconds=0.001))
    with pytest.raises(ServiceUnavailable) as caught:
        client.submit(PROBLEM)
    assert url in str(caught.value)
    assert "prolong up" in str(caught.value)


def test_an_unknown_host_is_told(make):
    client = make(url="http://no-such-host.invalid", retries=Retries(attempts=1))
    with pytest.raises((ServiceUnavailable, UnexpectedResponse), match="no-such-host"):
        client.submit(PROBLEM)


def test_threads_share_a_client(server, cache, service):
    problems = [Problem(coarse=graphs.path(n), fine=graphs.path(n + 1)) for n in range(2, 10)]
    found: dict[int, Any] = {}
    with Client(server.url, cache=cache) as client:
        threads = [
            threading.Thread(target=lambda n=n: found.update({n: client.prolongation(problems[n])}))
            for n in range(len(problems))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [found[n].shape for n in range(8)] == [(n + 1, n) for n in range(2, 10)]
