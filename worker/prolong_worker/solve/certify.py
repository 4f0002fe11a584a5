"""From measured numbers to a certificate, recomputed from the operator itself and never copied from a search."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from prolong.certificate import Certificate, Outcome, Proof
from prolong_worker.solve.search import gradient_norm
from prolong_worker.solve.setting import Setting, TermSetting
from prolong_worker.solve.solution import Found


class Measured(NamedTuple):
    """One term of an operator: its unweighted norm and the scale that it was taken with."""

    weight: float
    norm: float
    scale: float


@dataclass(frozen=True)
class Evidence:
    """All that a certificate says, before anything is concluded from it.

    Arguments:
        diffusion: of the operator.
        locality: None where hop distances are infinite.
        lower_bound: of the objective over all orthonormal matrices.
        rounding: objective values closer than this are equal.
        outcome: why the method ended.
        method: its name.
        iterations: of its optimiser.
        orthonormality_error: `max |P'P - I|`.
        gradient_norm: Frobenius norm of the Riemannian gradient, None if it was not computed.
        proof: how the bound was obtained, if it is positive and not attained.
    """

    diffusion: Measured
    locality: Measured | None
    lower_bound: float
    rounding: float
    outcome: Outcome
    method: str
    iterations: int
    orthonormality_error: float
    gradient_norm: float | None
    proof: Proof = Proof.SPECTRAL

    @property
    def objective(self) -> float:
        terms = (self.diffusion, self.locality)
        return sum(term.weight * term.norm for term in terms if term is not None)

    @property
    def is_exact(self) -> bool:
        """Whether the operator attains an exactly known lower bound within rounding."""
        return self.proof is Proof.SPECTRAL and self.objective - self.lower_bound <= self.rounding


def conclude(evidence: Evidence, seconds: float) -> Certificate:
    """The certificate. An operator that attains the bound is `optimal`, whatever ended the search."""
    locality = evidence.locality
    return Certificate(
        objective=evidence.objective,
        diffusion=evidence.diffusion.norm,
        locality=None if locality is None else locality.norm,
        alpha=evidence.diffusion.scale,
        beta=None if locality is None else locality.scale,
        lower_bound=evidence.objective if evidence.is_exact else evidence.lower_bound,
        proof=_proof(evidence),
        outcome=Outcome.OPTIMAL if evidence.is_exact else evidence.outcome,
        method=evidence.method,
        iterations=evidence.iterations,
        seconds=seconds,
        orthonormality_error=evidence.orthonormality_error,
        gradient_norm=evidence.gradient_norm,
    )


def _proof(evidence: Evidence) -> Proof:
    if evidence.is_exact:
        return Proof.EXACT
    return evidence.proof if evidence.lower_bound > 0 else Proof.NONE


def evidence_of(setting: Setting, found: Found) -> Evidence:
    """Measures a point found by a dense method; the terms of weight zero are reported too."""
    evaluation = setting.objective.at(found.point)
    gram = found.point.T @ found.point
    locality = setting.locality
    has_own = found.lower_bound > setting.lower_bound
    return Evidence(
        diffusion=_measure(setting.diffusion, found),
        locality=None if locality is None else _measure(locality, found),
        lower_bound=max(setting.lower_bound, found.lower_bound),
        rounding=setting.rounding,
        outcome=found.outcome,
        method=found.method,
        iterations=found.iterations,
        orthonormality_error=float(np.abs(gram - np.eye(gram.shape[0])).max()),
        gradient_norm=gradient_norm(evaluation),
        proof=found.proof if has_own else Proof.SPECTRAL,
    )


def _measure(setting: TermSetting, found: Found) -> Measured:
    value = setting.term.at(found.point)
    return Measured(setting.weight, value.norm, value.scale)
