"""Distances of graphs as they are asked for: one pair with its operator, or all pairs of a list."""

from collections.abc import Callable, Sequence

import numpy as np

from prolong.diffusion import Distance, DistanceMatrix, DistanceProblem, Distances
from prolong.operators import DenseOperator
from prolong.wire import Progress
from prolong_worker.solve.control import Control
from prolong_worker.solve.distance import LaplacianSpectrum, PairDistance, distance, distance_operator, pairs
from prolong_worker.solve.graph_matrices import FloatArray


def compare_pair(problem: DistanceProblem) -> list[Distance]:
    """The distances of a problem's first two graphs with their operators, one for each time."""
    first, second = _spectra(problem)[:2]
    swapped = first.edges.n > second.edges.n
    results = []
    for time in problem.t:
        found = distance(first, second, time)
        point = distance_operator(first, second, time=time, alpha=found.alpha)
        results.append(Distance(*found, t=time, operator=DenseOperator(point), swapped=swapped))
    return results


def compare_all(problem: DistanceProblem, control: Control | None = None) -> Distances:
    """All pairs at all times. Every graph is decomposed once.

    Arguments:
        problem: what is asked.
        control: its `report` is told after every pair.
    """
    control = control or Control()
    started = control.clock()
    spectra = _spectra(problem)
    done = 0

    def tell(found: PairDistance) -> PairDistance:
        nonlocal done
        done += 1
        control.report(Progress(stage="distances", iteration=done, seconds=control.clock() - started))
        return found

    matrices = tuple(_matrix(spectra, time, tell) for time in problem.t)
    return Distances(matrices=matrices, seconds=control.clock() - started)


def _spectra(problem: DistanceProblem) -> Sequence[LaplacianSpectrum]:
    return [LaplacianSpectrum(graph.adjacency()) for graph in problem.graphs]


def _matrix(
    spectra: Sequence[LaplacianSpectrum], time: float | None, tell: Callable[[PairDistance], PairDistance]
) -> DistanceMatrix:
    count = len(spectra)
    values, bounds, alphas = np.zeros((count, count)), np.zeros((count, count)), np.ones((count, count))
    for i, j in pairs(count):
        found = tell(distance(spectra[i], spectra[j], time))
        for table, entry in zip((values, bounds, alphas), found, strict=True):
            table[i, j] = table[j, i] = entry
    return DistanceMatrix(t=time, values=_rows(values), lower_bounds=_rows(bounds), alphas=_rows(alphas))


def _rows(table: FloatArray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in table.tolist())
