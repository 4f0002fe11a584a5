"""One problem in matrices: both terms with their spectra, scales and exact minima.

This is what every dense method starts from. Each term's pair of spectra is computed once, when first asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from prolong.problem import Problem
from prolong_worker.solve.graph_matrices import hop_distances, is_connected
from prolong_worker.solve.objective import Objective, Term
from prolong_worker.solve.process import process_spectra
from prolong_worker.solve.scaling import ResolvedScale, ScaleChoice, resolve_scale
from prolong_worker.solve.spectra import Spectrum


@dataclass(frozen=True)
class TermSetting:
    """One term of the objective before any point is chosen.

    Arguments:
        weight: `1 - s` or `s`; a term of weight zero is only reported.
        coarse: of order `n_coarse`.
        fine: of order `n_fine`.
        choice: what the problem says about its scale.
    """

    weight: float
    coarse: Spectrum
    fine: Spectrum
    choice: ScaleChoice

    @cached_property
    def scale(self) -> ResolvedScale:
        """The scale, and the smallest norm that any orthonormal P reaches with it."""
        return resolve_scale(self.choice, self.coarse, self.fine)

    def weighted(self, weight: float) -> "TermSetting":
        """The same term with another weight; the matrices, their spectra and the scale are shared."""
        other = replace(self, weight=weight)
        vars(other)["scale"] = self.scale
        return other

    @cached_property
    def term(self) -> Term:
        return Term(self.weight, self.coarse.matrix, self.fine.matrix, self.scale.allowed)


@dataclass(frozen=True)
class Setting:
    """Both terms; `locality` is None where hop distances are infinite.

    Arguments:
        diffusion: with the Laplacians.
        locality: with the hop distances.
    """

    diffusion: TermSetting
    locality: TermSetting | None

    def at(self, locality: float) -> "Setting":
        """The same pair with another locality s; a pair without hop distances has s = 0 only."""
        other = None if self.locality is None else self.locality.weighted(locality)
        return Setting(self.diffusion.weighted(1 - locality), other)

    @property
    def shape(self) -> tuple[int, int]:
        """`(n_fine, n_coarse)`."""
        return self.diffusion.fine.matrix.shape[0], self.diffusion.coarse.matrix.shape[0]

    @cached_property
    def active(self) -> Sequence[TermSetting]:
        """The terms that the objective consists of, diffusion first."""
        both = (self.diffusion, self.locality)
        return tuple(setting for setting in both if setting is not None and setting.weight > 0)

    @cached_property
    def objective(self) -> Objective:
        return Objective(tuple(setting.term for setting in self.active))

    @cached_property
    def lower_bound(self) -> float:
        """`(1 - s) D* + s Q*`: no orthonormal matrix, and no allowed scale, has a smaller objective."""
        return sum(setting.weight * setting.scale.minimum for setting in self.active)

    @cached_property
    def rounding(self) -> float:
        """Differences of objective values below this are rounding errors."""
        return 10 * sum(setting.weight * setting.term.floor for setting in self.active)


def setting_of(problem: Problem) -> Setting:
    """The matrices of a problem.

    The hop distances of a disconnected pair, which only `locality = 0` allows, are never formed.
    """
    coarse, fine = problem.coarse.adjacency(), problem.fine.adjacency()
    diffusion = TermSetting(1 - problem.s, *process_spectra(problem.process, coarse, fine, problem.alpha))
    if not (is_connected(coarse) and is_connected(fine)):
        return Setting(diffusion, None)
    locality = TermSetting(problem.s, Spectrum(hop_distances(coarse)), Spectrum(hop_distances(fine)), problem.beta)
    return Setting(diffusion, locality)
