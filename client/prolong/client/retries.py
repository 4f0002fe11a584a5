"""When to ask again, and how long to pause before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

__all__ = ["RETRIED_STATUSES", "Retries", "retry_after"]

#: Answers that say "not now": too many requests, a bad gateway, unavailable, a gateway's time-out.
RETRIED_STATUSES = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Retries:
    """How stubborn a client is. Asking twice is always safe: a problem's key is its content.

    **Arguments:** `attempts` of one request, at least 1; the n-th pause is drawn from 0 to
    `base_seconds * 2**n`, at most `cap_seconds` ("full jitter", so that many clients do not return together);
    a request is not repeated past `deadline_seconds` after its first attempt; while waiting for a job, a
    service that is away is put up with for `patience_seconds`.
    """

    attempts: int = 5
    base_seconds: float = 0.25
    cap_seconds: float = 8.0
    deadline_seconds: float = 60.0
    patience_seconds: float = 60.0

    def pause(self, attempt: int, *, chance: float, asked: float | None, spent: float) -> float | None:
        """Seconds to pause after the failed `attempt` (from 0), or None to give up.

        **Arguments:** `chance`: in [0, 1), uniformly random; `asked`: the pause that the service asked for;
        `spent`: seconds since the first attempt.
        """
        if attempt + 1 >= self.attempts:
            return None
        jitter = chance * min(self.cap_seconds, self.base_seconds * 2.0 ** min(attempt, 60))
        pause = jitter if asked is None else asked + chance * self.base_seconds
        return pause if spent + pause <= self.deadline_seconds else None


def retry_after(response: httpx.Response, *, now: datetime | None = None) -> float | None:
    """The pause in seconds that `Retry-After` asks for, given there as seconds or as a date; None without one."""
    text = response.headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        return _until(text, now or datetime.now(UTC))
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # A date without a zone is in UTC (RFC 9110, section 5.6.7).
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
