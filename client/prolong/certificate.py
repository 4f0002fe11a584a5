"""What was proved about an operator."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, computed_field

__all__ = ["Certificate", "Outcome", "Proof"]


class Outcome(StrEnum):
    """Why the search ended. `text` is the sentence for people."""

    OPTIMAL = "optimal"
    CONVERGED = "converged"
    STALLED = "stalled"
    ITERATION_LIMIT = "iteration_limit"
    TIME_LIMIT = "time_limit"
    CANCELLED = "cancelled"
    CLOSED_FORM = "closed_form"

    @property
    def text(self) -> str:
        """A sentence that explains the outcome."""
        return _TEXTS[self]


_TEXTS = {
    Outcome.OPTIMAL: "A global optimum, proven within the tolerance: no orthonormal matrix is better by more.",
    Outcome.CONVERGED: "A stationary point to the asked tolerance; better ones may exist above the lower bound.",
    Outcome.STALLED: "No further progress was possible in floating point before the tolerance was met.",
    Outcome.ITERATION_LIMIT: "The iterations were used up; this is the best operator seen.",
    Outcome.TIME_LIMIT: "The time was used up; this is the best operator seen.",
    Outcome.CANCELLED: "The search was cancelled; this is the best operator seen.",
    Outcome.CLOSED_FORM: "A known operator of this family; nothing was searched.",
}


class Proof(StrEnum):
    """How the lower bound was obtained.

    `exact`: the operator itself attains it. `dual_rigorous`: Lagrange multipliers whose positive definiteness a
    Cholesky factorisation proved, rounding included (docs/concepts.md, "The dual bound"). `dual_numerical`: the
    same with a smallest eigenvalue that an iterative method found, less its residual; sound unless that method
    missed an eigenvalue. `spectral`: the two terms' own global minima, added (docs/concepts.md, "The lower
    bound"). `none`: the bound is zero.
    """

    EXACT = "exact"
    DUAL_RIGOROUS = "dual_rigorous"
    DUAL_NUMERICAL = "dual_numerical"
    SPECTRAL = "spectral"
    NONE = "none"


class Certificate(BaseModel):
    """What is proved about one operator P for one problem.

    `objective` is E(P) = (1 - s) D + s Q with `diffusion` D and `locality` Q, both unweighted Frobenius norms
    (Scott & Mjolsness, arXiv 1806.05703, section 3.2); no orthonormal matrix has an objective below
    `lower_bound`. `locality` and `beta` are None where hop distances are infinite (disconnected graphs at s = 0).
    `seconds` is wall time of the search, `orthonormality_error` is max |P.T P - I|, `gradient_norm` the
    Frobenius norm of the Riemannian gradient of E at P (None where E was not differentiated).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    objective: float
    diffusion: float | None
    locality: float | None
    alpha: float | None
    beta: float | None
    lower_bound: float
    proof: Proof
    outcome: Outcome
    method: str
    iterations: int
    seconds: float
    orthonormality_error: float
    gradient_norm: float | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def gap(self) -> float:
        """`(objective - lower_bound) / objective`, in [0, 1]; 0 where the objective is 0."""
        if self.objective <= 0.0:
            return 0.0
        return min(1.0, max(0.0, (self.objective - self.lower_bound) / self.objective))
