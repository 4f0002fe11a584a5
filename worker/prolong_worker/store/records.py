"""What the store holds, as frozen values. Every time is a Unix time in seconds, every size in bytes."""

from __future__ import annotations

import re
from typing import Self

from pydantic import BaseModel, ConfigDict

from prolong.certificate import Certificate
from prolong.diffusion import DistanceProblem
from prolong.problem import Problem

__all__ = [
    "COMPARISON",
    "Event",
    "Failure",
    "KeyPage",
    "OperatorInfo",
    "OperatorRecord",
    "Part",
    "Snapshot",
    "Summary",
    "format_cursor",
    "parse_cursor",
    "parse_event_id",
]

_EVENT_ID = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


COMPARISON = "distances"
"""The `structure` in the summary of a comparison of graphs, and the `kind` of its record."""


class Summary(_Value):
    """The few words that a listing says about a problem."""

    coarse_kind: str
    fine_kind: str
    n_coarse: int
    n_fine: int
    structure: str
    method: str
    locality: float | tuple[float, ...]

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """The summary of a problem."""
        return cls(
            coarse_kind=problem.coarse.kind,
            fine_kind=problem.fine.kind,
            n_coarse=problem.coarse.n,
            n_fine=problem.fine.n,
            structure=problem.structure,
            method=problem.method,
            locality=problem.locality,
        )

    @classmethod
    def of_comparison(cls, problem: DistanceProblem) -> Self:
        """The summary of a comparison of graphs, told by the smallest and the largest of them."""
        graphs = sorted(problem.graphs, key=lambda graph: graph.n)
        return cls(
            coarse_kind=graphs[0].kind,
            fine_kind=graphs[-1].kind,
            n_coarse=graphs[0].n,
            n_fine=graphs[-1].n,
            structure=COMPARISON,
            method="spectral",
            locality=0.0,
        )

    @property
    def is_comparison(self) -> bool:
        """Whether distances are asked for, and no operator."""
        return self.structure == COMPARISON


class OperatorInfo(_Value):
    """What the writer of an operator knows about it.

    `kind` is "dense" or "csr", `shape` is (n_fine, n_coarse), `sha256` is the hexadecimal digest of the
    operator's bytes. Of a sweep, `kind` is "sweep", there is no certificate, and `parts` are the operators, which
    stand under keys of their own; the bytes only name them. Of a comparison, `kind` is "distances", there is no
    certificate, `shape` is (graphs, graphs), and the bytes are a JSON document.
    """

    kind: str
    shape: tuple[int, int]
    nnz: int
    sha256: str
    certificate: Certificate | None
    parts: tuple[Part, ...] = ()
    started_at: float
    finished_at: float
    solver_version: str


class OperatorRecord(OperatorInfo):
    """The committed metadata of an operator; `token` names the execution whose chunks these are."""

    key: str
    token: str
    nbytes: int
    chunk_bytes: int
    created_at: float

    @property
    def n_chunks(self) -> int:
        """The number of chunks; the last one may be shorter than `chunk_bytes`."""
        return -(-self.nbytes // self.chunk_bytes)


class Part(_Value):
    """One value of a sweep: its locality and its operator as it was committed."""

    locality: float
    record: OperatorRecord


class Failure(_Value):
    """Why a problem has no operator: `code` is a stable word, `reason` a sentence for people."""

    code: str
    reason: str
    failed_at: float


class Snapshot(_Value):
    """All that the store knows about one key at one moment.

    A committed `record` outweighs everything else; without any of the three endings the problem is pending.
    """

    key: str
    problem_json: bytes
    summary: Summary
    timeout_seconds: float
    created_at: float
    record: OperatorRecord | None = None
    failure: Failure | None = None
    cancelled_at: float | None = None

    @property
    def pending(self) -> bool:
        """Whether the problem has neither an operator nor another ending."""
        return self.record is None and self.failure is None and self.cancelled_at is None


class KeyPage(_Value):
    """Keys, newest first, and the cursor of the next page (`None` at the end)."""

    keys: tuple[str, ...]
    cursor: str | None


class Event(_Value):
    """One progress event: its id, which grows with time, and its JSON text."""

    id: str
    json_text: str


def format_cursor(created_at: float, key: str) -> str:
    """The cursor of the page that starts after this key."""
    return f"{created_at!r}:{key}"


def parse_cursor(cursor: str) -> tuple[float, str]:
    """The acceptance time and key of the last entry seen.

    **Raises:** `ValueError` if `format_cursor` cannot have written this.
    """
    created_at, _, key = cursor.partition(":")
    try:
        return float(created_at), key
    except ValueError:
        raise ValueError(f"{cursor!r} is not a cursor of a former page") from None


def parse_event_id(text: str) -> tuple[int, int]:
    """The milliseconds and the serial number in an event's id.

    **Raises:** `ValueError` if it is not one.
    """
    match = _EVENT_ID.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not the id of an event")
    return int(match[1]), int(match[2])
