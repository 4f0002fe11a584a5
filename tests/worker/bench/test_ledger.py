"""The file by which a benchmark goes on."""

from __future__ import annotations

from prolong_worker.bench.ledger import Ledger


def test_records_outlive_the_process(tmp_path):
    path = tmp_path / "deep" / "bench.jsonl"
    Ledger(path).put("a", {"objective": 1.5, "curve": [[0.1, 2.0]]})
    Ledger(path).put("b", {})
    again = Ledger(path)
    assert len(again) == 2
    assert again.get("a") == {"objective": 1.5, "curve": [[0.1, 2.0]]}
    assert again.get("c") is None


def test_the_latest_record_of_a_key_counts(tmp_path):
    ledger = Ledger(tmp_path / "bench.jsonl")
    ledger.put("a", {"value": 1})
    ledger.put("a", {"value": 2})
    assert Ledger(tmp_path / "bench.jsonl").get("a") == {"value": 2}


def test_a_line_that_was_cut_off_counts_as_not_there_and_spoils_no_other(tmp_path):
    path = tmp_path / "bench.jsonl"
    Ledger(path).put("a", {"value": 1})
    with path.open("a") as file:
        file.write('{"key": "b", "rec')
    ledger = Ledger(path)
    assert ledger.get("b") is None
    ledger.put("b", {"value": 2})
    assert Ledger(path).get("a") == {"value": 1}
    assert Ledger(path).get("b") == {"value": 2}


def test_lines_that_are_no_records_are_passed_over(tmp_path):
    path = tmp_path / "bench.jsonl"
    path.write_text('[]\n7\nnull\n{"key": "a"}\n{"key": "b", "record": 3}\n{"key": "c", "record": {}}\n')
    assert len(Ledger(path)) == 1
