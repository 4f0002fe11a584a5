r"""Commuting pairs: the global optimum at any locality.

Where `Lc Tc = Tc Lc` and `Lf Tf = Tf Lf`, both squared terms are linear in the same doubly substochastic matrix
`W = P~ * P~`, `P~ = Uf' P Uc` in the common eigenbases. All reachable pairs `(D^2, Q^2)` therefore lie in the
convex hull of the partial permutations' pairs, `E = (1 - s) sqrt(D^2) + s sqrt(Q^2)` is concave and growing in
both, and its least value over all orthonormal P belongs to a partial permutation: `P = Uf M Uc'`.

Scales must be fixed before the search. With a free one (`"joint"`) E is still concave in W, hence least at
a partial permutation, but no longer a function of two linear costs.
"""

from dataclasses import dataclass

import numpy as np

from prolong.certificate import Outcome
from prolong_worker.solve.control import Interrupted, Watch
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.joint_spectra import JointSpectrum, joint_spectrum
from prolong_worker.solve.parametric import BorderSearch, Costs, Vertex, least_with_ties
from prolong_worker.solve.setting import Setting, TermSetting
from prolong_worker.solve.solution import Found


@dataclass(frozen=True)
class CommutingPair:
    """The common eigenbases of a pair, and the costs of matching them.

    Arguments:
        coarse: of order `n_coarse`.
        fine: of order `n_fine`.
        costs: first diffusion, then locality, for each pair of eigenvectors; shape `(n_coarse, n_fine)`.
    """

    coarse: JointSpectrum
    fine: JointSpectrum
    costs: Costs

    def operator(self, vertex: Vertex) -> FloatArray:
        """`P = Uf M Uc'`, shape `(n_fine, n_coarse)`."""
        point: FloatArray = self.fine.vectors[:, vertex.fine_index] @ self.coarse.vectors.T
        return point


def commuting_pair(setting: Setting) -> CommutingPair | None:
    """The pair in its common eigenbases; None if a graph's matrices do not commute or have infinite entries."""
    diffusion, locality = setting.diffusion, setting.locality
    if locality is None:
        return None
    coarse = joint_spectrum(diffusion.coarse, locality.coarse)
    fine = None if coarse is None else joint_spectrum(diffusion.fine, locality.fine)
    if coarse is None or fine is None:
        return None
    first = _costs(coarse.first, fine.first, diffusion)
    second = _costs(coarse.second, fine.second, locality)
    return CommutingPair(coarse, fine, Costs(first, second))


def _costs(coarse: FloatArray, fine: FloatArray, term: TermSetting) -> FloatArray:
    root = term.scale.start**0.5
    costs: FloatArray = np.square(coarse[:, None] / root - root * fine[None, :])
    return costs


def has_fixed_scales(setting: Setting) -> bool:
    """Whether no scale is left to the search."""
    return all(term.scale.allowed.is_point for term in setting.active)


def commuting_optimum(pair: CommutingPair, setting: Setting, watch: Watch) -> Found:
    """The global optimum for 0 < s < 1 and fixed scales; the best assignment so far if it is interrupted."""
    diffusion, locality = setting.active

    def value(x: float, y: float) -> float:
        return float(diffusion.weight * x**0.5 + locality.weight * y**0.5)

    search = BorderSearch(pair.costs, value, tick=lambda state: _tick(state, watch))
    try:
        search.run()
        outcome = Outcome.OPTIMAL
    except Interrupted as interruption:
        outcome = interruption.outcome
    return Found(pair.operator(search.found), outcome, "spectral", search.assignments, search.lower_bound)


def _tick(search: BorderSearch, watch: Watch) -> None:
    watch.report("assignments", search.assignments, objective=search.least, lower_bound=search.lower_bound)
    watch.check()


def best_tie(pair: CommutingPair, own: TermSetting, *, swapped: bool) -> FloatArray:
    """A global optimum of one term that, among those, is least or nearly so in the other.

    The optima of one term are a face of the polytope of W, the other term's square is linear on it.

    Arguments:
        pair: of the setting.
        own: the term that counts.
        swapped: whether that is the second.
    """
    costs = Costs(pair.costs.second, pair.costs.first) if swapped else pair.costs
    return pair.operator(least_with_ties(costs, slack=own.term.floor**2))
