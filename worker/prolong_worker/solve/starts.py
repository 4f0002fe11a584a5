"""The portfolio of starting points.

Different starts end in different local optima on irregular graphs, so several are tried: the spectral optimum of
each term with the signs that suit the other, that of the locality term first, which on large pairs is far the best
after little time; the Munkres matrix of the source; then seeded random points.
"""

from collections.abc import Callable, Sequence
from itertools import chain, repeat
from itertools import islice as take

import numpy as np

from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.manifold import orthonormalised
from prolong_worker.solve.munkres import munkres_matrix
from prolong_worker.solve.setting import Setting
from prolong_worker.solve.spectral import aligned_operator

Start = Callable[[], FloatArray]


def portfolio(setting: Setting, count: int, rng: np.random.Generator) -> Sequence[Start]:
    """The first `count` starts; each makes its point, shape `(n_fine, n_coarse)`, when called.

    Arguments:
        setting: with two active terms.
        count: at least 1.
        rng: source of the random ones, drawn in the order of the calls.
    """
    diffusion, locality = setting.active
    fixed: list[Start] = [
        lambda: aligned_operator(locality, diffusion),
        lambda: munkres_matrix(diffusion),
        lambda: aligned_operator(diffusion, locality),
    ]
    return list(take(chain(fixed, repeat(lambda: random_point(setting.shape, rng))), count))


def random_point(shape: tuple[int, int], rng: np.random.Generator) -> FloatArray:
    """Uniform on the Stiefel manifold (polar factor of a Gaussian matrix)."""
    return orthonormalised(rng.standard_normal(shape))
