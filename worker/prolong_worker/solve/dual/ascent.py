"""The ascent of the dual bound for one quadratic: rounds of the relaxation, each judged by its smallest
eigenvalue."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from prolong_worker.solve.dual.eigenvalue import Lowest, lowest
from prolong_worker.solve.dual.low_rank import Relaxed, orthonormal_stack, relax
from prolong_worker.solve.dual.multipliers import Multipliers
from prolong_worker.solve.dual.quadratic import Quadratic
from prolong_worker.solve.graph_matrices import FloatArray

FEWEST_BLOCKS, MOST_BLOCKS = 4, 10
_NOISE = 0.1
_FIRST_PENALTY = 5.0
# The penalty grows while the second constraint is violated by more than this; beyond, it only spoils the
# condition.
_GROWTH, _VIOLATED = 2.0, 0.02
_ITERATIONS = 150
_GRADIENT = 1e-2
_STEPS = 120
_ESCAPES = 2
_PUSH = 0.1


class Ascended(NamedTuple):
    """The result of one round.

    Arguments:
        multipliers: that were reached.
        lowest: about the smallest eigenvalues of their operator.
        state: of the relaxation, a start for the next round or for a similar quadratic.
    """

    multipliers: Multipliers
    lowest: Lowest
    state: Relaxed

    @property
    def bound(self) -> float:
        """An estimate of what they prove of the quadratic, from above."""
        return self.multipliers.bound(float(self.lowest.values[0]))

    @property
    def ceiling(self) -> float:
        """What the bound would be if the smallest eigenvalue were 0."""
        return self.multipliers.trace


def start_at(point: FloatArray, value: float, rng: np.random.Generator) -> Relaxed:
    """A stack that is nearly one point.

    Arguments:
        point: orthonormal, shape `(n_fine, n_coarse)`.
        value: of the quadratic there, positive.
        rng: of the noise beside the point.
    """
    n_fine, n_coarse = point.shape
    noise = rng.standard_normal((FEWEST_BLOCKS - 1, n_fine, n_coarse)) * (_NOISE / n_fine**0.5)
    stack = orthonormal_stack(np.concatenate([point[None], noise]))
    return Relaxed(stack, np.zeros((n_fine, n_fine)), _FIRST_PENALTY * value / n_coarse)


def ascend(
    quadratic: Quadratic,
    state: Relaxed,
    *,
    accuracy: float,
    check: Callable[[], None],
    rng: np.random.Generator,
) -> Iterator[Ascended]:
    """Endless rounds; the caller ends them.

    Arguments:
        quadratic: whose minimum is to be bounded.
        state: from `start_at`, or from a similar quadratic.
        accuracy: of the bound that is hoped for, absolute.
        check: called often; what it raises is passed on.
        rng: of the starts of the eigenvalue method.
    """
    n_coarse = quadratic.shape[1]
    needed = accuracy / n_coarse
    probes = rng.standard_normal((4, *quadratic.shape))
    while True:
        state = relax(
            quadratic,
            state,
            iterations=_ITERATIONS,
            smallest_gradient=_GRADIENT * needed * n_coarse**0.5,
            check=check,
        )
        multipliers = state.multipliers(quadratic)
        found = lowest(
            multipliers,
            np.concatenate([state.stack, probes]),
            accuracy=0.1 * needed,
            steps=_STEPS,
            check=check,
        )
        probes = found.vectors
        yield Ascended(multipliers, found, state)
        if state.violation > _VIOLATED:
            state = state._replace(penalty=_GROWTH * state.penalty)
        state = _widened(state, found.vectors[found.values < -0.1 * needed][:_ESCAPES])


def _widened(state: Relaxed, directions: FloatArray) -> Relaxed:
    """The stack with further points along directions in which the relaxation's value falls; small ones make
    room."""
    if len(directions) == 0:
        return state
    sizes = np.linalg.norm(state.stack, axis=(1, 2))
    kept = np.sort(np.argsort(-sizes, kind="stable")[: MOST_BLOCKS - len(directions)])
    pushes = _PUSH * state.stack.shape[2] ** 0.5 * directions
    return state._replace(stack=orthonormal_stack(np.concatenate([state.stack[kept], pushes])))
