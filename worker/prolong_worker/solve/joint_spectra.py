"""A common eigenbasis of two symmetric matrices that commute.

Cycles, tori, hypercubes, complete graphs and all Cayley graphs of abelian groups have Laplacians and hop
distances that commute. The first matrix is diagonalised, then the second inside each of its eigenspaces; what
rounding has mixed between eigenspaces that are close to each other is undone by rotations of first order
that serve both matrices at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from prolong_worker.solve.graph_matrices import FloatArray, Matrix, frobenius_norm
from prolong_worker.solve.spectra import Spectrum

# Relative to the sizes of the matrices: commutators and residuals above these are no rounding errors.
_COMMUTATOR = 1e-12
_RESIDUAL = 1e-10
# Eigenvalues of the first matrix closer than this, relative to the largest, share an eigenspace.
_SPACE = 1e-8
# Residuals above this are worth a correction; pairs of vectors closer than the last are not rotated.
_CLEAN = 1e-14
_CORRECTIONS = 2
_CLOSEST = 1e-9


@dataclass(frozen=True)
class JointSpectrum:
    """Common eigenvectors of two matrices, `vectors[:, k]` with the values `first[k]` and `second[k]`.

    Arguments:
        first: ascending up to rounding, shape `(n,)`.
        second: shape `(n,)`.
        vectors: orthonormal columns, shape `(n, n)`.
    """

    first: FloatArray
    second: FloatArray
    vectors: FloatArray


def commute(first: Matrix, second: Matrix) -> bool:
    """Whether `A B = B A` within rounding, for symmetric matrices of order n; one product.

    For integer matrices, as of unweighted graphs, the test is exact.
    """
    product = np.asarray((first @ second) if isinstance(second, np.ndarray) else (second @ first))
    size = frobenius_norm(first) * frobenius_norm(second) / product.shape[0]
    return bool(np.abs(product - product.T).max() <= _COMMUTATOR * size)


def joint_spectrum(first: Spectrum, second: Spectrum) -> JointSpectrum | None:
    """The common eigenbasis, None if there is none to rounding."""
    if not commute(first.matrix, second.matrix):
        return None
    joint = _measured(first, second, _split(first, second.matrix))
    for _ in range(_CORRECTIONS):
        if joint.residual <= _CLEAN:
            break
        corrected = _measured(first, second, _orthonormal(joint.corrected()))
        if corrected.residual >= joint.residual:
            break
        joint = corrected
    if joint.residual > _RESIDUAL:
        return None
    return JointSpectrum(joint.values[0], joint.values[1], joint.vectors)


def eigenspaces(values: FloatArray, width: float) -> Sequence[slice]:
    """Runs of neighbours no further apart than `width` among ascending values, in order."""
    breaks = np.flatnonzero(np.diff(values) > width) + 1
    edges = [0, *breaks.tolist(), values.size]
    return [slice(low, high) for low, high in pairwise(edges)]


def _split(first: Spectrum, second: Matrix) -> FloatArray:
    vectors = first.vectors.copy()
    for space in eigenspaces(first.values, _SPACE * float(np.abs(first.values).max())):
        if space.stop - space.start > 1:
            basis = vectors[:, space]
            _, rotation = np.linalg.eigh(basis.T @ (second @ basis))
            vectors[:, space] = basis @ rotation
    return vectors


@dataclass(frozen=True)
class _Measured:
    """A basis with both matrices seen in it; the images and values are divided by the matrices' sizes."""

    vectors: FloatArray
    images: tuple[FloatArray, FloatArray]
    values: tuple[FloatArray, FloatArray]
    sizes: tuple[float, float]

    @property
    def residual(self) -> float:
        """Largest norm of `A v - v (v' A v)` over the vectors and both matrices, relative to their sizes."""
        return max(
            float(np.linalg.norm(image - self.vectors * value, axis=0).max()) / size
            for image, value, size in zip(self.images, self.values, self.sizes, strict=True)
        )

    def corrected(self) -> FloatArray:
        """The vectors turned so that both matrices become diagonal to first order."""
        turn, distance = np.zeros_like(self.vectors), np.zeros_like(self.vectors)
        for image, value, size in zip(self.images, self.values, self.sizes, strict=True):
            gaps = (value[None, :] - value[:, None]) / size
            turn += (self.vectors.T @ image) * (gaps / size)
            distance += gaps**2
        far = distance > _CLOSEST**2
        np.divide(turn, distance, out=turn, where=far)
        turn[~far] = 0.0
        corrected: FloatArray = self.vectors + self.vectors @ ((turn - turn.T) / 2)
        return corrected


def _measured(first: Spectrum, second: Spectrum, vectors: FloatArray) -> _Measured:
    images = tuple(np.asarray(spectrum.matrix @ vectors) for spectrum in (first, second))
    values = tuple(np.einsum("ij,ij->j", vectors, image) for image in images)
    sizes = tuple(max(float(np.abs(value).max()), np.finfo(float).tiny) for value in values)
    return _Measured(vectors, (images[0], images[1]), (values[0], values[1]), (sizes[0], sizes[1]))


def _orthonormal(vectors: FloatArray) -> FloatArray:
    # One Newton-Schulz step: the columns are orthonormal to the square of the small turn already.
    nearest: FloatArray = vectors @ (1.5 * np.eye(vectors.shape[1]) - 0.5 * (vectors.T @ vectors))
    return nearest
