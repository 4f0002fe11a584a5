"""Optional parts: libraries that are imported only when they are needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from prolong.errors import MissingExtra

__all__ = ["optional"]


def optional(module: str, *, extra: str, needed_for: str) -> Any:
    """The imported `module`, which the given extra brings.

    **Raises:** `MissingExtra` where it, or something that it imports, is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f"{needed_for} needs {module}; install the extra {extra!r}: pip install 'prolong[{extra}]'"
        ) from error
