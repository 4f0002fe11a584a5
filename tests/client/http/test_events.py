"""Server-sent events, line by line."""

from __future__ import annotations

import pytest

from prolong.client.events import EventReader
from prolong.wire import ProlongationView

RUNNING = ProlongationView(key="a" * 64, status="running").model_dump_json()
DONE = ProlongationView(key="a" * 64, status="done").model_dump_json()


def read(text: str, is_late=lambda: False) -> tuple[EventReader, list[str], int]:
    """The reader after `text`, the statuses that it reported, and the lines that it left unread."""
    seen: list[str] = []
    reader = EventReader(lambda view: seen.append(view.status), is_late)
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if reader.hear(line):
            return reader, seen, len(lines) - number
    return reader, seen, 0


def test_views_are_reported_until_the_last():
    reader, seen, left = read(
        f": hi\n\nevent: progress\nid: 1-0\ndata: {RUNNING}\n\ndata:{DONE}\n\ndata: {RUNNING}\n\n"
    )
    assert seen == ["running", "done"]
    assert left == 3
    assert reader.heard == 2
    assert reader.last_id == "1-0"


def test_an_event_may_have_several_lines():
    half = RUNNING.index(",") + 1
    assert read(f"data: {RUNNING[:half]}\ndata: {RUNNING[half:]}\n\n")[1] == ["running"]


@pytest.mark.parametrize("data", ["", "not json", "{}", "[1]", '{"key": "x", "status": "odd"}'])
def test_other_events_are_passed_over(data):
    reader, seen, _ = read(f"data: {data}\n\nretry: 5\n\ndata: {RUNNING}\n\n")
    assert seen == ["running"]
    assert reader.heard == 1


def test_an_event_that_was_cut_off_is_not_reported():
    assert read(f"data: {RUNNING}")[1] == []


def test_listening_ends_with_the_time_also_at_comments():
    assert read(": keep-alive\n: keep-alive", is_late=lambda: True)[2] == 1
