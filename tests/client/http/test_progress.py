"""What people at a terminal see."""

from __future__ import annotations

import pytest

from prolong.client.progress import describe, describe_search, watching
from prolong.wire import Progress, ProlongationView


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"status": "queued"}, "queued"),
        ({"status": "queued", "queue_position": 3}, "queued, 3 before it"),
        ({"status": "queued", "queue_position": 0}, "queued, next"),
        ({"status": "running"}, "running"),
        ({"status": "running", "progress": Progress(stage="start 2")}, "start 2"),
        ({"status": "done", "progress": Progress(stage="start 2")}, "done"),
    ],
)
def test_a_prolongation_in_a_few_words(fields, text):
    assert describe(ProlongationView(key="k", **fields)) == text


def test_a_search_in_a_few_words():
    progress = Progress(stage="stiefel", iteration=12, objective=3.33340000001, lower_bound=0.94243)
    assert describe_search(progress) == "stiefel, iteration 12, objective 3.3334, bound 0.94243"


@pytest.mark.parametrize(("show", "shown"), [(True, True), (False, False), (None, False)])
def test_nothing_is_shown_where_nobody_looks(capfd, show, shown):
    with watching(show, label="pair") as watch:
        watch.say("so far")
        watch.advance()
    assert ("so far" in capfd.readouterr().err) is shown


def test_a_terminal_is_shown_progress(capfd, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with watching(None, label="pairs", total=2) as watch:
        watch.advance()
        watch.say("second")
    assert "pairs: 1/2" in capfd.readouterr().err
