"""`prolong bench NAME`, as it is called."""

from __future__ import annotations

import json

import pytest

from prolong.cli import main

TINY = ["bench", "solver", "--pairs", "cycle:24", "--seconds", "0.05", "--arms", "prolong", "pymanopt CG"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "no benchmark is given; the benchmarks are solver"),
        (["dance"], "'dance' is no benchmark; the benchmarks are solver"),
        (["solver", "--seconds", "0"], "must be a positive number of seconds, not '0'"),
        (["solver", "--seconds", "inf"], "must be a positive number of seconds, not 'inf'"),
        (["solver", "--seed", "-1"], "must be a whole number from 0, not '-1'"),
        (["solver", "--threads", "0"], "must be at least 1"),
        (["solver", "--json", "x.txt"], "must end in .json"),
        (["solver", "--arms", "magic"], "invalid choice: 'magic'"),
        (["solver", "--resume", "r.jsonl", "--pairs", "nothing"], "no pair has such a name; there are "),
    ],
)
def test_usage_errors_are_one_line(capsys, monkeypatch, tmp_path, arguments, complaint):
    monkeypatch.chdir(tmp_path)
    assert main(["bench", *arguments]) == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1


def test_help_lists_the_benchmarks(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["bench", "--help"])
    assert ended.value.code == 0
    assert "  solver  the solver beside PyManOpt" in capsys.readouterr().out


def test_a_run_writes_json_and_picture_ends_with_goals_and_resumes(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main([*TINY, "--json", "out.json", "--plot", "out.png"]) == 0
    output = capsys.readouterr().out
    document = json.loads((tmp_path / "out.json").read_text())
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    assert {record["kind"] for record in document["results"]} == {"compared", "exact"}
    assert document["settings"]["threads"] == 1
    assert document["settings"]["arms"] == ["prolong", "pymanopt CG"]
    lines = output.splitlines()[-len(document["goals"]) :]
    assert all(goal["name"] in line for goal, line in zip(document["goals"], lines, strict=True))
    assert document["hardware"]["processor"] in output
    kept = (tmp_path / ".prolong" / "bench" / "solver.jsonl").read_text()
    assert main([*TINY, "--json", "again.json"]) == 0
    assert (tmp_path / ".prolong" / "bench" / "solver.jsonl").read_text() == kept
    assert json.loads((tmp_path / "again.json").read_text())["results"] == document["results"]
