"""Jobs that misbehave on purpose, run by real workers of the tests. Each writes what it does to Redis lists
`started:KEY` and `ended:KEY`, over a client of its own."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time

import numpy as np
import scipy.linalg

from prolong.certificate import Certificate, Outcome, Proof
from prolong_worker.connection import PATIENT_ATTEMPTS, connect
from prolong_worker.jobs import current_store
from prolong_worker.store import OperatorInfo, RedisOperatorStore
from prolong_worker.tasks import failure_of

CERTIFICATE = Certificate(
    objective=1.0,
    diffusion=1.0,
    locality=1.0,
    alpha=1.0,
    beta=1.0,
    lower_bound=1.0,
    proof=Proof.EXACT,
    outcome=Outcome.OPTIMAL,
    method="probe",
    iterations=0,
    seconds=0.0,
    orthonormality_error=0.0,
    gradient_norm=0.0,
)


def run(key: str) -> None:
    """Do what the problem's JSON says: `[["sleep", 1], ...]`."""
    store = current_store()
    snapshot = store.snapshot(key)
    if snapshot is None or not snapshot.pending:
        return
    log = connect(os.environ["PROLONG_REDIS_URL"], attempts=PATIENT_ATTEMPTS)
    log.rpush(f"started:{key}", f"{time.time()} {os.getpid()} {os.getppid()}")
    for name, *arguments in json.loads(snapshot.problem_json):
        ACTIONS[name](store, key, *arguments)
    log.rpush(f"ended:{key}", f"{time.time()} {os.getpid()}")


def sleep(store: RedisOperatorStore, key: str, seconds: float) -> None:
    time.sleep(seconds)


def commit(store: RedisOperatorStore, key: str, n_bytes: int) -> None:
    data = bytes(n_bytes)
    info = OperatorInfo(
        kind="dense",
        shape=(1, 1),
        nnz=1,
        sha256=hashlib.sha256(data).hexdigest(),
        certificate=CERTIFICATE,
        started_at=time.time(),
        finished_at=time.time(),
        solver_version="probe",
    )
    store.commit(key, data, info)


def lapack(store: RedisOperatorStore, key: str) -> None:
    """One LAPACK call that takes minutes and holds Python's lock throughout."""
    scipy.linalg.svd(np.random.default_rng(0).standard_normal((5000, 5000)), lapack_driver="gesvd")


def die(store: RedisOperatorStore, key: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_first(store: RedisOperatorStore, key: str) -> None:
    if store.connection.llen(f"started:{key}") == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def allocate(store: RedisOperatorStore, key: str, n_bytes: int) -> None:
    try:
        np.ones(n_bytes, dtype=np.uint8)
    except MemoryError as error:
        store.fail(key, failure_of(error))


def fail(store: RedisOperatorStore, key: str) -> None:
    raise RuntimeError("the probe raises")


ACTIONS = {
    "sleep": sleep,
    "commit": commit,
    "lapack": lapack,
    "allocate": allocate,
    "die": die,
    "die_first": die_first,
    "raise": fail,
}
