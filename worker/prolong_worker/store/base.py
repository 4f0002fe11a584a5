"""The contract of every operator store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from prolong.errors import ProlongError
from prolong_worker.store.records import (
    Event,
    Failure,
    KeyPage,
    OperatorInfo,
    OperatorRecord,
    Snapshot,
    Summary,
)

__all__ = ["AbstractOperatorStore", "OperatorNotFound"]


class OperatorNotFound(ProlongError, LookupError):
    """The operator is not held, or was damaged and has just been dropped; ask for it again."""


class AbstractOperatorStore(ABC):
    """Problems, operators and endings by content key.

    A problem is *accepted*, and then pending until it *ends*: with a committed operator, a failure or a
    cancellation. An operator is there completely or not at all, and never changes: the first committed
    writer wins. A committed operator outweighs every other ending. Every call is atomic and may be
    repeated; any number of processes may share one store.
    """

    @abstractmethod
    def accept(self, key: str, problem_json: bytes, *, summary: Summary, timeout_seconds: float) -> bool:
        """Make a problem pending; forget its former failure, cancellation and progress.

        `timeout_seconds` is the hard limit of one run.

        **Returns:** whether it became pending; `False` if it already was or if its operator is held, and
        then nothing changes.
        """

    @abstractmethod
    def snapshot(self, key: str) -> Snapshot | None:
        """All that is known about `key`, or `None` if it was never accepted or is forgotten."""

    @abstractmethod
    def snapshots(self, keys: Sequence[str]) -> list[Snapshot | None]:
        """`snapshot` of each key, in order, at the price of one."""

    @abstractmethod
    def commit(self, key: str, data: bytes, info: OperatorInfo) -> bool:
        """Store an operator's bytes and end its problem.

        **Returns:** whether this call's bytes are now the operator; `False` if another writer was first,
        or if the problem was cancelled or forgotten meanwhile, and then the bytes are dropped.
        """

    @abstractmethod
    def read(self, record: OperatorRecord, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes `start:stop` of a committed operator, in blocks of at most `record.chunk_bytes`.

        Counts as a use of the operator. Each chunk is checked before it is handed out.

        **Raises:** `OperatorNotFound`, at the call if any chunk is missing or the first is damaged, from
        the iterator if a later one is; the operator is dropped then, so that it can be computed again.
        """

    @abstractmethod
    def fail(self, key: str, failure: Failure) -> bool:
        """End a pending problem with a failure. **Returns:** whether it was pending."""

    @abstractmethod
    def cancel(self, key: str) -> bool:
        """End a pending problem with a cancellation. **Returns:** whether it was pending."""

    @abstractmethod
    def is_cancelled(self, key: str) -> bool:
        """Whether the problem was cancelled and not accepted again since."""

    @abstractmethod
    def forget(self, key: str) -> bool:
        """Drop everything about `key`. **Returns:** whether there was anything."""

    @abstractmethod
    def pending(self) -> list[str]:
        """All pending keys, oldest first."""

    @abstractmethod
    def page(self, *, limit: int, cursor: str | None = None) -> KeyPage:
        """Known keys, newest first.

        **Raises:** `ValueError` if `cursor` is not one that a page gave.
        """

    @abstractmethod
    def report(self, key: str, json_text: str) -> None:
        """Append one progress event."""

    @abstractmethod
    def events(self, key: str, *, after: str = "0-0", limit: int = 1000) -> list[Event]:
        """Progress events with an id greater than `after`, oldest first.

        **Raises:** `ValueError` if `after` is not an event's id.
        """

    @abstractmethod
    def total_bytes(self) -> int:
        """The size of all committed operators together."""

    @abstractmethod
    def least_recently_used(self, limit: int) -> list[str]:
        """Keys of at most `limit` committed operators, the longest unused first."""
