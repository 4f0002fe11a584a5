"""One child process of the stack: started in its own process group, tethered to us, logging to a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from prolong_service.stack import tether

__all__ = ["Child"]

_TAIL_BYTES = 2000


class Child:
    """`death_signal` is what the child gets if this process dies without stopping it.

    The kernel ties the child to the *thread* that starts it; that thread must live as long as the child.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        death_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as stream:
            self._process = subprocess.Popen(  # noqa: S603 - our own commands
                [sys.executable, tether.__file__, str(int(death_signal)), str(os.getpid()), *command],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def exit_status(self) -> int | None:
        """`None` while it runs, else its exit status, negative for a signal."""
        return self._process.poll()

    def terminate(self) -> None:
        """Ask it to end."""
        if self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        """End it and its process group at once."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self, patience_seconds: float) -> None:
        """Ask it to end, and kill it if it has not within `patience_seconds`."""
        self.terminate()
        self.wait_or_kill(patience_seconds)

    def wait_or_kill(self, patience_seconds: float) -> None:
        """Wait for its end, and kill it if it does not come within `patience_seconds`."""
        try:
            self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_words(self) -> str:
        """The end of its log."""
        with self.log.open("rb") as stream:
            stream.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
            return stream.read().decode(errors="replace").strip()
