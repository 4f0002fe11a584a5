r"""The certificate of an aggregation operator, without any array of size `n_fine * n_fine` or `n_fine *
n_coarse`.

Diffusion: sparse products. Lower bound: the spectra of the axes. Locality: along one axis with ratio r the entry
of `P Tc / sqrt(b) - sqrt(b) Tf P` for fine vertex `I r + q` and coarse vertex `J` depends on `q` and `m = I - J`
only, and every pair `(q, m)` occurs `n_coarse - |m|` times: sums over all entries cost O(n_fine). The residual
of a grid is a sum over its axes, so its squared norm follows from each axis's sum and sum of squares.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from prolong.certificate import Outcome
from prolong.graphs import Axis
from prolong.operators import SparseOperator
from prolong.problem import Problem
from prolong_worker.solve.aggregation import AxisPair
from prolong_worker.solve.axis_spectra import distance_values, laplacian_values
from prolong_worker.solve.certify import Evidence, Measured
from prolong_worker.solve.graph_matrices import FloatArray, frobenius_norm, sparse_laplacian
from prolong_worker.solve.objective import Interval, rounding_floor
from prolong_worker.solve.scaling import ResolvedScale, ScaleChoice, resolve_scale

#: The norm of `f P A - g B P` as a function of the factors f and g.
ResidualNorm = Callable[[float, float], float]


class _Spectrum(NamedTuple):
    values: FloatArray

    @property
    def norm(self) -> float:
        return float(np.linalg.norm(self.values))


class _Measurement(NamedTuple):
    measured: Measured
    minimum: float
    rounding: float


def aggregation_evidence(problem: Problem, axes: tuple[AxisPair, ...], operator: SparseOperator) -> Evidence:
    """Everything about the aggregation operator of matched axes."""
    diffusion = _measure(
        1 - problem.s, problem.alpha, axes, values=laplacian_values, norm=_diffusion_norm(problem, operator)
    )
    locality = _measure(
        problem.s,
        problem.beta,
        axes,
        values=distance_values,
        norm=lambda coarse, fine: locality_norm(axes, coarse, fine),
    )
    return Evidence(
        diffusion=diffusion.measured,
        locality=locality.measured,
        lower_bound=sum(term.measured.weight * term.minimum for term in (diffusion, locality)),
        rounding=sum(term.measured.weight * term.rounding for term in (diffusion, locality)),
        outcome=Outcome.CLOSED_FORM,
        method="closed_form",
        iterations=0,
        orthonormality_error=operator.orthonormality_error(),
        gradient_norm=None,
    )


def _measure(
    weight: float,
    choice: ScaleChoice,
    axes: tuple[AxisPair, ...],
    *,
    values: Callable[[tuple[Axis, ...]], FloatArray],
    norm: ResidualNorm,
) -> _Measurement:
    resolved, coarse_norm, fine_norm = _resolved(choice, axes, values)
    scale = _scale(resolved, norm)
    rounding = 10 * rounding_floor(coarse_norm, fine_norm, Interval.point(scale))
    measured = Measured(weight, norm(scale**-0.5, scale**0.5), scale)
    return _Measurement(measured, resolved.minimum, rounding)


# The values of a sweep ask for the same scales one after the other, and these are most of the work.
@lru_cache(maxsize=2)
def _resolved(
    choice: ScaleChoice, axes: tuple[AxisPair, ...], values: Callable[[tuple[Axis, ...]], FloatArray]
) -> tuple[ResolvedScale, float, float]:
    """The scale, and the norms of the coarse and the fine matrix."""
    coarse = _Spectrum(values(tuple(pair[0] for pair in axes)))
    fine = _Spectrum(values(tuple(pair[1] for pair in axes)))
    return resolve_scale(choice, coarse, fine), coarse.norm, fine.norm


def _scale(resolved: ResolvedScale, norm: ResidualNorm) -> float:
    if resolved.allowed.is_point:
        return resolved.allowed.low
    fine = norm(0.0, 1.0)
    return resolved.allowed.clip(norm(1.0, 0.0) / fine if fine > 0 else np.inf)


def _diffusion_norm(problem: Problem, operator: SparseOperator) -> ResidualNorm:
    prolongation = operator.to_scipy()
    coarse = prolongation @ sparse_laplacian(problem.coarse.adjacency())
    fine = sparse_laplacian(problem.fine.adjacency()) @ prolongation
    return lambda coarse_factor, fine_factor: frobenius_norm(coarse_factor * coarse - fine_factor * fine)


class _AxisSums(NamedTuple):
    """Over all entries of one axis's share of the residual."""

    entries: int
    total: float
    squares: float


def locality_norm(axes: tuple[AxisPair, ...], coarse_factor: float, fine_factor: float) -> float:
    """`|| coarse_factor * P Tc - fine_factor * Tf P ||_F` for the aggregation operator P of matched axes."""
    ratio = float(np.prod([fine.n // coarse.n for coarse, fine in axes]))
    sums = [_axis_sums(pair, coarse_factor, fine_factor * ratio) for pair in axes]
    entries = float(np.prod([axis.entries for axis in sums]))
    means = np.array([axis.total / axis.entries for axis in sums])
    variances = sum(axis.squares / axis.entries for axis in sums) - float(means @ means)
    return float(np.sqrt(max(0.0, entries / ratio * (variances + float(means.sum()) ** 2))))


def _axis_sums(pair: AxisPair, coarse_factor: float, fine_factor: float) -> _AxisSums:
    coarse, fine = pair
    ratio = fine.n // coarse.n
    m = np.arange(1 - coarse.n, coarse.n)
    multiplicity = coarse.n - np.abs(m)
    # Row m of `windows`: the mean distance of the fine vertices m r + q, q = 0 .. r - 1, to those of one coarse
    # vertex.
    offsets = np.arange((1 - coarse.n) * ratio - ratio + 1, coarse.n * ratio)
    running = np.concatenate([[0.0], np.cumsum(_distance(fine, offsets))])
    windows = ((running[ratio:] - running[:-ratio]) / ratio).reshape(m.size, ratio)
    entries = coarse_factor * _distance(coarse, m)[:, None] - fine_factor * windows
    return _AxisSums(
        entries=fine.n * coarse.n,
        total=float(multiplicity @ entries.sum(axis=1)),
        squares=float(multiplicity @ np.square(entries).sum(axis=1)),
    )


def _distance(axis: Axis, offset: NDArray[np.int64]) -> FloatArray:
    steps = np.abs(offset)
    return np.asarray(np.minimum(steps, axis.n - steps) if axis.periodic else steps, dtype=np.float64)
