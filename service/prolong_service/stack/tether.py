"""Runs a command that ends when the process that started it ends, however that happens.

    python tether.py SIGNAL PARENT COMMAND...

On Linux the kernel sends SIGNAL to the command when its parent dies; the command takes this process's
place. Elsewhere this process stays and watches. It is run as a file, so that it imports nothing else.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.5


def main(arguments: list[str]) -> int:
    """Run the command; returns its exit status where this process stays."""
    number, parent, command = int(arguments[0]), int(arguments[1]), arguments[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        # The parent may have died before the line above.
        if os.getppid() != parent:
            return 1
        os.execvp(command[0], command)  # noqa: S606 - the stack's own command
    return _watch(number, parent, command)


def _watch(number: int, parent: int, command: list[str]) -> int:
    child = subprocess.Popen(command)  # noqa: S603 - the stack's own command
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    signal.signal(signal.SIGINT, lambda *_: child.send_signal(signal.SIGINT))
    while True:
        try:
            return child.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                child.send_signal(number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
