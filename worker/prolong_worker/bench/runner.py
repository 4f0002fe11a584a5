"""Measuring the cells of a benchmark, and writing down what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prolong.client.progress import watching
from prolong_worker.bench.base import Cell, Conclusion, Record
from prolong_worker.bench.hardware import commit, hardware
from prolong_worker.bench.ledger import Ledger

__all__ = ["bench_document", "measured"]


def measured(cells: Sequence[Cell], ledger: Ledger) -> list[Record]:
    """One record a cell: those that the ledger has are taken from it, the others are measured and kept there."""
    records = []
    with watching(None, label="measuring", total=len(cells)) as watch:
        for cell in cells:
            watch.say(cell.label)
            record = ledger.get(cell.key)
            if record is None:
                record = cell.run()
                ledger.put(cell.key, record)
            records.append(record)
            watch.advance()
    return records


def bench_document(
    name: str, settings: dict[str, Any], records: Sequence[Record], conclusion: Conclusion
) -> dict[str, Any]:
    """The whole run as JSON."""
    return {
        "bench": name,
        "hardware": hardware(),
        "commit": commit(),
        "settings": settings,
        "results": list(records),
        "goals": [goal.document() for goal in conclusion.goals],
    }
