"""What a worker runs. The only module that knows both the numerics and the store."""

from __future__ import annotations

import logging
import time
from importlib import metadata

from prolong import formats
from prolong.certificate import Certificate, Outcome
from prolong.errors import InvalidInput
from prolong.operators import Operator
from prolong.problem import Problem
from prolong_worker.jobs import current_store
from prolong_worker.limits import limit_seconds
from prolong_worker.progress import ProgressCourier
from prolong_worker.solve import Control, solve
from prolong_worker.store import AbstractOperatorStore, Failure, OperatorInfo, Snapshot

__all__ = ["COMMIT_SECONDS", "failure_of", "solve_problem"]

COMMIT_SECONDS = 180
"""A result that was found in time may take this long to be written: the server may be away for a while."""

_log = logging.getLogger(__name__)


def solve_problem(key: str) -> None:
    """Solve one accepted problem and commit its operator, or store why that is impossible.

    Returns normally whenever trying again would end the same way; what it raises (the server is away) and
    what kills its process is tried again by the queue.
    """
    store = current_store()
    snapshot = store.snapshot(key)
    if snapshot is not None and snapshot.pending:
        run(store, snapshot)


def run(store: AbstractOperatorStore, snapshot: Snapshot) -> None:
    """Bring one pending problem to its end."""
    key, started_at = snapshot.key, time.time()
    try:
        operator, certificate = _search(store, snapshot)
        data = formats.to_bytes(operator)
    except Exception as error:  # noqa: BLE001 - whatever the numerics raise, they will raise again
        store.fail(key, failure_of(error))
        return
    limit_seconds(COMMIT_SECONDS)
    if certificate.outcome is Outcome.CANCELLED:
        return
    info = OperatorInfo(
        kind=operator.kind,
        shape=operator.shape,
        nnz=operator.nnz,
        sha256=formats.digest(data),
        certificate=certificate,
        started_at=started_at,
        finished_at=time.time(),
        solver_version=metadata.version("prolong"),
    )
    store.commit(key, data, info)


def failure_of(error: Exception) -> Failure:
    """The failure that tells a caller about `error`; what nobody foresaw is logged with its stack too."""
    now = time.time()
    if isinstance(error, InvalidInput):
        return Failure(code="invalid_input", reason=str(error), failed_at=now)
    if isinstance(error, MemoryError):
        return Failure(
            code="out_of_memory", reason="The search needs more memory than a job may use.", failed_at=now
        )
    _log.error("the search failed", exc_info=error)
    return Failure(code="internal_error", reason=f"{type(error).__name__}: {error}", failed_at=now)


def _search(store: AbstractOperatorStore, snapshot: Snapshot) -> tuple[Operator, Certificate]:
    problem = Problem.parse(snapshot.problem_json)
    with ProgressCourier(store, snapshot.key) as courier:
        control = Control(clock=time.monotonic, should_stop=courier.should_stop, report=courier.report)
        operator = solve(problem, control=control).operator
    if operator.certificate is None:
        raise RuntimeError("the search gave no certificate")
    return operator, operator.certificate
