r"""Lagrange multipliers and the bound that they prove.

For symmetric `S` (n_coarse) and `Y` (n_fine) let `M = H + I ⊗ Y - S ⊗ I`, that is `M[V] = H[V] + Y V - V S`. Every
orthonormal P has `<P, P S> = tr S`, `<P, Y P> <= tr Y+` (the positive part, because `0 <= P P' <= I`) and
`||P||_F^2 = n_coarse`, hence

    q(P) = <P, M[P]> + <P, P S> - <P, Y P>  >=  n_coarse * lambda_min(M) + tr S - tr Y+ .

Nothing is asked of S and Y but symmetry, so the bound holds for whatever an ascent made of them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from prolong_worker.solve.dual.quadratic import Quadratic, diagonal_in
from prolong_worker.solve.graph_matrices import FloatArray

_EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Multipliers:
    """The shifted operator `M` of a quadratic.

    Arguments:
        quadratic: with `H`.
        coarse: `S`, symmetric, shape `(n_coarse, n_coarse)`.
        fine: `Y`, symmetric, shape `(n_fine, n_fine)`.
    """

    quadratic: Quadratic
    coarse: FloatArray
    fine: FloatArray

    @cached_property
    def _fine_square(self) -> FloatArray:
        square: FloatArray = self.quadratic.fine_square + self.fine
        return square

    @cached_property
    def _coarse_square(self) -> FloatArray:
        square: FloatArray = self.quadratic.coarse_square - self.coarse
        return square

    @cached_property
    def size(self) -> float:
        """An upper bound of the spectral norm of `M`."""
        return float(self.quadratic.size + np.linalg.norm(self.coarse) + np.linalg.norm(self.fine))

    @cached_property
    def diagonal(self) -> FloatArray:
        """The diagonal of `M` in the basis of the quadratic, shape `(n_fine, n_coarse)`."""
        basis = self.quadratic.basis
        fine, coarse = diagonal_in(basis.left, self.fine), diagonal_in(basis.right, self.coarse)
        return np.asarray(basis.diagonal + fine[:, None] - coarse[None, :])

    def apply(self, stack: FloatArray) -> FloatArray:
        """`M` applied to each point of a stack, shape `(k, n_fine, n_coarse)`."""
        image: FloatArray = self._fine_square @ stack + stack @ self._coarse_square
        for part in self.quadratic.parts:
            image -= (2 * part.weight) * (part.fine @ stack @ part.coarse)
        return image

    def matrix(self) -> FloatArray:
        """`M` for row-stacked points, shape `(n_fine n_coarse, n_fine n_coarse)`."""
        n_fine, n_coarse = self.quadratic.shape
        blocks = np.zeros((n_fine, n_coarse, n_fine, n_coarse))
        for part in self.quadratic.parts:
            blocks -= (2 * part.weight) * part.fine[:, None, :, None] * part.coarse[None, :, None, :]
        rows, cols = np.arange(n_fine), np.arange(n_coarse)
        blocks[rows, :, rows, :] += self._coarse_square
        blocks[:, cols, :, cols] += self._fine_square
        order = n_fine * n_coarse
        return blocks.reshape(order, order)

    @cached_property
    def trace(self) -> float:
        """`tr S - tr Y+`, rounded down."""
        values = np.linalg.eigvalsh(self.fine)
        sizes = np.linalg.norm(self.coarse) + np.linalg.norm(self.fine)
        slack = 10 * self.fine.shape[0] ** 2 * _EPSILON * sizes
        return float(np.trace(self.coarse) - np.sum(np.maximum(values, 0)) - slack)

    def bound(self, eigenvalue: float) -> float:
        """What no orthonormal P is below in the quadratic, given a lower bound of the eigenvalues of `M`."""
        return self.trace + self.quadratic.shape[1] * eigenvalue
