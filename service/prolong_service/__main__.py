"""The service process: `python -m prolong_service`, configured by its environment (see `ServiceSettings`)."""

from __future__ import annotations

import logging
import math
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace

import uvicorn
from fastapi import FastAPI

from prolong.cli.arguments import OneLineParser
from prolong.errors import InvalidInput
from prolong_service.app import create_app
from prolong_service.settings import ServiceSettings
from prolong_worker.connection import connect
from prolong_worker.janitor import Janitor
from prolong_worker.jobs import Jobs
from prolong_worker.store import Keyspace, RedisOperatorStore

__all__ = ["run"]

_USAGE_ERROR = 2


def run(argv: Sequence[str]) -> int:
    """Serve until told to stop. The store need not be there yet: until it is, the service says it is not ready.

    **Arguments:** `argv`: `--host` and `--port`, which outweigh the environment.

    **Returns:** the exit status: 0, 1 if the service cannot start, 2 for settings that cannot be used, with one
    line on standard error.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    try:
        settings = _settings(argv)
        server = _server(_application(settings), settings)
    except InvalidInput as error:
        sys.stderr.write(f"prolong serve: {error}\n")
        return _USAGE_ERROR
    server.run()
    return 0 if server.started else 1


class _Server(uvicorn.Server):
    """Lets nobody wait any longer once the process is told to stop: waits answer, event streams end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        application = self.config.app
        if isinstance(application, FastAPI):
            application.state.services.watch.close()
        await super().shutdown(sockets)


def _settings(argv: Sequence[str]) -> ServiceSettings:
    parser = OneLineParser(prog="prolong serve", description="Serve the HTTP API.")
    parser.add_argument("--host", help="address to listen on (PROLONG_HOST, else 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (PROLONG_PORT, else 8000)")
    given = {name: value for name, value in vars(parser.parse_args(argv)).items() if value is not None}
    return replace(ServiceSettings.from_environment(), **given)


def _application(settings: ServiceSettings) -> FastAPI:
    if not settings.redis_url:
        detail = (
            "set PROLONG_REDIS_URL, for example redis://127.0.0.1:6379/0; `prolong up` brings a server of its own"
        )
        raise InvalidInput.at("", detail, code="bad_setting")
    try:
        connection = connect(settings.redis_url)
    except ValueError as error:
        raise InvalidInput.at("", f"PROLONG_REDIS_URL cannot be used: {error}", code="bad_setting") from error
    store = RedisOperatorStore(connection, Keyspace(settings.key_prefix))
    jobs = Jobs(store, queue=settings.queue)
    return create_app(settings, store, jobs, Janitor(jobs))


def _server(app: FastAPI, settings: ServiceSettings) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=math.ceil(settings.drain_seconds),
    )
    return _Server(config)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
