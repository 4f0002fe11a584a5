import numpy as np
import pymanopt.manifolds
import pytest
import scipy.sparse as sp

from prolong import graphs
from prolong_worker.solve.control import Control, Watch
from prolong_worker.solve.graph_matrices import hop_distances, laplacian
from prolong_worker.solve.manifold import GramStiefel, orthonormalised
from prolong_worker.solve.objective import Interval, Objective, Term
from prolong_worker.solve.search import Search

FIXED = (Interval.point(0.7), Interval.point(0.4))
FREE = (Interval(1e-3, 1e3), Interval(1e-3, 1e3))
CLIPPED = (Interval(1e-3, 1e-2), Interval(50.0, 60.0))


def _objective(scales):
    coarse, fine = graphs.tree(2, 2).adjacency(), graphs.wheel(11).adjacency()
    diffusion = Term(0.6, laplacian(coarse), laplacian(fine), scales[0])
    locality = Term(0.4, hop_distances(coarse), hop_distances(fine), scales[1])
    return Objective((diffusion, locality))


def _point(objective, rng):
    return orthonormalised(rng.standard_normal(objective.shape))


def test_value_is_the_formula(rng):
    objective = _objective(FIXED)
    point = _point(objective, rng)
    expected = sum(
        term.weight
        * np.linalg.norm(
            point @ term.coarse / np.sqrt(term.scale.low) - np.sqrt(term.scale.low) * term.fine @ point
        )
        for term in objective.terms
    )
    assert objective.value(point) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("scales", [FIXED, FREE, CLIPPED])
def test_gradient_is_the_finite_difference(scales, rng):
    # A free scale is eliminated for feasible points, so differences are taken along the manifold.
    objective = _objective(scales)
    point = _point(objective, rng)
    manifold = GramStiefel(*objective.shape)
    tangent = manifold.projection(point, rng.standard_normal(point.shape))
    step = 1e-6
    ahead, behind = (objective.value(manifold.retraction(point, sign * step * tangent)) for sign in (1, -1))
    slope = np.vdot(objective.at(point).gradient, tangent)
    assert (ahead - behind) / (2 * step) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("scales", [FIXED, FREE, CLIPPED])
def test_hessian_is_the_difference_of_gradients(scales, rng):
    objective = _objective(scales)
    point = _point(objective, rng)
    direction = rng.standard_normal(point.shape)
    step = 1e-6
    ahead, behind = (objective.at(point + sign * step * direction).gradient for sign in (1, -1))
    np.testing.assert_allclose(
        objective.at(point).hessian(direction), (ahead - behind) / (2 * step), rtol=1e-6, atol=1e-6
    )


@pytest.mark.parametrize("scales", [FIXED, FREE])
def test_pymanopt_taylor_slopes(scales, rng):
    """What PyManOpt's check_gradient and check_hessian look at: error slopes of 2 and 3.

    Its own functions fail under numpy 2.4 (they assign one-element arrays to scalars), so the slopes are taken
    here, from the derivatives that PyManOpt hands to its optimisers.
    """
    objective = _objective(scales)
    point = _point(objective, rng)
    search = Search(objective, 0.0, 0.0, Watch(Control(), np.inf))
    manifold = pymanopt.manifolds.Stiefel(*objective.shape, retraction="polar")
    problem = search.problem(manifold)
    tangent = manifold.projection(point, rng.standard_normal(point.shape))
    tangent /= manifold.norm(point, tangent)
    slope = manifold.inner_product(point, problem.riemannian_gradient(point), tangent)
    bend = manifold.inner_product(point, problem.riemannian_hessian(point, tangent), tangent)
    steps = np.array([1e-2, 1e-3])
    values = np.array([problem.cost(manifold.retraction(point, step * tangent)) for step in steps])
    first = np.abs(values - problem.cost(point) - steps * slope)
    second = np.abs(values - problem.cost(point) - steps * slope - steps**2 * bend / 2)
    assert np.log10(first[0] / first[1]) == pytest.approx(2, abs=0.2)
    assert np.log10(second[0] / second[1]) == pytest.approx(3, abs=0.3)


def test_hessian_is_symmetric_on_the_tangent_space(rng):
    objective = _objective(FREE)
    point = _point(objective, rng)
    manifold = GramStiefel(*objective.shape)
    one, two = (manifold.projection(point, rng.standard_normal(point.shape)) for _ in range(2))
    at = objective.at(point)
    assert np.vdot(at.hessian(one), two) == pytest.approx(np.vdot(at.hessian(two), one), rel=1e-10)


def test_kink_gives_a_subgradient_and_no_division_by_zero():
    matrix = laplacian(graphs.path(6).adjacency())
    at = Objective((Term(1.0, matrix, matrix, Interval.point(1.0)),)).at(np.eye(6))
    assert at.value == 0
    assert not at.gradient.any()
    assert not at.hessian(np.ones((6, 6))).any()


def test_a_free_scale_is_the_best_one(rng):
    free = _objective(FREE)
    point = _point(free, rng)
    scale = free.at(point).terms[0].scale
    for other in np.geomspace(scale / 3, 3 * scale, 41):
        fixed = Term(0.6, free.terms[0].coarse, free.terms[0].fine, Interval.point(float(other)))
        assert free.at(point).terms[0].norm <= fixed.at(point).norm + 1e-12


def test_sparse_and_dense_agree(rng):
    dense = _objective(FIXED)
    sparse = Objective(
        tuple(Term(t.weight, sp.csr_array(t.coarse), sp.csr_array(t.fine), t.scale) for t in dense.terms)
    )
    point, direction = _point(dense, rng), rng.standard_normal(dense.shape)
    assert sparse.value(point) == pytest.approx(dense.value(point), rel=1e-13)
    np.testing.assert_allclose(sparse.at(point).hessian(direction), dense.at(point).hessian(direction), atol=1e-11)
