r"""Ascent over block-diagonal matrices with orthonormal blocks.

    maximise  2 tr(Z V' B V) - sum_f tr(V_f' S_f V_f)

over `V` that is zero outside its blocks `V_f = V[rows, columns]`, each with orthonormal columns. One block at a
time: a sign is set to its best value; a larger block is replaced by the polar factor of the (shifted) gradient, a
linear function below the convex one and equal to it here, so that no step goes down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.manifold import polar_factor

_LEAST_GAIN = 1e-7
# What the interpreter takes for one step, in multiplications.
_STEP_WORK = 1e5


@dataclass(frozen=True)
class Block:
    """Where one block stands, and what it costs.

    Arguments:
        rows: a run of them.
        columns: at most as many as rows.
        penalty: `S`, positive semidefinite, of the order of the rows; None where the block is square, for which
            the trace would be constant.
    """

    rows: slice
    columns: NDArray[np.int64]
    penalty: FloatArray | None = None

    def work(self, rows: int, columns: int) -> float:
        """Multiplications for one step on this block of a matrix of that shape, and the interpreter's share."""
        height, width = int(self.rows.stop - self.rows.start), self.columns.size
        return _STEP_WORK + height * width * (rows + columns + height + 10 * width)

    @cached_property
    def penalty_norm(self) -> float:
        return 0.0 if self.penalty is None else float(np.linalg.norm(self.penalty, 2))


@dataclass(frozen=True)
class Ascent:
    """The function to climb.

    Arguments:
        inner: `B`, symmetric, shape `(rows, rows)`.
        outer: `Z`, symmetric, shape `(columns, columns)`.
        blocks: that cover all rows and columns.
    """

    inner: FloatArray
    outer: FloatArray
    blocks: Sequence[Block]

    def value(self, rotation: FloatArray) -> float:
        """Of `V`, shape `(rows, columns)`."""
        penalty = sum(
            float(np.sum(part * (block.penalty @ part)))
            for block in self.blocks
            if block.penalty is not None
            for part in [rotation[block.rows, block.columns]]
        )
        return 2 * float(np.sum(self.outer * (rotation.T @ self.inner @ rotation))) - penalty

    def climb(self, start: FloatArray, sweeps: int) -> FloatArray:
        """A `V` above or level with the start, that no single block improves much if the sweeps suffice.

        Arguments:
            start: with orthonormal blocks, zero outside of them.
            sweeps: over all blocks, at most.
        """
        rotation, image = start.copy(), self.inner @ start
        size = float(np.abs(self.outer * (start.T @ image)).sum()) + np.finfo(float).tiny
        for _ in range(sweeps):
            gain = sum(self._improve(block, rotation, image) for block in self.blocks)
            if gain <= _LEAST_GAIN * size:
                break
        return rotation

    def _improve(self, block: Block, rotation: FloatArray, image: FloatArray) -> float:
        """Sets one block in `rotation` and in `image = B V`; at most half the gain."""
        old = rotation[block.rows, block.columns]
        inner = self.inner[block.rows, block.rows]
        outer = self.outer[np.ix_(block.columns, block.columns)]
        # Half the gradient in this block.
        slope = (self.outer[block.columns] @ image[block.rows].T).T
        if old.size == 1:
            slope = slope - inner * old * outer
            new = np.where(slope == 0, old, np.sign(slope))
        else:
            if block.penalty is not None:
                slope = slope - block.penalty @ old / 2
            slope = slope + (_shift(inner, outer) + block.penalty_norm / 2) * old
            new = polar_factor(slope)
        gain = 2 * float(np.sum(slope * (new - old)))
        if gain > 0:
            rotation[block.rows, block.columns] = new
            image[:, block.columns] += self.inner[:, block.rows] @ (new - old)
        return gain


def _shift(inner: FloatArray, outer: FloatArray) -> float:
    """The least `c` that makes `V -> tr(Z V' B V) + c tr(V' V)` convex."""
    first, second = (scipy.linalg.eigvalsh(matrix)[[0, -1]] for matrix in (inner, outer))
    return max(0.0, -float(np.outer(first, second).min()))
