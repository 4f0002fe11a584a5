r"""Spectra of paths, cycles and grids from their axes alone: no matrix is formed.

Laplacian: `4 sin^2` formulas, and sums over the axes of a grid.

Hop distances of a path of n vertices (a tree): `T^-1 = -L / 2 + t t' / (2 (n - 1))`, `t = 2 - degree` (Graham &
Lovasz 1978). Antisymmetric vectors do not see `t`: eigenvalues `-2 / lambda`. A symmetric eigenvector is
`cos((k - (n + 1) / 2) x)` inside, the ends give `tan(x / 2) tan(n x / 2) = -1 / n` with the eigenvalue
`-1 / (2 sin^2(x / 2))`, and once `tanh(x / 2) tanh(n x / 2) = 1 / n` with `1 / (2 sinh^2(x / 2))`.

Hop distances of a cycle: circulant, one Fourier transform.

Hop distances of a grid: `T = sum_a J x .. T_a .. x J` acts on the span of the all-ones vector and the vectors
that vary along one axis only, zero elsewhere. There, for an open axis, the Laplacian eigenvectors diagonalise
`T_a` up to the all-ones direction (from `L T = -2 I + t 1'`), which leaves an arrowhead matrix.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from prolong.graphs import Axis
from prolong_worker.solve.arrowhead import arrowhead_eigenvalues
from prolong_worker.solve.graph_matrices import FloatArray

_BISECTIONS = 110


def laplacian_values(axes: Sequence[Axis]) -> FloatArray:
    """Ascending eigenvalues of `L`, shape `(n,)`, `n` the product of the sides."""
    sums = reduce(np.add.outer, [_axis_laplacian(axis) for axis in axes])
    return np.sort(np.ravel(sums))


def distance_values(axes: Sequence[Axis]) -> FloatArray:
    """Ascending eigenvalues of `T`, shape `(n,)`, `n` the product of the sides."""
    if len(axes) > 1:
        return _grid_distances(axes)
    (axis,) = axes
    return np.sort(_cycle_distances(axis.n) if axis.periodic else _path_distances(axis.n))


def _axis_laplacian(axis: Axis) -> FloatArray:
    # Frequencies k pi / n of a path, 2 k pi / n of a cycle; k = 0 is the constant vector.
    turn = 2 if axis.periodic else 1
    values: FloatArray = 4 * np.sin(turn * np.pi * np.arange(axis.n) / (2 * axis.n)) ** 2
    return values


def _cycle_distances(n: int) -> FloatArray:
    """In the order of the frequencies; the first belongs to the constant vector."""
    steps = np.arange(n)
    return np.asarray(np.fft.fft(np.minimum(steps, n - steps).astype(np.float64)).real)


def _path_distances(n: int) -> FloatArray:
    if n == 1:
        return np.zeros(1)
    antisymmetric = -2 / _axis_laplacian(Axis(n, periodic=False))[1::2]
    return np.concatenate([antisymmetric, _symmetric_negative(n), [_symmetric_positive(n)]])


def _symmetric_negative(n: int) -> FloatArray:
    # With n h = k pi - y, h = x / 2, the equation is tan(h) tan(y) = 1 / n for 0 < y < pi / 2.
    k = np.arange(1, (n + 1) // 2)
    low, high = np.zeros(k.size), np.full(k.size, np.pi / 2)
    for _ in range(_BISECTIONS):
        y = (low + high) / 2
        half = (k * np.pi - y) / n
        above = n * np.sin(half) * np.sin(y) > np.cos(half) * np.cos(y)
        high, low = np.where(above, y, high), np.where(above, low, y)
    values: FloatArray = -0.5 / np.sin((k * np.pi - (low + high) / 2) / n) ** 2
    return values


def _symmetric_positive(n: int) -> float:
    # n tanh(h) tanh(n h) grows with h, and its root h lies below 2 / n.
    low, high = 0.0, 2.0 / n
    for _ in range(_BISECTIONS):
        half = (low + high) / 2
        if n * np.tanh(half) * np.tanh(n * half) > 1:
            high = half
        else:
            low = half
    return float(0.5 / np.sinh((low + high) / 2) ** 2)


def _grid_distances(axes: Sequence[Axis]) -> FloatArray:
    n = int(np.prod([axis.n for axis in axes]))
    parts = [_varying_part(axis) for axis in axes]
    shares = [n / axis.n for axis in axes]
    corner = sum(share * part[0] for share, part in zip(shares, parts, strict=True))
    diagonal = np.concatenate([share * part[1] for share, part in zip(shares, parts, strict=True)])
    coupling = np.concatenate([share * part[2] for share, part in zip(shares, parts, strict=True)])
    reduced = arrowhead_eigenvalues(corner, diagonal, coupling)
    return np.sort(np.concatenate([reduced, np.zeros(n - reduced.size)]))


def _varying_part(axis: Axis) -> tuple[float, FloatArray, FloatArray]:
    """`T_a` in an eigenbasis of its Laplacian: `(1' T 1 / n, diagonal, coupling with 1 / sqrt(n))`."""
    if axis.periodic:
        values = _cycle_distances(axis.n)
        return float(values[0]), values[1:], np.zeros(axis.n - 1)
    k = np.arange(1, axis.n)
    laplacian = _axis_laplacian(axis)[1:]
    coupling = np.where(k % 2 == 0, 2 * np.sqrt(2) * np.cos(np.pi * k / (2 * axis.n)) / laplacian, 0.0)
    return (axis.n**2 - 1) / 3, -2 / laplacian, coupling
