"""The command line's short form."""

from __future__ import annotations

from pathlib import Path

import pytest

from prolong import InvalidInput, graphs
from prolong.graphs import BaseGraph


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("path:32", graphs.path(32)),
        (" cycle:64 ", graphs.cycle(64)),
        ("grid:8x8", graphs.grid(8, 8)),
        ("grid:2x3x4", graphs.grid(2, 3, 4)),
        ("torus:8x9", graphs.grid(8, 9, periodic=True)),
        ("tree:2,5", graphs.tree(2, 5)),
        ("hypercube:5", graphs.hypercube(5)),
        ("complete:3", graphs.complete(3)),
        ("star:4", graphs.star(4)),
        ("wheel:5", graphs.wheel(5)),
        ("random_geometric:20,0.5", graphs.random_geometric(20, 0.5)),
        ("random_geometric:20,5e-1,7", graphs.random_geometric(20, 0.5, seed=7)),
        ("box(path:8,cycle:8)", graphs.box(graphs.path(8), graphs.cycle(8))),
        ("box( tree:2,5 , path:3 )", graphs.box(graphs.tree(2, 5), graphs.path(3))),
        (
            "box(box(path:2,path:3),random_geometric:4,0.5,1)",
            graphs.box(graphs.box(graphs.path(2), graphs.path(3)), graphs.random_geometric(4, 0.5, seed=1)),
        ),
    ],
)
def test_short_forms(text: str, spec: BaseGraph) -> None:
    assert graphs.parse(text) == spec


def test_files_stand_in_products(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pair.csv").write_text("0,1\n")
    assert graphs.parse("box(pair.csv,path:3)") == graphs.box(graphs.edges(2, [(0, 1)]), graphs.path(3))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no graph"),
        ("path", "is no graph"),
        ("path:", "is no graph"),
        ("path:-1", "is no graph"),
        ("Path:3", "is no graph"),
        ("wood:3", "is no graph"),
        ("path: 3", "is no graph"),
        ("path:٣", "is no graph"),
        ("box()", "is no graph"),
        ("box(path:2,path:3", "is no graph"),
        ("box(path:2,path:3))", "is no graph"),
        ("box(path:2,wood:3)", "'wood:3' is no graph"),
        ("path:3x4", "numbers that a path needs"),
        ("path:1e3", "numbers that a path needs"),
        ("path:2.5", "numbers that a path needs"),
        ("path:" + "9" * 5000, "numbers that a path needs"),
        ("tree:2", "numbers that a tree needs"),
        ("tree:2,3,4", "numbers that a tree needs"),
        ("grid:3x", "numbers that a grid needs"),
        ("random_geometric:5", "numbers that a random_geometric needs"),
        ("random_geometric:5,0.5,1,2", "numbers that a random_geometric needs"),
        ("path:0", "/n: .*greater than or equal to 1"),
        ("cycle:2", "/n: .*greater than or equal to 3"),
        ("wheel:3", "/n: .*greater than or equal to 4"),
        ("torus:2x8", "/shape: each side of a periodic grid"),
        ("hypercube:31", "/dim: .*less than or equal to 30"),
        ("random_geometric:5,0", "/radius: .*greater than 0"),
        ("box(path:3)", "/factors: .*at least 2"),
        ("gone.graphml", "there is no file"),
        ("box(" * 5000 + "path:2,path:2" + ",path:2)" * 5000, "nested 8 deep"),
    ],
)
def test_bad_short_forms_are_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        graphs.parse(text)
