"""Pictures of operators: what is drawn, at any size, from any thread."""

from __future__ import annotations

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from prolong import DenseOperator, MissingExtra, SparseOperator
from prolong.certificate import Certificate
from prolong.plots import binned, operator_image, shown_localities, sweep_image


def pair(n_fine: int, n_coarse: int, seed: int) -> tuple[DenseOperator, SparseOperator]:
    """The same sparse matrix in both forms."""
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((n_fine, n_coarse)) * (rng.random((n_fine, n_coarse)) < 0.3)
    rows, columns = np.nonzero(matrix)
    pointers = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n_fine))])
    return DenseOperator(matrix), SparseOperator(matrix[rows, columns], columns, pointers, matrix.shape)


@given(st.integers(1, 12), st.integers(0, 12), st.integers(1, 14), st.integers(1, 14), st.integers(0, 9))
def test_bins_hold_the_largest_entries_and_both_forms_agree(n_coarse, more, rows, columns, seed):
    dense, sparse = pair(n_coarse + more, n_coarse, seed)
    cells = binned(dense, rows, columns)
    assert cells.shape == (min(rows, n_coarse + more), min(columns, n_coarse))
    assert np.array_equal(cells, binned(sparse, rows, columns))
    matrix = dense.to_dense()
    assert np.abs(cells).max() == np.abs(matrix).max()
    assert np.isin(cells, matrix).all()


def test_small_operators_are_not_binned():
    dense, sparse = pair(7, 5, 0)
    assert np.array_equal(binned(dense, 9, 9), dense.to_dense())
    assert np.array_equal(binned(sparse, 7, 5), dense.to_dense())


def test_a_lone_entry_survives_the_binning_with_its_sign():
    matrix = np.zeros((1000, 500))
    matrix[777, 333] = -1.0
    cells = binned(DenseOperator(matrix), 10, 10)
    assert cells[7, 6] == -1.0
    assert np.count_nonzero(cells) == 1


def test_large_sparse_operators_are_drawn_without_the_memory_of_dense_ones():
    n = 400_000
    operator = SparseOperator.from_partition(np.arange(n) // 2, np.full(n, 2**-0.5), n // 2)
    assert operator_image(operator).startswith(b"\x89PNG")


@pytest.mark.parametrize("shape", [(1, 1), (64, 32), (1000, 1), (9, 9), (5000, 40)])
def test_pictures_are_png_files_of_moderate_size(shape):
    picture = imread(io.BytesIO(operator_image(DenseOperator(np.eye(*shape)), title="$a_{1} → b")))
    height, width = picture.shape[:2]
    assert 700 < height < 1200
    assert 400 < width < 1400


def test_signs_have_their_own_colours_and_zero_is_pale():
    matrix = np.zeros((4, 4))
    matrix[0, 0], matrix[3, 3] = 1.0, -1.0
    picture = imread(io.BytesIO(operator_image(DenseOperator(matrix))))[..., :3]
    red = (picture[..., 0] > 0.35) & (picture[..., 2] < 0.2)
    blue = (picture[..., 2] > 0.35) & (picture[..., 0] < 0.1)
    rows_of_red, rows_of_blue = (np.nonzero(mask[:, : picture.shape[1] * 3 // 4])[0] for mask in (red, blue))
    assert rows_of_red.size > 1000
    assert rows_of_blue.size > 1000
    assert rows_of_red.max() < rows_of_blue.min()


def test_equal_operators_give_equal_bytes_in_any_thread():
    operator = pair(40, 20, 1)[0]
    alone = operator_image(operator, title="pair")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: operator_image(operator, title="pair"), range(12))) == {alone}


def test_drawing_leaves_pyplot_alone():
    code = (
        "import sys, numpy; from prolong import DenseOperator; from prolong.plots import operator_image;"
        "operator_image(DenseOperator(numpy.eye(3, 2))); print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match=r"prolong\[worker\]"):
        operator_image(DenseOperator(np.eye(3, 2)))


def certified(s: float, locality: float | None = 2.0) -> Certificate:
    return Certificate(
        objective=1 + s, diffusion=1.0, locality=locality, alpha=1.0, beta=None, lower_bound=s, proof="spectral",
        outcome="converged", method="stiefel", iterations=1, seconds=0.1, orthonormality_error=0.0,
        gradient_norm=0.0,
    )  # fmt: skip


@pytest.mark.parametrize("values", [(0.5,), (0.0, 1.0), tuple(np.linspace(0, 1, 101))])
def test_sweeps_of_any_length_are_drawn(values):
    operators = {s: pair(9, 4, seed)[seed % 2] for seed, s in enumerate(shown_localities(values))}
    assert len(operators) == min(6, len(values))
    image = imread(io.BytesIO(sweep_image({s: certified(s) for s in values}, operators, title="$a_b")))
    assert 900 < image.shape[0] < 1600
    assert 900 < image.shape[1] < 1600
    assert np.ptp(image[: image.shape[0] // 2, :, :3]) > 0.5
    assert np.ptp(image[image.shape[0] // 2 :, :, :3]) > 0.5


def test_a_sweep_is_drawn_without_operators_and_without_hop_distances():
    assert sweep_image({0.0: certified(0.0, locality=None)}, {}).startswith(b"\x89PNG")


def test_the_curves_are_the_weighted_terms_their_sum_and_the_bound(monkeypatch):
    drawn = {}

    def plot(axes, x, y, *, label, **_):
        drawn[label] = (list(x), list(y))

    monkeypatch.setattr("matplotlib.axes.Axes.plot", plot)
    monkeypatch.setattr("matplotlib.axes.Axes.legend", lambda *_, **__: None)
    sweep_image({1.0: certified(1.0), 0.25: certified(0.25)}, {})
    assert drawn == {
        "lower bound": ([0.25, 1.0], [0.25, 1.0]),
        "diffusion term, (1 − s) D": ([0.25, 1.0], [0.75, 0.0]),
        "locality term, s Q": ([0.25, 1.0], [0.5, 2.0]),
        "objective E": ([0.25, 1.0], [1.25, 2.0]),
    }


def test_shown_values_are_spread_from_end_to_end():
    assert shown_localities([0.1, 0.2]) == [0.1, 0.2]
    assert shown_localities([number / 10 for number in range(11)]) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
