"""`prolong distance`."""

from __future__ import annotations

import json

import pytest

import prolong
from prolong import graphs
from prolong.cli.entry import main


def test_a_pair_is_told_in_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["distance", "star:6", "path:4", "--t", "0.5,linear"]) == 0
    first, second = capsys.readouterr().out.split("\n\n")
    assert "pair         star:6, path:4" in first
    assert f"{prolong.distance(graphs.star(6), graphs.path(4), 0.5).value:.10g}" in first
    assert "linear" in second


def test_more_graphs_make_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["distance", "path:4", "star:6", "cycle:5"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("t = 1, largest gap")
    assert [row.split()[0] for row in rows] == ["path:4", "star:6", "cycle:5"]
    assert all(len(row.split()) == 4 for row in rows)


def test_json_is_the_whole_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["distance", "path:4", "star:6", "--json"]) == 0
    matrix = json.loads(capsys.readouterr().out)["matrices"][0]
    assert matrix["values"][0][1] == prolong.distance(graphs.path(4), graphs.star(6)).value


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["path:4", "nonsense:3"], "GRAPH 2: 'nonsense:3'"),
        (["path:4", "path:99999999"], "GRAPH 2: the graph has 99999999 vertices"),
        (["path:4", "path:5", "--t", "0"], "--t"),
        (["path:4", "path:5", "--t", "soon"], "linear"),
        (["path:4", "path:5", "--max-seconds", "0"], "--max-seconds"),
        (["path:4"], "B"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["distance", *arguments]) == 2
    complaints = capsys.readouterr().err.strip().splitlines()
    assert len(complaints) == 1
    assert complaint in complaints[0]


def test_long_names_are_shortened(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["distance", "box(path:2,box(path:2,path:2))", "path:5"]) == 0
    assert "box(path:2,box(path:2..." in capsys.readouterr().out
