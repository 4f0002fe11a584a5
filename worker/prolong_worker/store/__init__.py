"""Where problems, operators and their endings are kept."""

from __future__ import annotations

from prolong_worker.store.base import AbstractOperatorStore, OperatorNotFound
from prolong_worker.store.keyspace import Keyspace
from prolong_worker.store.memory import MemoryOperatorStore
from prolong_worker.store.records import (
    COMPARISON,
    Event,
    Failure,
    KeyPage,
    OperatorInfo,
    OperatorRecord,
    Part,
    Snapshot,
    Summary,
)
from prolong_worker.store.redis import RedisOperatorStore

__all__ = [
    "COMPARISON",
    "AbstractOperatorStore",
    "Event",
    "Failure",
    "KeyPage",
    "Keyspace",
    "MemoryOperatorStore",
    "OperatorInfo",
    "OperatorNotFound",
    "OperatorRecord",
    "Part",
    "RedisOperatorStore",
    "Snapshot",
    "Summary",
]
