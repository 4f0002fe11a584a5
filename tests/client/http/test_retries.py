"""The retry policy is data: no network, no clock."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prolong.client.retries import Retries, retry_after

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


def pause(retries: Retries, attempt: int = 0, chance: float = 0.5, asked: float | None = None, spent: float = 0.0):
    return retries.pause(attempt, chance=chance, asked=asked, spent=spent)


@given(st.integers(0, 2000), st.floats(0, 1, exclude_max=True))
def test_pauses_are_drawn_from_zero_to_a_growing_capped_bound(attempt, chance):
    retries = Retries(attempts=10_000, base_seconds=0.5, cap_seconds=8.0)
    bound = min(8.0, 0.5 * 2.0 ** min(attempt, 10))
    assert pause(retries, attempt, chance) == pytest.approx(chance * bound)


def test_attempts_are_counted():
    retries = Retries(attempts=3)
    assert [pause(retries, attempt) is None for attempt in range(4)] == [False, False, True, True]
    assert pause(Retries(attempts=1)) is None


def test_what_the_service_asks_for_is_kept():
    assert 7.0 <= pause(Retries(), asked=7.0, chance=0.99) < 7.5


@pytest.mark.parametrize(("asked", "spent"), [(61.0, 0.0), (None, 60.5), (20.0, 50.0)])
def test_the_deadline_is_not_overrun(asked, spent):
    assert pause(Retries(deadline_seconds=60.0), asked=asked, spent=spent) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("3", 3.0),
        ("2.5", 2.5),
        ("0", 0.0),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("Thu, 01 Jan 2026 12:00:30 GMT", 30.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("Thu, 01 Jan 2026 12:00:30 -0000", 30.0),
        ("Thu, 99 Foo 2026", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    headers = {} if text is None else {"Retry-After": text}
    assert retry_after(httpx.Response(503, headers=headers), now=NOW) == seconds
