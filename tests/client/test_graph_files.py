"""Graph files of every ending, written by the libraries that define them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from scipy import io, sparse

from prolong import InvalidInput, graphs

KARATE = nx.karate_club_graph()
MATRIX = sparse.csr_array(nx.to_scipy_sparse_array(KARATE, dtype=np.float64))


def canonical(spec: graphs.BaseGraph) -> bytes:
    return spec.adjacency().canonical_bytes()


def edge_lines(separator: str) -> str:
    lines = (f"{u}{separator}{v}{separator}{data['weight']}" for u, v, data in KARATE.edges(data=True))
    return "# a comment\n\n" + "\n".join(lines) + "\n"


def edge_index(path: Path) -> None:
    upper = sparse.triu(MATRIX).tocoo()
    np.savez(path, edge_index=np.stack((upper.row, upper.col)), weights=upper.data)


WRITERS: list[tuple[str, Callable[[Path], Any]]] = [
    ("karate.graphml", lambda path: nx.write_graphml(KARATE, path)),
    ("karate.gml", lambda path: nx.write_gml(KARATE, path)),
    ("karate.mtx", lambda path: io.mmwrite(path, MATRIX)),
    ("symmetric.mtx", lambda path: io.mmwrite(path, MATRIX, symmetry="symmetric")),
    ("dense.mtx", lambda path: io.mmwrite(path, MATRIX.toarray())),
    ("karate.npz", lambda path: sparse.save_npz(path, MATRIX)),
    ("index.npz", edge_index),
    ("karate.csv", lambda path: path.write_text(edge_lines(","))),
    ("karate.txt", lambda path: path.write_text(edge_lines(" "))),
    ("windows.CSV", lambda path: path.write_bytes(edge_lines(" , ").replace("\n", "\r\n").encode())),
]


@pytest.mark.parametrize(("name", "write"), WRITERS, ids=[name for name, _ in WRITERS])
def test_every_ending_gives_the_written_graph(tmp_path: Path, name: str, write: Callable[[Path], Any]) -> None:
    write(tmp_path / name)
    assert canonical(graphs.read(tmp_path / name)) == canonical(graphs.from_networkx(KARATE))
    assert canonical(graphs.parse(str(tmp_path / name))) == canonical(graphs.from_networkx(KARATE))


def test_an_edge_index_may_say_how_many_vertices_there_are(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", edge_index=np.array([[0], [1]]), n=5)
    assert graphs.read(tmp_path / "a.npz").n == 5


BAD: list[tuple[str, bytes, str]] = [
    ("a.xlsx", b"", "unknown ending"),
    ("noending", b"", "unknown ending"),
    ("a.csv", b"", "no edges"),
    ("a.csv", b"# only a comment\n", "no edges"),
    ("a.csv", b"source,target\n0,1\n", "not a readable"),
    ("a.csv", b"0,1,2,3\n", "columns"),
    ("a.csv", b"0,1,x\n", "not a readable"),
    ("a.csv", b"0,1,nan\n", "weight"),
    ("a.csv", b"0,1,-1\n", "weight"),
    ("a.csv", b"0,-1\n", "out of range|vertices are 0"),
    ("a.csv", b"1,1\n", "self-loop"),
    ("a.csv", b"\xff\xfe0,1", "not a readable"),
    ("a.csv", b"0," + b"9" * 5000, "not a readable"),
    ("a.txt", b"0 99999999999999", "vertex numbers"),
    ("a.graphml", b"<graphml", "not a readable"),
    ("a.gml", b"graph [", "not a readable"),
    ("a.gml", b"graph [ directed 1 node [ id 0 label 0 ] ]", "undirected"),
    ("a.mtx", b"not a matrix", "not a readable"),
    ("a.mtx", b"%%MatrixMarket matrix coordinate real general\n2 3 1\n1 2 1.0\n", "square"),
    ("a.mtx", b"%%MatrixMarket matrix coordinate real general\n2 2 1\n1 2 1.0\n", "not symmetric"),
    ("a.npz", b"PK", "not a readable"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD)
def test_bad_files_are_refused_by_name(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=message) as caught:
        graphs.read(tmp_path / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value).strip()


def test_the_code_of_the_fault_in_a_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("0,1\n1,1\n")
    with pytest.raises(InvalidInput) as caught:
        graphs.read(tmp_path / "a.csv")
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("", "self_loop")]


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"there is no file .*gone\.csv"):
        graphs.read(tmp_path / "gone.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InvalidInput, match=r"folder\.csv"):
        graphs.read(tmp_path / "folder.csv")


def test_pickles_in_npz_files_are_not_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", edge_index=np.array([[{}], [{}]], dtype=object))
    with pytest.raises(InvalidInput, match="not a readable"):
        graphs.read(tmp_path / "a.npz")
