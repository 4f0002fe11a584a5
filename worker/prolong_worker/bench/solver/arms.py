"""The methods that are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np

import prolong_worker.solve
from prolong.certificate import Certificate
from prolong.operators import DenseOperator
from prolong_worker.bench.base import Record
from prolong_worker.bench.solver.descent import projected_gradient
from prolong_worker.bench.solver.geometric import adam, gradient_descent, warm_up
from prolong_worker.bench.solver.manopt import conjugate_gradient, steepest_descent, trust_regions
from prolong_worker.bench.solver.ours import automatic, single_start
from prolong_worker.bench.solver.simplex import nelder_mead
from prolong_worker.bench.solver.trial import BudgetSpent, Trial

__all__ = ["ARMS", "CG", "OURS", "Arm", "tried"]

OURS, CG = "prolong", "pymanopt CG"
_SMALLEST = 1200


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Arm:
    """A method.

    **Arguments:** `run`: makes the best of the trial; what has a certificate returns it; `library`: the
    distribution that it comes from, None for ours; `most_entries`: of P, beyond which it is not tried; `prepare`:
    loads what it needs, before the clock starts; may raise `MissingExtra`.
    """

    run: Callable[[Trial], Certificate | None]
    library: str | None
    most_entries: int | None = None
    prepare: Callable[[], None] = _nothing

    @property
    def version(self) -> str:
        """Changes whenever the method does: the library's version, or a digest of our solver's sources."""
        return _sources() if self.library is None else f"{self.library} {version(self.library)}"

    def takes(self, n_coarse: int, n_fine: int) -> bool:
        """Whether it is tried on pairs of this size."""
        return self.most_entries is None or n_coarse * n_fine <= self.most_entries


#: Every method, ours first.
ARMS: Mapping[str, Arm] = {
    OURS: Arm(automatic, None),
    "prolong, one start": Arm(single_start, None),
    CG: Arm(conjugate_gradient, "pymanopt"),
    "pymanopt SD": Arm(steepest_descent, "pymanopt"),
    "pymanopt TR": Arm(trust_regions, "pymanopt"),
    "projected GD": Arm(projected_gradient, "numpy"),
    "geoopt Adam": Arm(adam, "geoopt", prepare=warm_up),
    "geoopt SGD": Arm(gradient_descent, "geoopt", prepare=warm_up),
    "Nelder-Mead": Arm(nelder_mead, "scipy", _SMALLEST),
}


def tried(arm: Arm, trial: Trial) -> Record:
    """What the method made of the trial, as JSON; one that broke down keeps what it had reached."""
    certificate, failure = None, None
    try:
        certificate = arm.run(trial)
    except BudgetSpent:
        pass
    except np.linalg.LinAlgError as error:
        failure = str(error)
    record: Record = {
        "objective": trial.value,
        "seconds": trial.elapsed,
        "budget_seconds": trial.seconds,
        "evaluations": trial.evaluations,
        "curve": trial.curve,
        "failure": failure,
    }
    if certificate is not None:
        fields = {"lower_bound", "gap", "proof", "outcome", "method", "iterations", "orthonormality_error"}
        return {**record, **certificate.model_dump(mode="json", include=fields)}
    if trial.best is not None:
        record["orthonormality_error"] = DenseOperator(trial.best.point).orthonormality_error()
    return record


def _sources() -> str:
    folder = Path(prolong_worker.solve.__file__).parent
    digest = sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return f"prolong {digest.hexdigest()[:16]}"
