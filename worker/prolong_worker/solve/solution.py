"""What a method finds, and what `solve` returns."""

from dataclasses import dataclass

from prolong.certificate import Outcome, Proof
from prolong.operators import Operator
from prolong_worker.solve.graph_matrices import FloatArray


@dataclass(frozen=True)
class Found:
    """The best point of a dense method.

    Arguments:
        point: orthonormal columns, shape `(n_fine, n_coarse)`.
        outcome: why the method ended.
        method: its name.
        iterations: of the optimiser, over all starts.
        lower_bound: of the objective over all orthonormal matrices, where the method proves one of its own.
        proof: how that bound was obtained.
    """

    point: FloatArray
    outcome: Outcome
    method: str
    iterations: int
    lower_bound: float = 0.0
    proof: Proof = Proof.SPECTRAL


@dataclass(frozen=True)
class Solution:
    """The answer to a problem.

    Arguments:
        operator: the best operator found, `operator.certificate` set.
    """

    operator: Operator
