"""Results in the store: operators, sweeps of operators, and distances."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata

from prolong import formats
from prolong.certificate import Outcome
from prolong.diffusion import Distances
from prolong.errors import CorruptOperator
from prolong.operators import Operator
from prolong.problem import Problem
from prolong_worker.store import (
    COMPARISON,
    AbstractOperatorStore,
    OperatorInfo,
    OperatorNotFound,
    Part,
    Summary,
)

__all__ = ["SWEEP_KIND", "held_parts", "keep", "packed", "packed_distances", "packed_sweep"]

SWEEP_KIND = "sweep"
"""The `kind` of a sweep's record."""


def packed(operator: Operator, *, started_at: float) -> tuple[bytes, OperatorInfo]:
    """What there is to commit of an operator that was just found; `started_at` is a Unix time in seconds."""
    if operator.certificate is None:
        raise RuntimeError("the search gave no certificate")
    data = formats.to_bytes(operator)
    info = OperatorInfo(
        kind=operator.kind,
        shape=operator.shape,
        nnz=operator.nnz,
        sha256=formats.digest(data),
        certificate=operator.certificate,
        started_at=started_at,
        finished_at=time.time(),
        solver_version=metadata.version("prolong"),
    )
    return data, info


def packed_sweep(parts: Sequence[Part], *, started_at: float) -> tuple[bytes, OperatorInfo]:
    """What there is to commit of a sweep whose parts are kept."""
    names = [{"locality": part.locality, "key": part.record.key} for part in parts]
    data = json.dumps({"sweep": names}).encode()
    info = OperatorInfo(
        kind=SWEEP_KIND,
        shape=parts[0].record.shape,
        nnz=sum(part.record.nnz for part in parts),
        sha256=formats.digest(data),
        certificate=None,
        parts=tuple(parts),
        started_at=started_at,
        finished_at=time.time(),
        solver_version=metadata.version("prolong"),
    )
    return data, info


def packed_distances(distances: Distances, *, started_at: float) -> tuple[bytes, OperatorInfo]:
    """What there is to commit of a comparison."""
    data = distances.model_dump_json().encode()
    count = len(distances.matrices[0].values)
    info = OperatorInfo(
        kind=COMPARISON,
        shape=(count, count),
        nnz=count**2 * len(distances.matrices),
        sha256=formats.digest(data),
        certificate=None,
        started_at=started_at,
        finished_at=time.time(),
        solver_version=metadata.version("prolong"),
    )
    return data, info


def held_parts(store: AbstractOperatorStore, sweep: Problem) -> dict[float, tuple[Part, Operator]]:
    """The values of a sweep whose operators are held already, whoever asked for them."""
    found: dict[float, tuple[Part, Operator]] = {}
    for name in (_alone, _hurried):
        missing = [value for value in sweep.localities if value not in found]
        snapshots = store.snapshots([name(sweep, value).key for value in missing])
        for value, snapshot in zip(missing, snapshots, strict=True):
            if snapshot is not None and snapshot.record is not None:
                with suppress(OperatorNotFound, CorruptOperator):
                    operator = formats.from_bytes(b"".join(store.read(snapshot.record)))
                    found[value] = (Part(locality=value, record=snapshot.record), operator)
    return found


def keep(
    store: AbstractOperatorStore, sweep: Problem, locality: float, *, operator: Operator, started_at: float
) -> Part:
    """Commit the operator of one value of a sweep under the key that it has alone.

    An operator that ran out of time is not what the problem alone, with all its time, would have got: it stands
    under the key of the problem with an equal share of the time.

    **Raises:** `OperatorNotFound` if it was cancelled or forgotten meanwhile.
    """
    data, info = packed(operator, started_at=started_at)
    in_haste = info.certificate is not None and info.certificate.outcome is Outcome.TIME_LIMIT
    problem = (_hurried if in_haste else _alone)(sweep, locality)
    text, seconds = problem.model_dump_json().encode(), problem.max_seconds
    store.accept(problem.key, text, summary=Summary.of(problem), timeout_seconds=seconds)
    store.commit(problem.key, data, info)
    snapshot = store.snapshot(problem.key)
    if snapshot is None or snapshot.record is None:
        raise OperatorNotFound(f"operator {problem.key} was cancelled or forgotten while it was committed")
    return Part(locality=locality, record=snapshot.record)


def _alone(sweep: Problem, locality: float) -> Problem:
    return sweep.at(locality)


def _hurried(sweep: Problem, locality: float) -> Problem:
    return sweep.at(locality, max_seconds=sweep.max_seconds / len(sweep.localities))
