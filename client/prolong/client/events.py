"""Server-sent events, read line by line (WHATWG HTML, section 9.2.6: the parts that the service uses)."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError

from prolong.wire import ProlongationView

__all__ = ["EventReader"]


class EventReader:
    """Collects the lines of a stream into events and reports each prolongation among them.

    **Arguments:** `report`: called with each view; `is_late`: asked at every line, also at keep-alive comments,
    whether to stop listening. `heard` counts the views; `last_id` is the newest event's id, from which the service
    can go on in another stream.
    """

    def __init__(self, report: Callable[[ProlongationView], None], is_late: Callable[[], bool]) -> None:
        self.heard = 0
        self.last_id: str | None = None
        self._report = report
        self._is_late = is_late
        self._data: list[str] = []

    def hear(self, line: str) -> bool:
        """Take the next line; True when there is nothing more to wait for."""
        if line.startswith("data:"):
            self._data.append(line.removeprefix("data:").removeprefix(" "))
        elif line.startswith("id:"):
            self.last_id = line.removeprefix("id:").strip()
        return (not line and self._is_final()) or self._is_late()

    def _is_final(self) -> bool:
        text, self._data = "\n".join(self._data), []
        try:
            view = ProlongationView.model_validate_json(text)
        except ValidationError:
            # Another kind of event; the view itself is asked for after the stream.
            return False
        self.heard += 1
        self._report(view)
        return view.status.is_final
