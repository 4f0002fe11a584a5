"""Spectral operators: the exact optimum of one term alone, and a good use of the freedom it leaves."""

from prolong.certificate import Outcome
from prolong_worker.solve.commuting import best_tie, commuting_pair
from prolong_worker.solve.degeneracy import refined_operator
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.matching import match, spectral_operator
from prolong_worker.solve.setting import Setting, TermSetting
from prolong_worker.solve.signs import best_signs
from prolong_worker.solve.solution import Found


def exact_operator(setting: Setting) -> Found:
    """Method `spectral`: the global optimum for s = 0 or s = 1, where one term is the whole objective.

    With a free scale the optimal one is taken too. Among the optima one that lowers the other term: the best of
    them for commuting pairs, a local minimum over signs and rotations of the eigenspaces for all others.
    """
    (only,) = setting.active
    plain = spectral_operator(only.coarse, only.fine, only.scale.start)
    if setting.locality is None:
        return _found(plain)
    refined = _refined(setting, only)
    return _found(refined if _norm(only, refined) <= _norm(only, plain) + only.term.floor else plain)


def _refined(setting: Setting, only: TermSetting) -> FloatArray:
    pair = commuting_pair(setting)
    if pair is not None:
        return best_tie(pair, only, swapped=only is setting.locality)
    other = setting.diffusion if only is setting.locality else setting.locality
    return (
        spectral_operator(only.coarse, only.fine, only.scale.start)
        if other is None
        else refined_operator(only, other)
    )


def _norm(term: TermSetting, point: FloatArray) -> float:
    return term.term.at(point).norm


def _found(point: FloatArray) -> Found:
    return Found(point, Outcome.OPTIMAL, "spectral", 0)


def aligned_operator(own: TermSetting, other: TermSetting) -> FloatArray:
    """A minimiser of `own` whose signs lower `other`, shape `(n_fine, n_coarse)`.

    With `C = (Uc' A Uc) * (M' Uf' B Uf M)` (entrywise) the second squared norm depends on the signs `z` only
    through `-2 z' C z`.
    """
    partner = match(own.coarse.values, own.fine.values, own.scale.start).fine_index
    fine, coarse = own.fine.vectors[:, partner], own.coarse.vectors
    coupling = (coarse.T @ (other.coarse.matrix @ coarse)) * (fine.T @ (other.fine.matrix @ fine))
    product: FloatArray = (fine * best_signs(coupling)) @ coarse.T
    return product
