"""What can go wrong while a stack starts."""

from __future__ import annotations

from prolong.errors import ProlongError

__all__ = ["StackError"]


class StackError(ProlongError):
    """A part of the stack could not be started; the message says which, why, and what to do."""
