import numpy as np
import pymanopt
import pytest
from pymanopt.manifolds import Euclidean, Grassmann, Product, Sphere, Stiefel
from pymanopt.optimizers import ConjugateGradient

from prolong_worker.solve.quasi_newton import LBFGS


def _problem(manifold, cost, gradient, preconditioner=None):
    wrap = pymanopt.function.numpy(manifold)
    return pymanopt.Problem(manifold, wrap(cost), euclidean_gradient=wrap(gradient), preconditioner=preconditioner)


def _rayleigh(manifold, matrix, preconditioner=None):
    """Least trace of `X' A X`, whose minimum is the sum of the smallest eigenvalues."""
    return _problem(manifold, lambda x: float(np.vdot(x, matrix @ x)), lambda x: 2 * matrix @ x, preconditioner)


def _symmetric(rng, n, condition):
    basis = np.linalg.qr(rng.standard_normal((n, n)))[0]
    return basis @ np.diag(np.geomspace(1, condition, n)) @ basis.T


def _minimise(problem, start, **options):
    return LBFGS(**{"verbosity": 0, "min_gradient_norm": 1e-8, **options}).run(problem, initial_point=start)


def test_sphere(rng):
    matrix = _symmetric(rng, 20, 50.0)
    start = rng.standard_normal(20)
    result = _minimise(_rayleigh(Sphere(20), matrix), start / np.linalg.norm(start), min_gradient_norm=1e-6)
    assert result.cost == pytest.approx(1.0, abs=1e-12)
    assert result.gradient_norm < 1e-6
    assert "min grad norm" in result.stopping_criterion


@pytest.mark.parametrize(
    "manifold", [Grassmann(15, 3), Stiefel(15, 3), Stiefel(15, 3, retraction="polar")], ids=str
)
def test_subspaces(manifold, rng):
    matrix = _symmetric(rng, 15, 50.0)
    start = np.linalg.qr(rng.standard_normal((15, 3)))[0]
    result = _minimise(_rayleigh(manifold, matrix), start)
    assert result.cost == pytest.approx(np.linalg.eigvalsh(matrix)[:3].sum(), abs=1e-10)
    np.testing.assert_allclose(result.point.T @ result.point, np.eye(3), atol=1e-12)


def test_product_manifolds_transport_their_pairs(rng):
    matrix = _symmetric(rng, 8, 20.0)
    manifold = Product([Sphere(8), Euclidean(3)])
    target = rng.standard_normal(3)
    problem = _problem(
        manifold,
        lambda x, z: float(x @ matrix @ x + np.sum((z - target) ** 2)),
        lambda x, z: [2 * matrix @ x, 2 * (z - target)],
    )
    start = rng.standard_normal(8)
    result = _minimise(problem, [start / np.linalg.norm(start), np.zeros(3)])
    assert result.cost == pytest.approx(1.0, abs=1e-10)
    np.testing.assert_allclose(result.point[1], target, atol=1e-6)


def test_an_ill_conditioned_quadratic_needs_fewer_evaluations_than_conjugate_gradients(rng):
    scales = np.geomspace(1, 1e4, 60)
    problem = _problem(Euclidean(60), lambda x: float(x @ (scales * x)), lambda x: 2 * scales * x)
    start = rng.standard_normal(60)
    ours = _minimise(problem, start, memory=20, min_gradient_norm=1e-6)
    counted = []
    theirs = _problem(
        Euclidean(60), lambda x: counted.append(1) or float(x @ (scales * x)), lambda x: 2 * scales * x
    )
    options = {"verbosity": 0, "min_gradient_norm": 1e-6, "max_iterations": 5000, "max_cost_evaluations": 10**6}
    ConjugateGradient(**options).run(theirs, initial_point=start)
    assert ours.gradient_norm < 1e-6
    assert ours.cost_evaluations < len(counted)


@pytest.mark.parametrize("scale", [True, False])
def test_a_good_preconditioner_saves_iterations(scale, rng):
    matrix = _symmetric(rng, 40, 1e4)
    manifold, inverse = Sphere(40), np.linalg.inv(2 * (matrix - 0.99 * np.eye(40)))
    start = rng.standard_normal(40)
    start /= np.linalg.norm(start)
    plain = _minimise(_rayleigh(manifold, matrix), start)
    helped = _rayleigh(manifold, matrix, lambda x, v: manifold.projection(x, inverse @ v))
    assert 2 * _minimise(helped, start, scale=scale).iterations < plain.iterations


def test_costs_never_rise_and_are_logged(rng):
    matrix = _symmetric(rng, 20, 1e3)
    start = np.linalg.qr(rng.standard_normal((20, 4)))[0]
    log = _minimise(_rayleigh(Stiefel(20, 4), matrix), start, log_verbosity=1).log["iterations"]
    assert len(log["cost"]) > 5
    assert all(after <= before * (1 + 1e-13) for before, after in zip(log["cost"], log["cost"][1:], strict=False))
    assert log["iteration"] == list(range(len(log["cost"])))


def test_saddles_and_misleading_preconditioners_are_survived(rng):
    matrix = _symmetric(rng, 20, 1e2)
    start = rng.standard_normal(20)
    start /= np.linalg.norm(start)
    wrong = _rayleigh(Sphere(20), matrix, lambda x, v: -v)
    assert _minimise(wrong, start).cost == pytest.approx(1.0, abs=1e-3)


def test_limits(rng):
    problem = _rayleigh(Sphere(30), _symmetric(rng, 30, 1e4))
    start = np.eye(30)[0]
    assert _minimise(problem, start, max_iterations=3).iterations == 3
    assert "max iterations" in _minimise(problem, start, max_iterations=3).stopping_criterion
    assert "max cost evals" in _minimise(problem, start, max_cost_evaluations=4).stopping_criterion
    assert "max time" in _minimise(problem, start, max_time=0).stopping_criterion


def test_feasible_after_thousands_of_iterations(rng):
    matrix = _symmetric(rng, 12, 1e8)
    start = np.linalg.qr(rng.standard_normal((12, 3)))[0]
    options = {"memory": 0, "max_iterations": 3000, "min_gradient_norm": 0.0, "max_cost_evaluations": 10**6}
    result = _minimise(_rayleigh(Stiefel(12, 3, retraction="polar"), matrix), start, **options)
    assert np.abs(result.point.T @ result.point - np.eye(3)).max() < 1e-13


def test_a_random_start_is_made_where_none_is_given(rng):
    result = LBFGS(verbosity=0).run(_rayleigh(Sphere(5), _symmetric(rng, 5, 10.0)))
    assert result.cost == pytest.approx(1.0, abs=1e-6)


def test_columns_are_printed_when_asked_for(rng, capsys):
    _minimise(_rayleigh(Sphere(5), _symmetric(rng, 5, 10.0)), np.eye(5)[0], verbosity=2)
    assert "Gradient norm" in capsys.readouterr().out
