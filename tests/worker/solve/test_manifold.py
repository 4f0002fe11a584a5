import numpy as np
import pymanopt.manifolds
import pytest

from prolong_worker.solve.manifold import GramStiefel, orthonormalised, polar_factor


@pytest.mark.parametrize("length", [1e-8, 1.0, 1e3, 1e9])
def test_retraction_equals_pymanopts_polar_one(length, rng):
    ours, theirs = GramStiefel(9, 4), pymanopt.manifolds.Stiefel(9, 4, retraction="polar")
    point = orthonormalised(rng.standard_normal((9, 4)))
    tangent = length * ours.projection(point, rng.standard_normal((9, 4)))
    found = ours.retraction(point, tangent)
    np.testing.assert_allclose(found, theirs.retraction(point, tangent), atol=1e-9)
    np.testing.assert_allclose(found.T @ found, np.eye(4), atol=1e-12)


def test_geometry_equals_pymanopts(rng):
    ours, theirs = GramStiefel(9, 4), pymanopt.manifolds.Stiefel(9, 4)
    point = orthonormalised(rng.standard_normal((9, 4)))
    one, two = (ours.projection(point, rng.standard_normal((9, 4))) for _ in range(2))
    normal = rng.standard_normal((9, 4))
    np.testing.assert_allclose(one, theirs.projection(point, one), atol=1e-14)
    np.testing.assert_allclose(ours.to_tangent_space(point, normal), theirs.projection(point, normal), atol=1e-14)
    np.testing.assert_allclose(ours.transport(normal, point, normal), theirs.projection(point, normal), atol=1e-14)
    np.testing.assert_allclose(ours.weingarten(point, one, normal), theirs.weingarten(point, one, normal))
    assert ours.inner_product(point, one, two) == pytest.approx(float(theirs.inner_product(point, one, two)))
    assert ours.norm(point, one) == pytest.approx(np.linalg.norm(one))
    assert (ours.dim, ours.typical_dist) == (theirs.dim, theirs.typical_dist)


def test_polar_factor_is_accurate_where_the_gram_matrix_is_not(rng):
    matrix = rng.standard_normal((8, 3)) @ np.diag([1.0, 1e-5, 1e-9])
    factor = polar_factor(matrix)
    np.testing.assert_allclose(factor.T @ factor, np.eye(3), atol=1e-12)
