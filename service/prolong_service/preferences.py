"""The `Prefer` request header (RFC 7240), of which `wait` is understood."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["MAX_WAIT_SECONDS", "applied", "wait_seconds"]

MAX_WAIT_SECONDS = 60
"""The longest that a request waits, however much it prefers."""

_WAIT = re.compile(r'wait\s*=\s*"?([0-9]{1,9})"?', re.IGNORECASE)


def wait_seconds(headers: Iterable[str]) -> int | None:
    """The preferred wait, bounded; None without one. What is not understood is ignored, as the RFC asks."""
    for preference in ",".join(headers).split(","):
        found = _WAIT.fullmatch(preference.partition(";")[0].strip())
        if found:
            return min(int(found[1]), MAX_WAIT_SECONDS)
    return None


def applied(seconds: int | None) -> dict[str, str]:
    """The answer's headers that tell which wait was honoured."""
    return {} if seconds is None else {"Preference-Applied": f"wait={seconds}"}
