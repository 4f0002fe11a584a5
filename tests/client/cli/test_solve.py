"""`prolong solve` in this process and through a service."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from prolong import Problem, formats, graphs
from prolong.cli import main

PAIR = ["path:4", "path:8"]
KEY = Problem(coarse=graphs.path(4), fine=graphs.path(8), locality=0.5, alpha=1.0, beta=0.25).key
SETTINGS = ["--locality", "0.5", "--alpha", "1", "--beta", "0.25"]


def test_the_certificate_is_an_aligned_table(capsys):
    assert main(["solve", *PAIR, *SETTINGS]) == 0
    output = capsys.readouterr().out
    rows = dict(re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in output.splitlines())
    assert rows["pair"] == "path:4 → path:8, s = 0.5"
    assert rows["key"] == KEY
    assert rows["operator"] == "8 x 4, dense, 32 entries"
    assert rows["alpha"] == "1"
    assert rows["beta"] == "0.25"
    assert list(rows)[3:] == [
        "objective",
        "diffusion term",
        "locality term",
        "alpha",
        "beta",
        "lower bound",
        "gap",
        "proof",
        "outcome",
        "method",
        "iterations",
        "seconds",
        "orthonormality error",
        "gradient norm",
    ]
    objective = 0.5 * float(rows["diffusion term"]) + 0.5 * float(rows["locality term"])
    assert float(rows["objective"]) == pytest.approx(objective, rel=1e-6)
    assert len({re.search(r"\S\s{2,}(?=\S)", line.strip()).end() + len(line) - len(line.strip()) for line in
                output.splitlines()}) == 1  # fmt: skip


def test_json_holds_the_whole_certificate(capsys):
    assert main(["solve", *PAIR, *SETTINGS, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["key"] == KEY
    assert document["operator"] == {"shape": [8, 4], "kind": "dense", "nnz": 32}
    assert document["certificate"]["alpha"] == 1.0
    assert 0.0 <= document["certificate"]["gap"] <= 1.0


def test_files_are_written_in_the_form_of_their_ending(capsys, tmp_path):
    names = ["P.safetensors", "P.npz"]
    for name in names:
        assert main(["solve", *PAIR, "--locality", "0", "--out", name, "--plot", "P.png"]) == 0
    operator = formats.from_bytes((tmp_path / names[0]).read_bytes())
    assert operator.orthonormality_error() < 1e-12
    assert operator.certificate is not None
    with np.load(tmp_path / names[1]) as archive:
        assert archive["P"].shape == (8, 4)
    assert (tmp_path / "P.png").read_bytes().startswith(b"\x89PNG")


def test_graphs_may_be_files(capsys, tmp_path):
    Path("coarse.csv").write_text("0,1\n1,2\n")
    assert main(["solve", "coarse.csv", "box(path:2,path:2)", "--locality", "0"]) == 0
    assert "4 x 3" in capsys.readouterr().out


def test_every_setting_reaches_the_problem(capsys):
    more = ["--method", "spectral", "--starts", "2", "--seed", "3", "--tolerance", "1e-4", "--max-seconds", "9"]
    assert main(["solve", *PAIR, "--locality", "0", "--alpha", "joint", *more, "--json"]) == 0
    problem = Problem(
        coarse=graphs.path(4), fine=graphs.path(8), locality=0.0, alpha="joint", method="spectral", starts=2,
        seed=3, tolerance=1e-4, max_seconds=9.0,
    )  # fmt: skip
    assert json.loads(capsys.readouterr().out)["key"] == problem.key
    assert main(["solve", *PAIR, "--structure", "aggregation", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["operator"]["kind"] == "csr"
    assert document["key"] == Problem(coarse=graphs.path(4), fine=graphs.path(8), structure="aggregation").key


FILE = "a file ending in .csv, .gml, .graphml, .mtx, .npz, .txt"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["path:8", "path:4"], "COARSE: the coarse graph has 8 vertices, more than the fine graph's 4"),
        (["path:0", "path:4"], "COARSE: "),
        (["path:4", "cycle:2"], "FINE: "),
        (["blob:4", "path:4"], "COARSE: 'blob:4' is no graph; "),
        (["path:4", "missing.csv"], "FINE: there is no file 'missing.csv'"),
        (["loop.csv", "path:9"], "COARSE: loop.csv: "),
        (["negative.csv", "path:9"], "COARSE: negative.csv: "),
        (["parts.csv", "path:9"], "COARSE: the coarse graph has 2 components"),
        ([*PAIR, "--locality", "1.5"], "--locality: "),
        ([*PAIR, "--locality", "nan"], "--locality: "),
        (
            [*PAIR, "--locality", "half"],
            "argument --locality: must be a number, a range START:END:STEP or a list S,S,..., not 'half'",
        ),
        ([*PAIR, "--alpha", "-1"], "--alpha: must be a positive number"),
        ([*PAIR, "--beta", "0"], "--beta: must be a positive number"),
        ([*PAIR, "--alpha", "much"], "argument --alpha: must be a number, auto or joint, not 'much'"),
        ([*PAIR, "--method", "magic"], "argument --method: invalid choice: 'magic'"),
        ([*PAIR, "--starts", "0"], "--starts: "),
        ([*PAIR, "--max-seconds", "0"], "--max-seconds: "),
        ([*PAIR, "--out", "P.txt"], "argument --out: 'P.txt' must end in .safetensors or .npz"),
        ([*PAIR, "--out", "no/P.npz"], "argument --out: 'no/P.npz' lies in no folder"),
        ([*PAIR, "--plot", "folder.png"], "argument --plot: 'folder.png' is a folder"),
        ([*PAIR, "--loc", "1"], "unrecognized arguments: --loc 1"),
        (["path:4"], "the following arguments are required: FINE"),
        ([*PAIR, "--url", "nowhere"], "'nowhere' is no address"),
    ],
)
def test_bad_input_is_one_line_and_status_two(capsys, arguments, message):
    Path("folder.png").mkdir()
    Path("loop.csv").write_text("0,1\n1,1\n")
    Path("negative.csv").write_text("0,1,-2\n")
    Path("parts.csv").write_text("0,1\n2,3\n")
    assert main(["solve", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"prolong: error: {message}")
    assert captured.err.count("\n") == 1


def test_no_result_is_lost_to_a_drawing_that_fails(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    assert main(["solve", *PAIR, "--locality", "0", "--out", "P.npz", "--plot", "P.png"]) == 1
    captured = capsys.readouterr()
    assert "objective" in captured.out
    assert captured.err.startswith("prolong: error: drawing operators needs matplotlib")
    assert (tmp_path / "P.npz").exists()


def test_another_process_is_a_problem_of_its_own(capsys):
    assert main(["solve", *PAIR, "--process", "heat:0.5", "--locality", "0", "--json"]) == 0
    problem = Problem(coarse=graphs.path(4), fine=graphs.path(8), process={"kind": "heat", "t": 0.5}, locality=0.0)
    assert json.loads(capsys.readouterr().out)["key"] == problem.key
    assert main(["solve", *PAIR, "--process", "normalized_laplacian", "--locality", "0"]) == 0


@pytest.mark.parametrize(
    ("process", "complaint"),
    [("heat:soon", "heat:1.0"), ("heat:-1", "--process"), ("heat", "--process"), ("ice", "--process")],
)
def test_a_bad_process_is_one_line(process, complaint, capsys):
    assert main(["solve", *PAIR, "--process", process]) == 2
    assert complaint in capsys.readouterr().err
