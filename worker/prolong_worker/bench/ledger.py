"""The file by which an interrupted benchmark goes on: one finished cell a line."""

from __future__ import annotations

import json
from pathlib import Path

from prolong_worker.bench.base import Record

__all__ = ["Ledger"]


class Ledger:
    """Records by key, in a file of JSON lines to which every finished cell is appended at once.

    A line that was cut off, by a full disk or a kill, counts as not there; so does one that is no record.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text() if path.exists() else ""
        if text and not text.endswith("\n"):
            path.write_text(text := text + "\n")
        self._records = dict(entry for line in text.splitlines() if (entry := _entry(line)) is not None)

    def __len__(self) -> int:
        return len(self._records)

    def get(self, key: str) -> Record | None:
        """The record of a cell, None where it was not finished."""
        return self._records.get(key)

    def put(self, key: str, record: Record) -> None:
        """Keep the record of a finished cell."""
        with self._path.open("a") as file:
            file.write(json.dumps({"key": key, "record": record}) + "\n")
        self._records[key] = record


def _entry(line: str) -> tuple[str, Record] | None:
    try:
        entry = json.loads(line)
        return str(entry["key"]), dict(entry["record"])
    except (ValueError, TypeError, KeyError):
        return None
