"""Graphs from the libraries that users have them in, and from plain arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prolong.errors import InvalidInput
from prolong.graphs.edges import Edges

if TYPE_CHECKING:
    import networkx
    from scipy.sparse import coo_array, coo_matrix, csc_array, csc_matrix, csr_array, csr_matrix

    SparseMatrix = (
        coo_array[Any] | coo_matrix[Any] | csc_array[Any] | csc_matrix[Any] | csr_array[Any, Any] | csr_matrix[Any]
    )

__all__ = ["from_arrays", "from_edge_index", "from_networkx", "from_scipy"]


def from_networkx(graph: networkx.Graph[Any], *, weight: str | None = "weight") -> Edges:
    """An undirected networkx graph; its node order becomes the vertex order.

    **Arguments:** `weight`: the edge attribute that holds the weight (1 where it is missing), or None to
    ignore weights, as networkx spells it.

    **Raises:** `InvalidInput` for directed graphs, multigraphs and self-loops.
    """
    if graph.is_directed() or graph.is_multigraph():
        raise InvalidInput.at("", "the graph must be undirected and not a multigraph")
    numbers = {node: index for index, node in enumerate(graph.nodes)}
    if weight is None:
        return Edges(n=len(numbers), edges=tuple((numbers[u], numbers[v]) for u, v in graph.edges))
    triples = ((numbers[u], numbers[v], data.get(weight, 1)) for u, v, data in graph.edges(data=True))
    return Edges(n=len(numbers), edges=tuple((u, v) if w == 1 else (u, v, float(w)) for u, v, w in triples))


def from_scipy(matrix: SparseMatrix) -> Edges:
    """A symmetric sparse adjacency matrix; entries are weights, and zeros no edges.

    **Raises:** `InvalidInput` where it is not square, not symmetric, or has a non-zero diagonal.
    """
    rows, cols = matrix.shape
    if rows != cols:
        raise InvalidInput.at("", f"an adjacency matrix is square, this one has shape {(rows, cols)}")
    entries: Any = matrix.tocoo(copy=True)
    entries.sum_duplicates()
    entries.eliminate_zeros()
    if abs(entries - entries.T).max() != 0:
        raise InvalidInput.at("", "the adjacency matrix is not symmetric; symmetrise it as your problem needs")
    upper = entries.row <= entries.col
    return from_arrays(rows, entries.row[upper], entries.col[upper], entries.data[upper])


def from_edge_index(edge_index: Any, *, n: int | None = None, weights: Any = None) -> Edges:
    """PyTorch Geometric's form: an integer array or tensor of shape `(2, m)`, edges in one or both directions.

    **Arguments:** `n`: the number of vertices; the largest index plus one where it is None.
    """
    first, second = np.asarray(edge_index)
    count = int(max(first.max(initial=-1), second.max(initial=-1))) + 1 if n is None else n
    return from_arrays(count, first, second, weights)


def from_arrays(n: int, first: ArrayLike, second: ArrayLike, weights: ArrayLike | None = None) -> Edges:
    """`n` vertices and the edges `(first[i], second[i])`, each array of shape `(m,)`."""
    ends = _integers(first), _integers(second)
    if weights is None:
        return Edges(n=n, edges=tuple(zip(*ends, strict=True)))
    return Edges(n=n, edges=tuple(zip(*ends, np.asarray(weights, dtype=np.float64).tolist(), strict=True)))


def _integers(values: ArrayLike) -> Iterable[int]:
    array: NDArray[Any] = np.asarray(values)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise InvalidInput.at("", f"vertex numbers are whole numbers, these have the type {array.dtype}")
    result: list[int] = array.astype(np.int64).tolist()
    return result
