"""Our own methods, as callers use them."""

from __future__ import annotations

from prolong.certificate import Certificate
from prolong.problem import Method, Problem
from prolong_worker.bench.solver.trial import Trial
from prolong_worker.solve import Control, solve

__all__ = ["automatic", "single_start"]


def automatic(trial: Trial) -> Certificate | None:
    """Method `auto` with the default starts."""
    return _solved(trial, method="auto", starts=int(Problem.model_fields["starts"].default))


def single_start(trial: Trial) -> Certificate | None:
    """Method `stiefel` from one start."""
    return _solved(trial, method="stiefel", starts=1)


def _solved(trial: Trial, *, method: Method, starts: int) -> Certificate | None:
    given = trial.problem
    problem = Problem(
        coarse=given.coarse,
        fine=given.fine,
        locality=given.locality,
        alpha=given.alpha,
        beta=given.beta,
        method=method,
        starts=starts,
        seed=given.seed,
        max_seconds=trial.seconds,
    )
    certificate = solve(problem, control=Control(clock=trial.clock, observe=trial.observe)).operator.certificate
    if certificate is not None:
        trial.observe(certificate.objective)
    return certificate
