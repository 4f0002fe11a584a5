"""The JSON bodies."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from prolong.wire import PageView, Progress, ProlongationView, Status


def test_final_statuses() -> None:
    assert {status.value for status in Status if status.is_final} == {"done", "failed", "cancelled"}


def test_a_newer_service_can_be_read() -> None:
    progress = {"stage": "x", "y": 1}
    body = {"key": "a" * 64, "status": "queued", "queue_position": 0, "colour": "red", "progress": progress}
    view = ProlongationView.model_validate(body)
    assert (view.status, view.progress) == (Status.QUEUED, Progress(stage="x"))
    assert ProlongationView.model_validate_json(view.model_dump_json()) == view


def test_an_unknown_status_is_outside_the_contract() -> None:
    with pytest.raises(ValidationError):
        ProlongationView.model_validate({"key": "a" * 64, "status": "lost"})


def test_a_page_keeps_its_order_and_cursor() -> None:
    keys = ["b" * 64, "a" * 64]
    page = PageView.model_validate(
        {"prolongations": [{"key": key, "status": "done"} for key in keys], "next": "c"}
    )
    assert [view.key for view in page.prolongations] == keys
    assert page.next == "c"
