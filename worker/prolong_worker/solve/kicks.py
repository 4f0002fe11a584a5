"""Kicks: jumps from one local optimum into the basin of another.

Two kinds, two flips to one tilt, because they open different doors.

*Flips.* What tells local optima apart is, above all, how the signs of the coarse eigenvectors were chosen:
negating a few of them leaves one term as it was when P is spectral, and changes the other. A flip does just that
to any P: `P Q diag(z) Q'` with few negative signs z, in an eigenbasis Q of one of the coarse matrices.

*Tilts.* E is concave in the two squared norms, so its optimum is also one of a weighted sum of them, with
weights that are not known beforehand. A tilt pushes P a little in a random direction, which breaks symmetries,
and descends for one round with the two weights shifted against each other.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle

import numpy as np

from prolong_worker.solve.descent import sprint
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.manifold import orthonormalised
from prolong_worker.solve.objective import Objective
from prolong_worker.solve.search import Search
from prolong_worker.solve.setting import Setting

_FEWEST_FLIPS, _MOST_FLIPS = 2, 8
_PUSH = 1.0
_LARGEST_LOG_SHIFT = 4.0

Kick = Callable[[FloatArray], FloatArray]


def kicks(setting: Setting, search: Search, rng: np.random.Generator) -> Iterator[Kick]:
    """Endless kicks; each maps a point to another, both of shape `(n_fine, n_coarse)` with orthonormal columns.

    Arguments:
        setting: with two active terms.
        search: counts the iterations and is asked for time.
        rng: source of the choices, drawn in the order of the calls.
    """
    bases = [term.coarse.vectors for term in setting.active]

    def flip(point: FloatArray) -> FloatArray:
        return flipped(point, bases[int(rng.integers(len(bases)))], rng)

    def tilt(point: FloatArray) -> FloatArray:
        shift = float(rng.uniform(-_LARGEST_LOG_SHIFT, _LARGEST_LOG_SHIFT))
        side = search.aside(tilted(setting.objective, shift))
        point = sprint(side, pushed(point, rng), rounds=1)
        search.iterations += side.iterations
        return point

    return cycle((flip, flip, tilt))


def flipped(point: FloatArray, basis: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The point with the signs of 2 to 8 random vectors of a basis, shape `(n_coarse, n_coarse)`, changed."""
    n_coarse = basis.shape[1]
    count = min(int(rng.integers(_FEWEST_FLIPS, _MOST_FLIPS + 1)), n_coarse)
    chosen = basis[:, rng.permutation(n_coarse)[:count]]
    return orthonormalised(point - 2 * (point @ chosen) @ chosen.T)


def pushed(point: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The point moved by a random matrix of norm 1."""
    noise = rng.standard_normal(point.shape)
    return orthonormalised(point + _PUSH / float(np.linalg.norm(noise)) * noise)


def tilted(objective: Objective, shift: float) -> Objective:
    """The objective with its first weight times, its second divided by `exp(shift)`."""
    first, second = objective.terms
    factor = float(np.exp(shift))
    return Objective(
        (replace(first, weight=first.weight * factor), replace(second, weight=second.weight / factor))
    )
