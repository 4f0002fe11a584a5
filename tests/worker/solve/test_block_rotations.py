import itertools

import numpy as np
import pytest

from prolong_worker.solve.block_rotations import Ascent, Block
from prolong_worker.solve.manifold import orthonormalised


def _symmetric(rng, n):
    matrix = rng.standard_normal((n, n))
    return matrix + matrix.T


def _ascent(rng, shapes):
    """Blocks of the given shapes; those that are not square carry a penalty."""
    blocks, row, column = [], 0, 0
    for height, width in shapes:
        root = rng.standard_normal((height, height))
        penalty = None if height == width else root @ root.T
        blocks.append(Block(slice(row, row + height), np.arange(column, column + width), penalty))
        row, column = row + height, column + width
    return Ascent(_symmetric(rng, row), _symmetric(rng, column), blocks)


def _random(ascent, rng):
    point = np.zeros((ascent.inner.shape[0], ascent.outer.shape[0]))
    for block in ascent.blocks:
        part = point[block.rows, block.columns]
        point[block.rows, block.columns] = orthonormalised(rng.standard_normal(part.shape))
    return point


SHAPES = [[(1, 1)] * 6, [(2, 2), (3, 3), (1, 1)], [(4, 2), (2, 1), (3, 3), (1, 1)], [(5, 5)], [(6, 2)]]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_every_sweep_goes_up_and_keeps_the_blocks(shapes, rng):
    ascent = _ascent(rng, shapes)
    for _ in range(10):
        point = _random(ascent, rng)
        values = [ascent.value(point)]
        for _ in range(15):
            point = ascent.climb(point, 1)
            values.append(ascent.value(point))
        assert np.all(np.diff(values) >= -1e-9)
        assert values[-1] > values[0]
        np.testing.assert_allclose(point.T @ point, np.eye(point.shape[1]), atol=1e-12)
        outside = np.ones(point.shape, dtype=bool)
        for block in ascent.blocks:
            outside[block.rows, block.columns] = False
        assert not point[outside].any()


@pytest.mark.parametrize("shapes", SHAPES[1:], ids=str)
def test_a_long_climb_ends_where_the_gradient_is_normal_to_the_blocks(shapes, rng):
    ascent = _ascent(rng, shapes)
    point = ascent.climb(_random(ascent, rng), 5000)
    gradient = 4 * ascent.inner @ point @ ascent.outer
    for block in ascent.blocks:
        part, slope = point[block.rows, block.columns], gradient[block.rows, block.columns]
        if block.penalty is not None:
            slope = slope - 2 * block.penalty @ part
        inner = part.T @ slope
        tangent = slope - part @ (inner + inner.T) / 2
        assert np.linalg.norm(tangent) < 0.03 * np.linalg.norm(gradient)


def test_signs_of_small_problems_are_often_the_best_of_all(rng):
    hits = 0
    for _ in range(20):
        ascent = _ascent(rng, [(1, 1)] * 5)
        best = max(ascent.value(np.diag(signs)) for signs in itertools.product((-1.0, 1.0), repeat=5))
        found = max(ascent.value(ascent.climb(_random(ascent, rng), 50)) for _ in range(6))
        assert found <= best + 1e-9
        hits += found >= best - 1e-9
    assert hits >= 18


def test_larger_blocks_are_more_work():
    small, large = (Block(slice(0, k), np.arange(k)) for k in (1, 10))
    assert 0 < small.work(20, 20) < large.work(20, 20) < large.work(200, 20)
