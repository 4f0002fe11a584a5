"""The two matrices of a graph: Laplacian and hop distances.

Sign convention: `L = D - A`, positive semidefinite. The objective does not see the sign.
Edge weights are conductances: they enter `L` and are ignored by the hop distances.
"""

from typing import Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components, shortest_path

FloatArray = NDArray[np.float64]
Matrix = FloatArray | sp.csr_array

# Below this order, or above this density, dense products beat sparse ones.
_SPARSE_ORDER = 400
_SPARSE_DENSITY = 0.05


class EdgeList(Protocol):
    """What this module needs of a graph: each undirected edge once."""

    @property
    def n(self) -> int: ...
    @property
    def rows(self) -> NDArray[np.int64]: ...
    @property
    def cols(self) -> NDArray[np.int64]: ...
    @property
    def weights(self) -> FloatArray: ...


def sparse_adjacency(edges: EdgeList) -> sp.csr_array:
    """The symmetric weighted adjacency matrix, shape `(n, n)`."""
    rows = np.concatenate([edges.rows, edges.cols])
    cols = np.concatenate([edges.cols, edges.rows])
    weights = np.concatenate([edges.weights, edges.weights]).astype(np.float64)
    return sp.csr_array(sp.coo_array((weights, (rows, cols)), shape=(edges.n, edges.n)))


def sparse_laplacian(edges: EdgeList) -> sp.csr_array:
    """`L = D - A` with weighted degrees, shape `(n, n)`."""
    adjacency = sparse_adjacency(edges)
    degrees = np.asarray(adjacency.sum(axis=1)).ravel()
    return sp.csr_array(sp.diags_array(degrees) - adjacency)


def laplacian(edges: EdgeList) -> Matrix:
    """`L = D - A`, dense or sparse, whichever multiplies faster."""
    return suited(sparse_laplacian(edges))


def suited(matrix: sp.csr_array) -> Matrix:
    """The matrix of order n as it is, or dense if so it multiplies faster."""
    n = matrix.shape[0]
    if n >= _SPARSE_ORDER and matrix.nnz <= _SPARSE_DENSITY * n**2:
        return matrix
    return matrix.toarray()


def is_connected(edges: EdgeList) -> bool:
    """Whether every vertex reaches every other."""
    count, _ = connected_components(sparse_adjacency(edges), directed=False)
    return bool(count == 1)


def hop_distances(edges: EdgeList) -> FloatArray:
    """Number of edges on a shortest path, shape `(n, n)`; infinite between components."""
    return np.asarray(
        shortest_path(sparse_adjacency(edges), method="D", directed=False, unweighted=True), dtype=np.float64
    )


def dense(matrix: Matrix) -> FloatArray:
    """The matrix as a dense array; no copy if it is one."""
    return matrix if isinstance(matrix, np.ndarray) else matrix.toarray()


def frobenius_norm(matrix: Matrix) -> float:
    """Square root of the sum of squared entries."""
    entries = matrix if isinstance(matrix, np.ndarray) else matrix.data
    return float(np.linalg.norm(entries))
