"""A part of the stack that must run: its command, its present process, and the pauses between its restarts."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from prolong_service.stack.errors import StackError
from prolong_service.stack.process import Child

__all__ = ["Part"]

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
_HEALTHY_SECONDS = 30.0

_log = logging.getLogger(__name__)


class Part:
    """Logs to `NAME.log` in `folder`. Everything must be called from one thread that outlives the part."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = command
        self._log_file = folder / f"{name}.log"
        self._environment = environment
        self._child: Child | None = None
        self._started_at = 0.0
        self._start_at: float | None = None
        self._pause_seconds = _FIRST_PAUSE_SECONDS

    @property
    def pid(self) -> int | None:
        """Of its present process."""
        return None if self._child is None or self._child.exit_status() is not None else self._child.pid

    def start(self) -> None:
        """Start its process."""
        self._start_at = None
        self._started_at = time.monotonic()
        # A part that outlives the supervisor could only wait for a server that has gone: it is killed.
        self._child = Child(
            self.name,
            self._command,
            log=self._log_file,
            environment=self._environment,
            death_signal=signal.SIGKILL,
        )

    def raise_if_ended(self) -> None:
        """**Raises:** `StackError` with its last words if its process has ended."""
        if self._child is not None and self._child.exit_status() is not None:
            words = self._child.last_words()
            raise StackError(f"{self.name} ended while starting; the end of {self._log_file}:\n{words}")

    def revive(self) -> None:
        """Start its process again if it has ended, after a pause that grows while it keeps ending early."""
        if self._child is None or self._child.exit_status() is None:
            return
        now = time.monotonic()
        if self._start_at is None:
            if now - self._started_at > _HEALTHY_SECONDS:
                self._pause_seconds = _FIRST_PAUSE_SECONDS
            _log.warning("%s ended with status %s; starting it again", self.name, self._child.exit_status())
            self._start_at = now + self._pause_seconds
            self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)
        elif now >= self._start_at:
            self.start()

    def terminate(self) -> None:
        """Ask its process to end."""
        if self._child is not None:
            self._child.terminate()

    def wait_or_kill(self, patience_seconds: float) -> None:
        """Wait for the end of its process, or force it."""
        if self._child is not None:
            self._child.wait_or_kill(patience_seconds)
