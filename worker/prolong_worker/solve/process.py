r"""The matrices of the diffusion term: the Laplacians, or those of another process.

`normalized_laplacian`: `I - D^(-1/2) A D^(-1/2)`, with zero rows for vertices without edges. `heat`: the term
`|| P exp(-(t/a) Lc) - exp(-t a Lf) P ||_F` of the graph diffusion distance. The scale stands in exponents; with
the matrices `A = sqrt(a) exp(-(t/a) Lc)` and `B = exp(-t a Lf) / sqrt(a)` the usual term at the fixed scale `a`,
`P A / sqrt(a) - sqrt(a) B P`, is just that.
"""

from typing import Literal

import numpy as np
import scipy.sparse as sp

from prolong.graphs import Adjacency
from prolong.process import Heat, Matrices, Process
from prolong_worker.solve.graph_matrices import FloatArray, Matrix, laplacian, sparse_adjacency, suited
from prolong_worker.solve.heat import HeatPair
from prolong_worker.solve.objective import Interval
from prolong_worker.solve.scaling import ScaleChoice, scale_interval
from prolong_worker.solve.spectra import Spectrum


def process_spectra(
    process: Process, coarse: Adjacency, fine: Adjacency, alpha: ScaleChoice
) -> tuple[Spectrum, Spectrum, ScaleChoice]:
    """The two matrices of the diffusion term and what is left to choose of its scale.

    Arguments:
        process: of the problem.
        coarse: with `n_coarse` vertices.
        fine: with `n_fine` vertices.
        alpha: of the problem; `"auto"` with heat is the minimiser of the matching cost in the interval
            `[sqrt(rho / 2), sqrt(2 rho)]`, `rho` the ratio of the largest Laplacian eigenvalues, and fixed here.
    """
    if isinstance(process, Heat):
        return _heat(process.t, Spectrum(laplacian(coarse)), Spectrum(laplacian(fine)), alpha)
    if isinstance(process, Matrices):
        return Spectrum(process.coarse.array), Spectrum(process.fine.array), alpha
    matrix = laplacian if process == "laplacian" else normalized_laplacian
    return Spectrum(matrix(coarse)), Spectrum(matrix(fine)), alpha


def normalized_laplacian(edges: Adjacency) -> Matrix:
    """`I - D^(-1/2) A D^(-1/2)`, dense or sparse, whichever multiplies faster; zero rows where D is zero."""
    adjacency = sparse_adjacency(edges)
    degrees = np.asarray(adjacency.sum(axis=1)).ravel()
    present = degrees > 0
    roots = np.zeros(edges.n)
    roots[present] = degrees[present] ** -0.5
    scaling = sp.diags_array(roots)
    return suited(sp.csr_array(sp.diags_array(present.astype(np.float64)) - scaling @ adjacency @ scaling))


def _heat(
    time: float, coarse: Spectrum, fine: Spectrum, alpha: float | Literal["auto", "joint"]
) -> tuple[Spectrum, Spectrum, ScaleChoice]:
    pair = HeatPair(np.maximum(coarse.values, 0.0), np.maximum(fine.values, 0.0), time)
    scale = alpha if isinstance(alpha, float) else pair.best_scale(_interval(pair)).scale
    before, after = np.exp(-time / scale * pair.coarse), np.exp(-time * scale * pair.fine)
    root = scale**0.5
    return Spectrum(_function(coarse, root * before)), Spectrum(_function(fine, after / root)), scale


def _interval(pair: HeatPair) -> Interval:
    low, high = scale_interval(pair.coarse, pair.fine)
    return Interval(low**0.5, high**0.5)


def _function(spectrum: Spectrum, values: FloatArray) -> FloatArray:
    product: FloatArray = (spectrum.vectors * values) @ spectrum.vectors.T
    return (product + product.T) / 2
