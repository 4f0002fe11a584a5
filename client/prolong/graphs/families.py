"""Edges of the graph families, as whole-array arithmetic on canonical (row < column) pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prolong.graphs.adjacency import Adjacency

__all__ = ["box", "complete", "cycle", "path", "random_geometric", "star", "tree"]


def path(n: int) -> Adjacency:
    """0 - 1 - ... - (n - 1)."""
    vertices = np.arange(n - 1)
    return _unit(n, vertices, vertices + 1)


def cycle(n: int) -> Adjacency:
    """A path closed by the edge (n - 1, 0)."""
    vertices = np.arange(n)
    return _unit(n, vertices, np.roll(vertices, -1))


def complete(n: int) -> Adjacency:
    """Every pair of vertices."""
    rows, cols = np.triu_indices(n, k=1)
    return _unit(n, rows, cols)


def star(n: int, *, rim: bool) -> Adjacency:
    """Vertex 0 joined to all others; with `rim` those form a cycle in order (a wheel)."""
    leaves = np.arange(1, n)
    hub = np.zeros(n - 1, dtype=np.int64)
    if not rim:
        return _unit(n, hub, leaves)
    return _unit(n, np.concatenate((hub, leaves)), np.concatenate((leaves, np.roll(leaves, -1))))


def tree(branching: int, n: int) -> Adjacency:
    """The complete `branching`-ary tree on `n` vertices, numbered level by level from the root 0."""
    children = np.arange(1, n)
    return _unit(n, (children - 1) // branching, children)


def random_geometric(n: int, radius: float, seed: int) -> Adjacency:
    """`n` seeded uniform points of the unit square, joined within the Euclidean distance `radius`."""
    points = np.random.default_rng(seed).random((n, 2))
    order = np.argsort(points[:, 0], kind="stable")
    x, y = points[order].T
    first, second = [], []
    # In the order of x, partners further than the radius along x end the search: O(n² radius) time, O(n) memory.
    for ahead in range(1, n):
        dx, dy = x[ahead:] - x[:-ahead], y[ahead:] - y[:-ahead]
        if dx.min() > radius:
            break
        near = np.flatnonzero(dx * dx + dy * dy <= radius * radius)
        first.append(order[near])
        second.append(order[near + ahead])
    none = np.empty(0, dtype=np.int64)
    return _unit(n, np.concatenate((none, *first)), np.concatenate((none, *second)))


def box(left: Adjacency, right: Adjacency) -> Adjacency:
    """The box product, vertex (i, j) at i * right.n + j: `L = L1 ⊗ I + I ⊗ L2`."""
    along_left = np.arange(right.n)[None, :]
    along_right = np.arange(left.n)[:, None] * right.n
    rows = (left.rows[:, None] * right.n + along_left).ravel(), (along_right + right.rows[None, :]).ravel()
    cols = (left.cols[:, None] * right.n + along_left).ravel(), (along_right + right.cols[None, :]).ravel()
    weights = np.repeat(left.weights, right.n), np.tile(right.weights, left.n)
    return Adjacency.from_edges(
        left.n * right.n, np.concatenate(rows), np.concatenate(cols), np.concatenate(weights)
    )


def _unit(n: int, first: NDArray[np.int64], second: NDArray[np.int64]) -> Adjacency:
    return Adjacency.from_edges(n, first.astype(np.int64), second.astype(np.int64))
