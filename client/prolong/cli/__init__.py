"""The command line: `prolong COMMAND`. Commands are loaded when they are called, so that each starts quickly."""

from __future__ import annotations

from prolong.cli.entry import main

__all__ = ["main"]
