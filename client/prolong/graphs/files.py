"""Graph files: GraphML, GML, Matrix Market, npz and edge lists as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from prolong.errors import InvalidInput, MissingExtra
from prolong.extras import optional
from prolong.graphs.convert import from_edge_index, from_networkx, from_scipy
from prolong.graphs.edges import Edges

__all__ = ["SUFFIXES", "read"]


def read(path: str | Path) -> Edges:
    """The graph in a file, chosen by its ending.

    `.graphml` and `.gml` (through networkx: node order is vertex order, `weight` is the weight), `.mtx` and
    `.npz` (a scipy sparse adjacency matrix; an npz may instead hold `edge_index` of shape (2, m), with optional
    `n` and `weights`), `.csv` and `.txt` (a line an edge: two vertex numbers from 0 and an optional weight,
    separated by commas or blanks; lines starting with # are left out).

    **Raises:** `InvalidInput` where the file cannot be read as such a graph, `MissingExtra` where the reader's
    library is not installed (extra `worker`).
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InvalidInput.at("", f"{path.name}: unknown ending; graph files end in {', '.join(SUFFIXES)}")
    try:
        return reader(path)
    except FileNotFoundError as error:
        raise InvalidInput.at("", f"there is no file {str(path)!r}") from error
    except MissingExtra:
        raise
    except InvalidInput as error:
        # The pointers of a file lead nowhere that its owner could look; the sentences name the edge.
        at_file = (replace(field, pointer="", detail=f"{path.name}: {field.detail}") for field in error.errors)
        raise InvalidInput(*at_file) from error
    except Exception as error:
        # Four foreign parsers, each with errors of its own: all of them mean that the file is not one.
        raise InvalidInput.at("", f"{path.name} is not a readable {path.suffix} graph file: {error}") from error


def _graphml(path: Path) -> Edges:
    return from_networkx(optional("networkx", extra="worker", needed_for="reading GraphML").read_graphml(path))


def _gml(path: Path) -> Edges:
    return from_networkx(optional("networkx", extra="worker", needed_for="reading GML").read_gml(path))


def _matrix_market(path: Path) -> Edges:
    what = "reading Matrix Market files"
    matrix = optional("scipy.io", extra="worker", needed_for=what).mmread(path)
    return from_scipy(optional("scipy.sparse", extra="worker", needed_for=what).coo_array(matrix))


def _npz(path: Path) -> Edges:
    with np.load(path, allow_pickle=False) as archive:
        if "edge_index" in archive:
            n = int(archive["n"]) if "n" in archive else None
            return from_edge_index(archive["edge_index"], n=n, weights=archive.get("weights"))
    sparse = optional("scipy.sparse", extra="worker", needed_for="reading a sparse npz matrix")
    return from_scipy(sparse.load_npz(path))


def _edge_list(path: Path) -> Edges:
    with path.open(newline="", encoding="utf-8") as lines:
        rows = [row.replace(",", " ").split() for row in lines if row.strip() and not row.lstrip().startswith("#")]
    edges = []
    for number, row in enumerate(rows):
        if len(row) not in {2, 3}:
            raise ValueError(f"edge {number} has {len(row)} columns, not 2 or 3")
        edges.append((int(row[0]), int(row[1]), *map(float, row[2:])))
    if not edges:
        raise ValueError("it holds no edges")
    n = 1 + max(max(edge[0], edge[1]) for edge in edges)
    return Edges(n=n, edges=tuple(edges))


_READERS: dict[str, Callable[[Path], Edges]] = {
    ".csv": _edge_list,
    ".gml": _gml,
    ".graphml": _graphml,
    ".mtx": _matrix_market,
    ".npz": _npz,
    ".txt": _edge_list,
}

#: The endings that `read` knows.
SUFFIXES = tuple(_READERS)
