"""Prolongation operators between graphs: ask for them, read their proofs, train with them.

    from prolong import Client, Problem, graphs

    problem = Problem(coarse=graphs.path(32), fine=graphs.path(64), locality=0.5)
    operator = Client().prolongation(problem)
    operator.prolong(x), operator.restrict(y), operator.certificate.gap

Glossary: *coarse* and *fine* are the smaller and the larger graph of a pair; a *prolongation* P of shape
(n_fine, n_coarse) has orthonormal columns, *prolong* is `P @ x`, *restrict* is `P.T @ y`; *level* 0 is the finest
of a hierarchy; the *locality* s in [0, 1] weighs the locality term against the diffusion term; a *certificate*
says how good an operator is and proves it.

Importing this package needs neither torch nor scipy nor redis.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prolong import graphs
    from prolong.certificate import Certificate, Outcome, Proof
    from prolong.client import AsyncClient, Client
    from prolong.diffusion import Distance, DistanceMatrix, DistanceProblem, Distances
    from prolong.errors import (
        CorruptOperator,
        FieldError,
        InvalidInput,
        JobCancelled,
        JobFailed,
        MissingExtra,
        ProlongError,
        ServiceError,
        ServiceTimeout,
        ServiceUnavailable,
        TooLarge,
        UnexpectedResponse,
        UnknownKey,
    )
    from prolong.local import distance, distances, solve, solve_sweep
    from prolong.operators import DenseOperator, Operator, Partition, SparseOperator
    from prolong.problem import Limits, Problem
    from prolong.process import Heat, Matrices, SymmetricMatrix

__version__ = "0.1.0"

__all__ = [
    "AsyncClient",
    "Certificate",
    "Client",
    "CorruptOperator",
    "DenseOperator",
    "Distance",
    "DistanceMatrix",
    "DistanceProblem",
    "Distances",
    "FieldError",
    "Heat",
    "InvalidInput",
    "JobCancelled",
    "JobFailed",
    "Limits",
    "Matrices",
    "MissingExtra",
    "Operator",
    "Outcome",
    "Partition",
    "Problem",
    "ProlongError",
    "Proof",
    "ServiceError",
    "ServiceTimeout",
    "ServiceUnavailable",
    "SparseOperator",
    "SymmetricMatrix",
    "TooLarge",
    "UnexpectedResponse",
    "UnknownKey",
    "distance",
    "distances",
    "graphs",
    "solve",
    "solve_sweep",
]

# Names are loaded when they are first used: a program that only passes operators on need not wait for pydantic
# and httpx, and none waits for scipy, torch or redis (SPEC 1 of the scientific Python projects).
_HOMES = {
    "prolong.certificate": ("Certificate", "Outcome", "Proof"),
    "prolong.client": ("AsyncClient", "Client"),
    "prolong.diffusion": ("Distance", "DistanceMatrix", "DistanceProblem", "Distances"),
    "prolong.errors": (
        "CorruptOperator",
        "FieldError",
        "InvalidInput",
        "JobCancelled",
        "JobFailed",
        "MissingExtra",
        "ProlongError",
        "ServiceError",
        "ServiceTimeout",
        "ServiceUnavailable",
        "TooLarge",
        "UnexpectedResponse",
        "UnknownKey",
    ),
    "prolong.local": ("distance", "distances", "solve", "solve_sweep"),
    "prolong.operators": ("DenseOperator", "Operator", "Partition", "SparseOperator"),
    "prolong.problem": ("Limits", "Problem"),
    "prolong.process": ("Heat", "Matrices", "SymmetricMatrix"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "graphs":
        return import_module("prolong.graphs")
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
