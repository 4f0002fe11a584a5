"""Cells are measured once, in order, and kept as they finish."""

from __future__ import annotations

import json

import pytest

from prolong_worker.bench.base import Cell, Conclusion
from prolong_worker.bench.goals import Goal
from prolong_worker.bench.ledger import Ledger
from prolong_worker.bench.runner import bench_document, measured


def cells(runs: list[str], *names: str, broken: str = "") -> list[Cell]:
    def run(name: str) -> dict[str, str]:
        runs.append(name)
        if name == broken:
            raise KeyboardInterrupt
        return {"name": name}

    return [Cell(name, name, lambda name=name: run(name)) for name in names]


def test_an_interrupted_run_goes_on_where_it_was(tmp_path):
    runs: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        measured(cells(runs, "a", "b", "c", broken="b"), Ledger(tmp_path / "bench.jsonl"))
    assert runs == ["a", "b"]
    records = measured(cells(runs, "a", "b", "c"), Ledger(tmp_path / "bench.jsonl"))
    assert runs == ["a", "b", "b", "c"]
    assert records == [{"name": "a"}, {"name": "b"}, {"name": "c"}]


def test_the_document_has_what_every_benchmark_promises():
    goal = Goal("time", 1.0, 2.0, "s")
    document = json.loads(json.dumps(bench_document("x", {"seed": 3}, [{"a": 1}], Conclusion("text", [goal]))))
    assert document.keys() == {"bench", "hardware", "commit", "settings", "results", "goals"}
    assert document["results"] == [{"a": 1}]
    assert document["goals"] == [{"name": "time", "value": 1.0, "goal": 2.0, "unit": "s", "met": True}]
