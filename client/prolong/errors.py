"""Every exception that `prolong` raises on purpose.

ProlongError
├── InvalidInput (ValueError)       a graph, problem or setting that cannot be used
│   └── TooLarge                    valid, but over a limit
├── CorruptOperator (ValueError)    bytes that are not the operator they claim to be
├── MissingExtra (ImportError)      an optional part of prolong is not installed
└── ServiceError                    the service could not do what was asked
    ├── ServiceUnavailable          not reachable, or not ready, after all retries
    ├── ServiceTimeout              no answer, or no finished job, within the given time
    ├── UnknownKey                  the service holds nothing under this key
    ├── JobFailed                   the search ended with an error
    ├── JobCancelled                somebody cancelled the search
    └── UnexpectedResponse          an answer outside the documented contract
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CorruptOperator",
    "FieldError",
    "InvalidInput",
    "JobCancelled",
    "JobFailed",
    "MissingExtra",
    "ProlongError",
    "ServiceError",
    "ServiceTimeout",
    "ServiceUnavailable",
    "TooLarge",
    "UnexpectedResponse",
    "UnknownKey",
]


class ProlongError(Exception):
    """The root of the tree."""


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of the input.

    **Arguments:** `pointer`, a JSON pointer (RFC 6901) into the input, empty for the whole of it;
    `detail`, a sentence; `code`, a stable word for programs.
    """

    pointer: str
    detail: str
    code: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}" if self.pointer else self.detail


class InvalidInput(ProlongError, ValueError):
    """The input cannot be used. `errors` names every field at fault; at least one."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(*errors)
        self.errors = errors

    @classmethod
    def at(cls, pointer: str, detail: str, *, code: str = "invalid") -> InvalidInput:
        """One error at one field."""
        return cls(FieldError(pointer=pointer, detail=detail, code=code))

    def __str__(self) -> str:
        return "; ".join(str(error) for error in self.errors)


class TooLarge(InvalidInput):
    """The input is well formed but over a limit; `errors` give both numbers."""


class CorruptOperator(ProlongError, ValueError):
    """The bytes are not a prolong operator, or their digest is not the promised one."""


class MissingExtra(ProlongError, ImportError):
    """An optional dependency is missing; the message names the extra to install."""


class ServiceError(ProlongError):
    """The service could not do what was asked."""


class ServiceUnavailable(ServiceError):
    """No usable answer came after all retries."""


class ServiceTimeout(ServiceError):
    """The answer, or the end of the job, did not come in time. The job itself goes on."""


class UnknownKey(ServiceError):
    """The service holds nothing under this key."""


class JobFailed(ServiceError):
    """The job ended with an error; the message is the worker's."""


class JobCancelled(ServiceError):
    """The job was cancelled."""


class UnexpectedResponse(ServiceError):
    """The answer is outside the documented contract: not a prolong service, or a newer one."""
