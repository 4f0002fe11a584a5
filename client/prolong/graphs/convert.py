"""Graphs from the libraries that users have them in, and from plain arrays."""

from __future__ import annotations

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
        raise InvalidInput.at("", "the graph must be undirected and not a multigraph", code="not_simple")
    numbers = {node: index for index, node in enumerate(graph.nodes)}
    if weight is None:
        return Edges(n=len(numbers), edges=tuple((numbers[u], numbers[v]) for u, v in graph.edges))
    triples = ((numbers[u], numbers[v], data.get(weight, 1)) for u, v, data in graph.edges(data=True))
    return Edges(n=len(numbers), edges=tuple(triples))


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
    if not np.all(np.isfinite(entries.data)):
        raise InvalidInput.at("", "the entries of an adjacency matrix must be finite numbers", code="bad_weight")
    if (entries != entries.T).nnz:
        raise InvalidInput.at(
            "", "the adjacency matrix is not symmetric; symmetrise it as your problem needs", code="not_symmetric"
        )
    upper = entries.row <= entries.col
    return from_arrays(rows, entries.row[upper], entries.col[upper], entries.data[upper])


def from_edge_index(edge_index: Any, *, n: int | None = None, weights: Any = None) -> Edges:
    """PyTorch Geometric's form: an integer array or tensor of shape `(2, m)`, edges in one or both directions.

    **Arguments:** `n`: the number of vertices; the largest index plus one where it is None.
    `weights`: shape `(m,)`, positive; all 1 where it is None.

    **Raises:** `InvalidInput` for other shapes and types, and where `Edges` would.
    """
    ends = np.asarray(edge_index)
    if ends.ndim != 2 or len(ends) != 2:
        raise InvalidInput.at("", f"an edge index has the shape (2, m), this one has {ends.shape}")
    first, second = ends
    count = int(max(_integers(ends.ravel()), default=-1)) + 1 if n is None else n
    return from_arrays(count, first, second, weights)


def from_arrays(n: int, first: ArrayLike, second: ArrayLike, weights: ArrayLike | None = None) -> Edges:
    """`n` vertices and the edges `(first[i], second[i])`, each array of shape `(m,)`, `weights` alike.

    **Raises:** `InvalidInput` for arrays of other shapes and types, and where `Edges` would.
    """
    columns = [_integers(first), _integers(second)]
    if weights is not None:
        columns.append(_reals(weights))
    if len(set(map(len, columns))) != 1:
        raise InvalidInput.at("", f"the arrays of edges must be equally long, got {[*map(len, columns)]}")
    return Edges(n=n, edges=tuple(zip(*columns, strict=True)))


def _integers(values: ArrayLike) -> list[Any]:
    array: NDArray[Any] = np.asarray(values)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise InvalidInput.at("", f"vertex numbers are whole numbers, these have the type {array.dtype}")
    return _listed(array)


def _reals(values: ArrayLike) -> list[Any]:
    array: NDArray[Any] = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise InvalidInput.at("", f"weights are real numbers, these have the type {array.dtype}")
    return _listed(array.astype(np.float64))


def _listed(array: NDArray[Any]) -> list[Any]:
    if array.ndim != 1:
        raise InvalidInput.at("", f"edges are given by arrays of shape (m,), this one has {array.shape}")
    return list(array.tolist())
