"""The canonical form of a graph: its labelled, weighted adjacency as three sorted arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from prolong.model import MAX_RATIO, rejected

__all__ = ["Adjacency"]

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Adjacency:
    """An undirected graph without self-loops on the vertices 0 ... n - 1.

    **Arguments:** `rows`, `cols`, `weights`, each of shape `(m,)`: every edge once, `rows < cols`, sorted by row,
    then column; weights positive (conductances in the Laplacian; hop distances ignore them). Two equal labelled
    graphs have equal arrays. Build it with `from_edges` (read-only arrays) unless they are known to be canonical.
    """

    n: int
    rows: IntArray
    cols: IntArray
    weights: FloatArray

    @classmethod
    def from_edges(
        cls, n: int, first: IntArray, second: IntArray, weights: FloatArray | None = None, *, at: str = ""
    ) -> Adjacency:
        """Sort and check edges given in any order and direction; an edge given twice alike counts once.

        **Arguments:** `at`: the JSON pointer of the list of edges, for errors; empty where there is none.

        **Raises:** `PydanticCustomError` (inside validators; `InvalidInput` at the door) for a vertex outside
        0 ... n - 1, a self-loop, a weight that is not positive, or an edge with two weights.
        """
        weights = np.ones(len(first)) if weights is None else weights
        _check_edges(n, first, second, weights, at=at)
        rows, cols = np.minimum(first, second), np.maximum(first, second)
        order = np.lexsort((cols, rows))
        rows, cols, weights = rows[order], cols[order], weights[order]
        repeated = np.flatnonzero((rows[1:] == rows[:-1]) & (cols[1:] == cols[:-1]))
        if len(repeated):
            clash = repeated[weights[repeated] != weights[repeated + 1]]
            if len(clash):
                k = clash[0]
                raise rejected(
                    "two_weights",
                    "edge ({u}, {v}) is given with two weights, {a} and {b}",
                    u=int(rows[k]), v=int(cols[k]), a=float(weights[k]), b=float(weights[k + 1]),
                    at=_item(at, order[k + 1]),
                )  # fmt: skip
            keep = np.ones(len(rows), dtype=bool)
            keep[repeated + 1] = False
            rows, cols, weights = rows[keep], cols[keep], weights[keep]
        for array in (rows, cols, weights):
            array.flags.writeable = False
        return cls(n=n, rows=rows, cols=cols, weights=weights)

    @property
    def m(self) -> int:
        """The number of edges."""
        return len(self.rows)

    @cached_property
    def components(self) -> int:
        """The number of connected components.

        Every vertex points to a smaller one of its component; pointers are halved until they rest on the roots,
        then roots joined by an edge are merged: O((n + m) log n) in whole-array steps.
        """
        parent = np.arange(self.n)
        while True:
            low = np.minimum(parent[self.rows], parent[self.cols])
            joined = parent.copy()
            np.minimum.at(joined, parent[self.rows], low)
            np.minimum.at(joined, parent[self.cols], low)
            while not np.array_equal(joined, joined[joined]):
                joined = joined[joined]
            if np.array_equal(joined, parent):
                return len(np.unique(parent))
            parent = joined

    def canonical_bytes(self) -> bytes:
        """The graph as bytes, equal for equal labelled graphs on every machine."""
        head = np.array([self.n, self.m], dtype="<i8").tobytes()
        return b"".join(
            (
                head,
                self.rows.astype("<i8").tobytes(),
                self.cols.astype("<i8").tobytes(),
                self.weights.astype("<f8").tobytes(),
            )
        )


def _check_edges(n: int, first: IntArray, second: IntArray, weights: FloatArray, *, at: str) -> None:
    outside = np.flatnonzero((first < 0) | (first >= n) | (second < 0) | (second >= n))
    if len(outside):
        i = int(outside[0])
        raise rejected(
            "vertex_out_of_range",
            "edge {i} joins ({u}, {v}), but the vertices are 0 to {last}",
            i=i, u=int(first[i]), v=int(second[i]), last=n - 1, at=_item(at, i),
        )  # fmt: skip
    loops = np.flatnonzero(first == second)
    if len(loops):
        i = int(loops[0])
        raise rejected("self_loop", "edge {i} is a self-loop at vertex {u}", i=i, u=int(first[i]), at=_item(at, i))
    bad = np.flatnonzero(~((weights >= 1 / MAX_RATIO) & (weights <= MAX_RATIO)))
    if len(bad):
        i = int(bad[0])
        detail = "edge {i} has the weight {w}; weights are positive numbers (1e-12 to 1e12)"
        raise rejected("bad_weight", detail, i=i, w=float(weights[i]), at=_item(at, i))


def _item(at: str, index: int) -> str:
    return f"{at}/{index}" if at else ""
