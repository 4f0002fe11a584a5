"""`prolong solve` with several localities."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from prolong import Problem, formats, graphs
from prolong.cli import main
from prolong.cli.sweeps import part_path

SOLVE = ["solve", "path:4", "path:8", "--alpha", "1", "--beta", "0.25", "--starts", "1", "--locality"]
SWEEP = Problem(
    coarse=graphs.path(4), fine=graphs.path(8), locality=(0.0, 0.5, 1.0), alpha=1.0, beta=0.25, starts=1
)


def test_a_row_for_each_value(capsys):
    assert main([*SOLVE, "0:1:0.5"]) == 0
    head, _, table = capsys.readouterr().out.partition("\n\n")
    assert head.splitlines() == [
        "pair       path:4 → path:8",
        f"key        {SWEEP.key}",
        "operators  3 of 8 x 4",
    ]
    names, *rows = table.splitlines()
    assert " ".join(names.split()) == "s objective diffusion locality lower bound gap proof outcome seconds"
    assert [row.split()[0] for row in rows] == ["0", "0.5", "1"]
    assert [row.split()[-3:-1] for row in (rows[0], rows[2])] == [["exact", "optimal"]] * 2
    s, objective, diffusion, locality = map(float, rows[1].split()[:4])
    assert objective == pytest.approx((1 - s) * diffusion + s * locality, rel=1e-5)
    assert len({len(row) for row in (names, *rows)}) == 1


def test_json_holds_a_certificate_for_each_value(capsys):
    assert main([*SOLVE, "0,0.5,1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["key"] == SWEEP.key
    assert [part["locality"] for part in document["sweep"]] == [0.0, 0.5, 1.0]
    assert [part["key"] for part in document["sweep"]] == [part.key for part in SWEEP.parts]
    assert all(part["operator"] == {"shape": [8, 4], "kind": "dense", "nnz": 32} for part in document["sweep"])
    assert document["sweep"][2]["certificate"]["gap"] == 0.0


def test_a_file_for_each_value_and_one_picture(capsys, tmp_path):
    assert main([*SOLVE, "0:1:0.5", "--out", "P.safetensors", "--plot", "sweep.png"]) == 0
    assert {path.name for path in tmp_path.glob("P*")} == {f"P-s{s}.safetensors" for s in ("0.00", "0.50", "1.00")}
    operators = [formats.from_bytes(path.read_bytes()) for path in sorted(tmp_path.glob("P*"))]
    assert [operator.certificate.objective > 1e-9 for operator in operators] == [False, True, True]
    assert (tmp_path / "sweep.png").read_bytes().startswith(b"\x89PNG")
    assert main([*SOLVE, "0,1", "--out", "P.npz"]) == 0
    with np.load(tmp_path / "P-s1.00.npz") as archive:
        assert archive["P"].shape == (8, 4)


def test_names_have_the_decimals_that_the_values_need():
    path = Path("a/P.npz")
    assert part_path(path, 0.0, [0.0, 1.0]) == Path("a/P-s0.00.npz")
    assert part_path(path, 0.1, [0.1, 0.125]) == Path("a/P-s0.100.npz")
    assert part_path(path, 1 / 3, [1 / 3]) == Path("a/P-s0.3333333333333333.npz")
    assert part_path(path, 0.5, [1e-5, 0.5]) == Path("a/P-s0.50000.npz")


def test_a_list_of_aggregation_operators(capsys):
    assert (
        main(["solve", "path:4", "path:8", "--structure", "aggregation", "--locality", "0:1:0.25", "--json"]) == 0
    )
    parts = json.loads(capsys.readouterr().out)["sweep"]
    assert [part["operator"]["kind"] for part in parts] == ["csr"] * 5


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("0:2:0.5", "--locality: must be a number from 0 to 1"),
        ("0.5,0.25", "--locality: each value must be larger than the one before, 0.25 comes after 0.5"),
        ("0.5,0.5", "--locality: each value must be larger"),
        ("0,nan", "--locality: must be a number from 0 to 1"),
        ("0:1:0.001", "argument --locality: the range has more than 101 values"),
        (
            ",".join(str(number / 200) for number in range(102)),
            "--locality: has 102 values; the limit of a sweep is 101",
        ),
    ],
)
def test_bad_values_are_one_line_and_status_two(capsys, values, message):
    assert main([*SOLVE, values]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"prolong: error: {message}")
    assert captured.err.count("\n") == 1
