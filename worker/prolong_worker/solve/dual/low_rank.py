r"""The semidefinite relaxation, solved in factored form by an augmented Lagrangian.

The relaxation replaces `vec(P) vec(P)'` by a sum over a stack `P_1 ... P_k` (Burer & Monteiro 2003):

    minimise  sum_i <P_i, H[P_i]>   over   sum_i P_i' P_i = I ,   G := sum_i P_i P_i' <= I .

The first constraint makes the stack, written below each other, one orthonormal matrix of shape
`(k n_fine, n_coarse)`; the second enters by the augmented Lagrangian with penalty `c` and multiplier `Y`,

    sum_i <P_i, H[P_i]> + ( || [Y + c (G - I)]_+ ||^2 - ||Y||^2 ) / (2 c) ,

whose minimiser has the multiplier `[Y + c (G - I)]_+`. At a minimiser over stacks of enough points the shifted
operator of the multipliers has no negative eigenvalue, and their bound is that of the relaxation's dual.
Nothing here needs to be exact: whatever comes out is judged by its smallest eigenvalue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pymanopt

from prolong_worker.solve.dual.multipliers import Multipliers
from prolong_worker.solve.dual.quadratic import Quadratic, diagonal_in
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.manifold import GramStiefel, polar_factor
from prolong_worker.solve.quasi_newton import LBFGS

_UNLIMITED = 10**9
_SHIFT = 1e-4


class Relaxed(NamedTuple):
    """Where the relaxation stands.

    Arguments:
        stack: shape `(k, n_fine, n_coarse)`, orthonormal as one matrix.
        fine: the multiplier `Y`, positive semidefinite, shape `(n_fine, n_fine)`.
        penalty: `c`, positive.
    """

    stack: FloatArray
    fine: FloatArray
    penalty: float

    @property
    def violation(self) -> float:
        """The largest eigenvalue of `G` above 1, at least 0."""
        excess = float(np.linalg.eigvalsh(_gram(self.stack))[-1]) - 1
        return max(excess, 0.0)

    def multipliers(self, quadratic: Quadratic) -> Multipliers:
        """`Y`, and the `S` for which the stack is nearest to the kernel of the shifted operator."""
        image = quadratic.apply(self.stack) + self.fine @ self.stack
        inner = np.tensordot(self.stack, image, axes=((0, 1), (0, 1)))
        return Multipliers(quadratic, (inner + inner.T) / 2, self.fine)


def orthonormal_stack(stack: FloatArray) -> FloatArray:
    """The stack nearest to one that is orthonormal as one matrix."""
    return polar_factor(stack.reshape(-1, stack.shape[2])).reshape(stack.shape)


def relax(
    quadratic: Quadratic,
    state: Relaxed,
    *,
    iterations: int,
    smallest_gradient: float,
    check: Callable[[], None],
) -> Relaxed:
    """Minimises the augmented Lagrangian from a stack, then takes the multiplier's step.

    Arguments:
        quadratic: with `H`.
        state: start; its penalty stays.
        iterations: of L-BFGS at most.
        smallest_gradient: norm at which the minimisation ends.
        check: called at every evaluation; what it raises is passed on.
    """
    n_fine, n_coarse = quadratic.shape
    lagrangian = _Lagrangian(quadratic, state.fine, state.penalty, len(state.stack), check)
    manifold = GramStiefel(len(state.stack) * n_fine, n_coarse)
    wrap = pymanopt.function.numpy(manifold)
    problem = pymanopt.Problem(
        manifold,
        wrap(lagrangian.value),
        euclidean_gradient=wrap(lagrangian.gradient),
        preconditioner=lagrangian.precondition,
    )
    optimizer = LBFGS(
        verbosity=0,
        max_time=_UNLIMITED,
        max_iterations=iterations,
        max_cost_evaluations=_UNLIMITED,
        min_gradient_norm=smallest_gradient,
        min_step_size=0.0,
    )
    point = optimizer.run(problem, initial_point=state.stack.reshape(-1, n_coarse)).point
    last = lagrangian.at(point)
    return Relaxed(last.stack, last.multiplier, state.penalty)


@dataclass(frozen=True)
class _Evaluation:
    quadratic: Quadratic
    point: FloatArray
    stack: FloatArray
    multiplier: FloatArray
    penalty: float

    @cached_property
    def image(self) -> FloatArray:
        return self.quadratic.apply(self.stack)

    @cached_property
    def value(self) -> float:
        return float(np.vdot(self.stack, self.image)) + float(np.sum(self.multiplier**2)) / (2 * self.penalty)

    @cached_property
    def gradient(self) -> FloatArray:
        gradient: FloatArray = 2 * (self.image + self.multiplier @ self.stack)
        return gradient.reshape(self.point.shape)


@dataclass
class _Lagrangian:
    quadratic: Quadratic
    fine: FloatArray
    penalty: float
    count: int
    check: Callable[[], None]
    _last: _Evaluation | None = None

    def at(self, point: FloatArray) -> _Evaluation:
        if self._last is None or self._last.point is not point:
            self.check()
            stack = point.reshape(self.count, *self.quadratic.shape)
            inside = self.fine + self.penalty * (_gram(stack) - np.eye(len(self.fine)))
            self._last = _Evaluation(self.quadratic, point, stack, _positive_part(inside), self.penalty)
        return self._last

    def value(self, point: FloatArray) -> float:
        return self.at(point).value

    def gradient(self, point: FloatArray) -> FloatArray:
        return self.at(point).gradient

    @cached_property
    def _diagonal(self) -> FloatArray:
        basis = self.quadratic.basis
        diagonal = np.maximum(basis.diagonal, 0) + np.maximum(diagonal_in(basis.left, self.fine), 0)[:, None]
        return np.asarray(2 * (diagonal + _SHIFT * diagonal.mean() + np.finfo(float).tiny))

    def precondition(self, point: FloatArray, tangent: FloatArray) -> FloatArray:
        stack = tangent.reshape(self.count, *self.quadratic.shape)
        step = self.quadratic.basis.divide(stack, self._diagonal).reshape(point.shape)
        inner = point.T @ step
        result: FloatArray = step - point @ ((inner + inner.T) / 2)
        return result


def _gram(stack: FloatArray) -> FloatArray:
    wide = np.concatenate(list(stack), axis=1)
    gram: FloatArray = wide @ wide.T
    return gram


def _positive_part(matrix: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(matrix)
    above = vectors[:, values > 0]
    part: FloatArray = (above * values[values > 0]) @ above.T
    return part
