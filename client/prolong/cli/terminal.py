"""The only place that writes to the terminal."""

from __future__ import annotations

import os
import sys

__all__ = ["close_output", "complain", "say"]


def say(text: str) -> None:
    """Write to standard output, and see that it arrives."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Write one line to standard error, whatever line breaks `text` has."""
    sys.stderr.write(f"prolong: {' '.join(text.split())}\n")
    sys.stderr.flush()


def close_output() -> None:
    """Let nothing more be written: whoever read the output has gone, and Python would complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
