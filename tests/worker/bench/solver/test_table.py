"""Records as Markdown."""

from __future__ import annotations

from prolong_worker.bench.solver.table import markdown, tables

OURS, CG = "prolong", "pymanopt CG"


def test_columns_are_aligned():
    lines = markdown(["a", "long"], [["1", "2"], ["333", "4"]]).splitlines()
    assert lines[0] == "| a   | long |"
    assert lines[1] == "| --- | ---- |"
    assert len({len(line) for line in lines}) == 1


def test_the_best_value_is_bold_and_methods_without_records_have_no_column(record):
    records = [
        record(OURS, [(0.5, 1.25)], gap=0.0125, proof="spectral"),
        record(CG, [(1.0, 3.0), (5.0, 2.5)]),
    ]
    header, _, row = tables(records).splitlines()
    assert [cell.strip() for cell in header.split("|")[1:-1]] == [
        "pair", "s", OURS, CG, "gap of ours", "proof", "ours sooner than CG by",
    ]  # fmt: skip
    assert [cell.strip() for cell in row.split("|")[1:-1]] == [
        "a -> b", "0.3", "**1.25**", "2.5", "1.25 %", "spectral", "10x",
    ]  # fmt: skip


def test_exactness_and_long_runs_have_parts_of_their_own(record):
    exact = record(OURS, [(0.5, 1.0)], kind="exact", gap=0.0, proof="exact", outcome="optimal")
    long = [record(OURS, [(2.0, 1.0)], kind="long"), record(CG, [(500.0, 1.0)], kind="long")]
    text = tables([exact, *long])
    assert "| exact | optimal |" in text
    assert text.endswith("600 s: prolong 1, pymanopt CG 1; ours sooner by 250x")


def test_no_records_no_text():
    assert tables([]) == ""
