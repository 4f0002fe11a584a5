"""One worker process: `python -m prolong_worker`, configured by its environment (see `WorkerSettings`)."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Sequence
from importlib import import_module

from redis.exceptions import RedisError
from rq import Worker

from prolong.cli.arguments import OneLineParser
from prolong.errors import InvalidInput
from prolong_worker import limits
from prolong_worker.connection import PATIENT_ATTEMPTS, QUICK_ATTEMPTS, Connection, connect
from prolong_worker.jobs import SOLVE_TASK
from prolong_worker.settings import WorkerSettings
from prolong_worker.worker import SolverWorker

__all__ = ["run"]

_USAGE_ERROR = 2
_TASKS = SOLVE_TASK.rpartition(".")[0]


def run(argv: Sequence[str]) -> int:
    """Work until told to stop; with `--check` only say whether a worker lives on this host.

    **Returns:** the exit status: 0, or 1 if the check fails, or 2 if the settings or the server cannot be used,
    with one line on standard error.
    """
    parser = OneLineParser(prog="prolong worker", description="Take jobs from the queue and solve them.")
    parser.add_argument("--check", action="store_true", help="only say whether a worker lives on this host")
    try:
        only_check = parser.parse_args(argv).check
        settings = WorkerSettings.from_environment()
        connection = _reachable(settings)
    except (InvalidInput, RedisError) as error:
        sys.stderr.write(f"prolong worker: {error}\n")
        return _USAGE_ERROR
    if only_check:
        return 0 if _lives_here(connection) else 1
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    _preload()
    limits.limit_threads(settings.blas_threads)
    SolverWorker(settings, connect(settings.redis_url, attempts=PATIENT_ATTEMPTS)).work()
    return 0


def _preload() -> None:
    """Load the numerics before any fork, so that a job starts in milliseconds, but without torch.

    pymanopt imports torch wherever it is installed: 200 MB and 2 s that no search needs, in a process that must
    not run torch because it forks.
    """
    if "torch" in sys.modules:
        import_module(_TASKS)
        return
    sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        import_module(_TASKS)
    finally:
        del sys.modules["torch"]


def _reachable(settings: WorkerSettings) -> Connection:
    if not settings.redis_url:
        raise InvalidInput.at(
            "", "set PROLONG_REDIS_URL, for example redis://127.0.0.1:6379/0", code="bad_setting"
        )
    try:
        connection = connect(settings.redis_url, attempts=QUICK_ATTEMPTS)
        connection.ping()
    except (RedisError, ValueError) as error:
        raise RedisError(f"the server at {settings.redis_place} cannot be used: {error}") from error
    return connection


def _lives_here(connection: Connection) -> bool:
    return any(worker.hostname == socket.gethostname() for worker in Worker.all(connection=connection))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
