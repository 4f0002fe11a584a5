r"""The freedom that the optimum of one term leaves, used to lower the other.

Every minimiser `P = Uf M Uc'` of one term stays one when the bases of its eigenspaces are rotated: `P = Uf V R'
Uc'` with `R` block-diagonal over the coarse eigenspaces and `V` over the fine ones, block f taking the `n_f`
matched vectors into the `k_f >= n_f` dimensions of the eigenspace. Simple eigenvalues leave a sign each. With the
other term's matrices `A / sqrt(b)`, `sqrt(b) B` seen in the eigenbases its square is

    || A ||^2 + sum_f tr(V_f' S_f V_f) - 2 tr(Z V' B V),    Z = R' A R,  S_f the block of B^2,

here lowered over V and R in turn: a local minimum, the best of several starts. The first start matches, within
each eigenspace, the eigenvalues of the other term's matrices restricted to it. The own term is untouched to
rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from prolong_worker.solve.block_rotations import Ascent, Block
from prolong_worker.solve.graph_matrices import FloatArray, Matrix
from prolong_worker.solve.joint_spectra import eigenspaces
from prolong_worker.solve.manifold import orthonormalised
from prolong_worker.solve.matching import match
from prolong_worker.solve.setting import TermSetting
from prolong_worker.solve.signs import best_signs, flipped

# Eigenvalues closer than this, relative to the largest, are one; LAPACK leaves a few units of rounding.
_EQUAL = 1e-13
_ROUNDS = 5
_LEAST_GAIN = 1e-6
# Multiplications that all starts together may take beyond the first start's fewest sweeps.
_WORK = 1e10
_LEAST_SWEEPS, _MOST_SWEEPS = 4, 40
_MOST_STARTS = 4


def refined_operator(own: TermSetting, other: TermSetting) -> FloatArray:
    """A global minimiser of `own`, shape `(n_fine, n_coarse)`, with a low value of `other`."""
    freedom = _freedom(own, other)
    rng = np.random.default_rng(0)
    best = max((freedom.climbed(rng if k else None) for k in range(freedom.starts)), key=lambda found: found.value)
    return freedom.operator(best)


@dataclass(frozen=True)
class _Choice:
    """`V`, shape `(t, n_coarse)`, and `R`, shape `(n_coarse, n_coarse)`, with the value to be maximised."""

    fine: FloatArray
    coarse: FloatArray
    value: float


@dataclass(frozen=True)
class _Freedom:
    """Both bases and the other term in them; `t` counts the vectors of the matched fine eigenspaces.

    Arguments:
        fine_vectors: shape `(n_fine, t)`.
        coarse_vectors: shape `(n_coarse, n_coarse)`.
        inner_fine: `B` in the fine basis, shape `(t, t)`.
        inner_coarse: `A` in the coarse basis.
        fine_blocks: of V.
        coarse_blocks: of R.
    """

    fine_vectors: FloatArray
    coarse_vectors: FloatArray
    inner_fine: FloatArray
    inner_coarse: FloatArray
    fine_blocks: Sequence[Block]
    coarse_blocks: Sequence[Block]

    @cached_property
    def _affordable_sweeps(self) -> float:
        rows, columns = self.fine_vectors.shape[1], self.coarse_vectors.shape[1]
        fine = sum(block.work(rows, columns) for block in self.fine_blocks)
        coarse = sum(block.work(columns, columns) for block in self.coarse_blocks) if self._coarse_matters else 0.0
        return _WORK / (fine + coarse)

    @property
    def sweeps(self) -> int:
        """In one climb."""
        return int(min(max(self._affordable_sweeps / self._rounds, _LEAST_SWEEPS), _MOST_SWEEPS))

    @property
    def starts(self) -> int:
        return int(min(max(self._affordable_sweeps / (self._rounds * self.sweeps), 1), _MOST_STARTS))

    @property
    def _rounds(self) -> int:
        return _ROUNDS if self._coarse_matters else 1

    @cached_property
    def _coarse_matters(self) -> bool:
        """Whether a coarse eigenspace is divided among fine ones, so that R is not a part of V."""
        home = np.empty(self.coarse_vectors.shape[1], dtype=np.int64)
        for k, block in enumerate(self.fine_blocks):
            home[block.columns] = k
        return any(np.unique(home[block.rows]).size > 1 for block in self.coarse_blocks)

    def climbed(self, rng: np.random.Generator | None) -> _Choice:
        """From one start: the given bases, or random ones."""
        fine, coarse = self._start(rng)
        value = -np.inf
        for _ in range(self._rounds):
            outer = coarse.T @ self.inner_coarse @ coarse
            ascent = Ascent(self.inner_fine, outer, self.fine_blocks)
            fine = ascent.climb(self._signed(fine, outer, rng), self.sweeps)
            before, value = value, ascent.value(fine)
            if not self._coarse_matters or value - before <= _LEAST_GAIN * abs(value):
                break
            image = fine.T @ self.inner_fine @ fine
            coarse = Ascent(self.inner_coarse, image, self.coarse_blocks).climb(coarse, self.sweeps)
        return _Choice(fine, coarse, value)

    def _start(self, rng: np.random.Generator | None) -> tuple[FloatArray, FloatArray]:
        fine = np.zeros((self.fine_vectors.shape[1], self.coarse_vectors.shape[1]))
        coarse = np.eye(self.coarse_vectors.shape[1])
        for block in self.fine_blocks:
            fine[block.rows, block.columns] = self._matching(block) if rng is None else _random(block, rng)
        return fine, coarse

    def _matching(self, block: Block) -> FloatArray:
        values, targets = np.diag(self.inner_fine)[block.rows], np.diag(self.inner_coarse)[block.columns]
        rows, columns = np.argsort(values), np.argsort(targets)
        part = np.zeros((rows.size, columns.size))
        part[rows[match(targets[columns], values[rows]).fine_index], columns] = 1.0
        return part

    def _signed(self, fine: FloatArray, outer: FloatArray, rng: np.random.Generator | None) -> FloatArray:
        coupling = outer * (fine.T @ self.inner_fine @ fine)
        np.fill_diagonal(coupling, 0.0)
        if rng is None:
            return fine * best_signs(coupling)
        return fine * flipped(coupling, rng.choice([-1.0, 1.0], size=fine.shape[1]))

    def operator(self, choice: _Choice) -> FloatArray:
        product: FloatArray = self.fine_vectors @ choice.fine @ choice.coarse.T @ self.coarse_vectors.T
        return product


def _random(block: Block, rng: np.random.Generator) -> FloatArray:
    return orthonormalised(rng.standard_normal((block.rows.stop - block.rows.start, block.columns.size)))


def _freedom(own: TermSetting, other: TermSetting) -> _Freedom:
    partner = match(own.coarse.values, own.fine.values, own.scale.start).fine_index
    spaces = [space for space in _spaces(own.fine.values) if _matched(partner, space).size]
    fine_blocks, coarse_spaces = _renumbered(spaces), _spaces(own.coarse.values)
    root = other.scale.start**0.5
    fine = np.concatenate([own.fine.vectors[:, space] for space in spaces], axis=1)
    fine = _split(fine, fine_blocks, other.fine.matrix)
    coarse = _split(own.coarse.vectors, coarse_spaces, other.coarse.matrix)
    image = root * np.asarray(other.fine.matrix @ fine)
    return _Freedom(
        fine_vectors=fine,
        coarse_vectors=coarse,
        inner_fine=fine.T @ image,
        inner_coarse=coarse.T @ np.asarray(other.coarse.matrix @ coarse) / root,
        fine_blocks=[
            _block(rows, _matched(partner, space), image) for rows, space in zip(fine_blocks, spaces, strict=True)
        ],
        coarse_blocks=[Block(space, np.arange(space.start, space.stop)) for space in coarse_spaces],
    )


def _renumbered(spaces: Sequence[slice]) -> Sequence[slice]:
    """The same runs without the gaps between them."""
    ends = np.cumsum([space.stop - space.start for space in spaces]).tolist()
    return [slice(low, high) for low, high in pairwise([0, *ends])]


def _split(vectors: FloatArray, spaces: Sequence[slice], matrix: Matrix) -> FloatArray:
    """The basis turned inside each eigenspace so that the matrix is diagonal there."""
    turned = vectors.copy()
    for space in spaces:
        if space.stop - space.start > 1:
            basis = vectors[:, space]
            turned[:, space] = basis @ np.linalg.eigh(basis.T @ (matrix @ basis))[1]
    return turned


def _block(rows: slice, columns: NDArray[np.int64], image: FloatArray) -> Block:
    is_square = columns.size == rows.stop - rows.start
    return Block(rows, columns, None if is_square else image[:, rows].T @ image[:, rows])


def _spaces(values: FloatArray) -> Sequence[slice]:
    return eigenspaces(values, _EQUAL * float(np.abs(values).max()))


def _matched(partner: NDArray[np.int64], space: slice) -> NDArray[np.int64]:
    return np.flatnonzero((partner >= space.start) & (partner < space.stop))
