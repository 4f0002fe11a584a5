"""The JSON bodies that the service sends and the client reads."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from prolong.certificate import Certificate
from prolong.diffusion import Distances

__all__ = [
    "PROBLEM_MEDIA_TYPE",
    "BatchView",
    "DistancesView",
    "FieldProblem",
    "OperatorView",
    "PageView",
    "ProblemDetails",
    "Progress",
    "ProlongationView",
    "Status",
    "SweepPart",
]

#: The media type of error bodies (RFC 9457).
PROBLEM_MEDIA_TYPE = "application/problem+json"


class Status(StrEnum):
    """Where a prolongation stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self in {Status.DONE, Status.FAILED, Status.CANCELLED}


class Body(BaseModel):
    """Frozen; unknown fields are ignored, so that an older client reads a newer service."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Progress(Body):
    """How far a search has come: `stage` in words, `iteration` within it, the best objective and the lower
    bound so far, and the wall `seconds` since the search began."""

    stage: str
    iteration: int = 0
    objective: float | None = None
    lower_bound: float | None = None
    seconds: float = 0.0


class OperatorView(Body):
    """A finished operator: `shape` is (n_fine, n_coarse), `bytes` its size, `href` its place."""

    shape: tuple[int, int]
    kind: str
    nnz: int
    bytes: int
    sha256: str
    href: str


class SweepPart(Body):
    """One value of a finished sweep: its locality, and the prolongation that it is, under `key`."""

    locality: float
    key: str
    certificate: Certificate
    operator: OperatorView


class FieldProblem(Body):
    """One field at fault, by JSON pointer."""

    pointer: str
    detail: str
    code: str


class ProblemDetails(Body):
    """An error (RFC 9457); `errors` names the fields where the input is at fault."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: tuple[FieldProblem, ...] = ()


class ProlongationView(Body):
    """One prolongation as the service knows it. Times are UTC."""

    key: str
    status: Status
    problem: dict[str, Any] | None = None
    certificate: Certificate | None = None
    operator: OperatorView | None = None
    sweep: tuple[SweepPart, ...] | None = Field(
        default=None, description="Of a finished sweep, in the order of the values, in place of an operator."
    )
    progress: Progress | None = None
    queue_position: int | None = Field(default=None, description="0 is next; None unless queued.")
    error: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class DistancesView(Body):
    """One comparison of graphs as the service knows it; `distances` once it is done. Times are UTC."""

    key: str
    status: Status
    problem: dict[str, Any] | None = None
    distances: Distances | None = None
    progress: Progress | None = None
    queue_position: int | None = Field(default=None, description="0 is next; None unless queued.")
    error: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class BatchView(Body):
    """The answer to a batch: one prolongation a problem, in the order of the problems."""

    prolongations: tuple[ProlongationView, ...]


class PageView(Body):
    """A page of prolongations, newest first; `next` is the cursor of the page after it, None at the end."""

    prolongations: tuple[ProlongationView, ...]
    next: str | None = None
