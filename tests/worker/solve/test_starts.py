import numpy as np

from prolong_worker.solve.kicks import flipped, pushed, tilted
from prolong_worker.solve.munkres import munkres_matrix
from prolong_worker.solve.setting import setting_of
from prolong_worker.solve.starts import portfolio, random_point


def _orthonormal(point):
    return np.abs(point.T @ point - np.eye(point.shape[1])).max() < 1e-12


def test_portfolio_has_the_asked_size_and_feasible_points(small):
    setting = setting_of(small)
    for count in (1, 3, 6):
        points = [start() for start in portfolio(setting, count, np.random.default_rng(0))]
        assert len(points) == count
        assert all(point.shape == (9, 5) and _orthonormal(point) for point in points)


def test_munkres_matrix_is_the_cheapest_zero_one_matching(small):
    diffusion = setting_of(small).diffusion
    matrix = munkres_matrix(diffusion)
    assert set(np.unique(matrix)) == {0.0, 1.0}
    assert matrix.sum(axis=0).tolist() == [1.0] * 5
    root = diffusion.scale.start**0.5
    costs = (diffusion.fine.values[:, None] * root - diffusion.coarse.values[None, :] / root) ** 2
    assert np.isclose((matrix * costs).sum(), diffusion.scale.minimum**2)


def test_random_points_follow_the_seed():
    first, again, other = (random_point((9, 5), np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_kicks_are_feasible_and_move(small, rng):
    setting = setting_of(small)
    point = random_point(setting.shape, rng)
    for kicked in (flipped(point, setting.diffusion.coarse.vectors, rng), pushed(point, rng)):
        assert _orthonormal(kicked)
        assert np.linalg.norm(kicked - point) > 0.1


def test_tilting_shifts_the_weights_against_each_other(small):
    objective = setting_of(small).objective
    first, second = tilted(objective, 1.0).terms
    assert np.isclose(first.weight, objective.terms[0].weight * np.e)
    assert np.isclose(second.weight, objective.terms[1].weight / np.e)
