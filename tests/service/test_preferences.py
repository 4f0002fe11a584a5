"""`Prefer: wait`."""

from __future__ import annotations

import pytest

from prolong_service.preferences import MAX_WAIT_SECONDS, applied, wait_seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], None),
        (["wait=5"], 5),
        (["respond-async, Wait=7"], 7),
        (["respond-async", 'wait="9"; foo=bar'], 9),
        (["wait=3600"], MAX_WAIT_SECONDS),
        (["wait=0"], 0),
        (["wait"], None),
        (["wait=-1"], None),
        (["wait=soon"], None),
        (["await=5"], None),
    ],
)
def test_the_wait_is_read_bounded_and_else_ignored(headers: list[str], seconds: int | None) -> None:
    assert wait_seconds(headers) == seconds


def test_what_was_honoured_is_told() -> None:
    assert applied(5) == {"Preference-Applied": "wait=5"}
    assert applied(None) == {}
