"""What a worker runs. The only module that knows both the numerics and the store."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from redis.exceptions import RedisError

from prolong.certificate import Outcome
from prolong.diffusion import DistanceProblem
from prolong.errors import InvalidInput
from prolong.operators import Operator
from prolong.problem import Problem
from prolong_worker.jobs import current_store
from prolong_worker.limits import limit_seconds
from prolong_worker.progress import ProgressCourier
from prolong_worker.results import held_parts, keep, packed, packed_distances, packed_sweep
from prolong_worker.solve import Control, compare_all, solve, solve_sweep
from prolong_worker.store import (
    AbstractOperatorStore,
    Failure,
    OperatorInfo,
    OperatorNotFound,
    Part,
    Snapshot,
)

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
    """Bring one pending problem to its end.

    **Raises:** `RedisError`, `OperatorNotFound` where what a sweep found could not be kept; trying again helps.
    """
    try:
        result = _result(store, snapshot)
    except (RedisError, OperatorNotFound):
        raise
    except Exception as error:  # noqa: BLE001 - whatever the numerics raise, they will raise again
        store.fail(snapshot.key, failure_of(error))
        return
    limit_seconds(COMMIT_SECONDS)
    if result is not None:
        store.commit(snapshot.key, *result)


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


def _result(store: AbstractOperatorStore, snapshot: Snapshot) -> tuple[bytes, OperatorInfo] | None:
    """What there is to commit; None after a cancellation."""
    if snapshot.summary.is_comparison:
        return _compared(store, snapshot)
    problem, started_at = Problem.parse(snapshot.problem_json), time.time()
    with ProgressCourier(store, snapshot.key) as courier:
        control = Control(clock=time.monotonic, should_stop=courier.should_stop, report=courier.report)
        if problem.is_sweep:
            parts = list(_parts(store, problem, control))
            complete = len(parts) == len(problem.localities)
            return packed_sweep(parts, started_at=started_at) if complete else None
        operator = solve(problem, control=control).operator
    return None if _is_cancelled(operator) else packed(operator, started_at=started_at)


def _compared(store: AbstractOperatorStore, snapshot: Snapshot) -> tuple[bytes, OperatorInfo]:
    problem, started_at = DistanceProblem.parse(snapshot.problem_json), time.time()
    with ProgressCourier(store, snapshot.key) as courier:
        control = Control(clock=time.monotonic, report=courier.report)
        return packed_distances(compare_all(problem, control), started_at=started_at)


def _parts(store: AbstractOperatorStore, sweep: Problem, control: Control) -> Iterator[Part]:
    """The values of a sweep, each kept as soon as it is found; those held already are not searched again."""
    held, started_at = held_parts(store, sweep), time.time()
    solutions = solve_sweep(sweep, control=control, held={value: found for value, (_, found) in held.items()})
    for value, solution in zip(sweep.localities, solutions, strict=True):
        if value in held:
            yield held[value][0]
        elif _is_cancelled(solution.operator):
            return
        else:
            yield keep(store, sweep, value, operator=solution.operator, started_at=started_at)
        started_at = time.time()


def _is_cancelled(operator: Operator) -> bool:
    return operator.certificate is not None and operator.certificate.outcome is Outcome.CANCELLED
