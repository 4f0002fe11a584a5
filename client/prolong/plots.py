"""Operators as pictures. Needs matplotlib (extra `worker` or `train`); no window, no global state of pyplot."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from prolong.extras import optional
from prolong.operators import Operator
from prolong.operators.base import FloatArray

__all__ = ["binned", "operator_image"]

_WHAT = "drawing operators"
_DPI = 150
_HEIGHT_INCHES = 5.6
_INK = "#262b33"
_PALE = "#c9ced6"
_MAX_ASPECT = 2.2


def operator_image(operator: Operator, *, title: str | None = None, max_pixels: int = 420) -> bytes:
    """A heat map of P as a PNG file: rows are fine vertices, colours are symmetric about 0.

    Operators of any size are drawn: above `max_pixels` rows (columns in proportion) each cell shows the entry of
    largest magnitude of the block behind it, so that lone entries of sparse operators stay visible. Threads may
    draw side by side; equal operators give equal bytes.

    **Raises:** `MissingExtra` without matplotlib.
    """
    figures = optional("matplotlib.figure", extra="worker", needed_for=_WHAT)
    agg = optional("matplotlib.backends.backend_agg", extra="worker", needed_for=_WHAT)
    aspect = min(_MAX_ASPECT, operator.shape[0] / operator.shape[1])
    figure = figures.Figure(
        figsize=(_HEIGHT_INCHES / aspect + 2.0, _HEIGHT_INCHES + 1.2), dpi=_DPI, layout="constrained"
    )
    axes = _draw(figure, operator, binned(operator, max_pixels, max(1, round(max_pixels / aspect))))
    axes.set_box_aspect(aspect)
    text = f"{operator.shape[1]} → {operator.shape[0]} vertices" if title is None else title
    # Names of graphs may contain dollar signs, which are no formulas.
    axes.set_title(text, color=_INK, fontsize=12, pad=10, parse_math=False)
    buffer = io.BytesIO()
    canvas = agg.FigureCanvasAgg(figure)
    canvas.print_figure(buffer, format="png", bbox_inches="tight", pad_inches=0.15, metadata={"Software": None})
    return buffer.getvalue()


def binned(operator: Operator, max_rows: int, max_columns: int) -> FloatArray:
    """P reduced to at most `max_rows` x `max_columns` cells: of each block the entry of largest magnitude.

    **Returns:** shape `(min(n_fine, max_rows), min(n_coarse, max_columns))`; nothing is made dense.
    """
    n_fine, n_coarse = operator.shape
    rows, columns = min(n_fine, max_rows), min(n_coarse, max_columns)
    tensors = operator.tensors()
    extremes = _dense_extremes if "P" in tensors else _sparse_extremes
    highest, lowest = extremes(tensors, operator.shape, (rows, columns))
    return np.where(highest >= -lowest, highest, lowest)


def _dense_extremes(
    tensors: dict[str, Any], shape: tuple[int, int], cells: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    # The first index of each block: the smallest i with i * cell // n equal to the block's number.
    starts = [-(-np.arange(cell) * n // cell) for n, cell in zip(shape, cells, strict=True)]
    matrix = tensors["P"]
    highest = np.maximum.reduceat(np.maximum.reduceat(matrix, starts[0], axis=0), starts[1], axis=1)
    lowest = np.minimum.reduceat(np.minimum.reduceat(matrix, starts[0], axis=0), starts[1], axis=1)
    return highest, lowest


def _sparse_extremes(
    tensors: dict[str, Any], shape: tuple[int, int], cells: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    rows = np.repeat(np.arange(shape[0]), np.diff(tensors["indptr"]))
    places = (rows * cells[0] // shape[0], tensors["indices"] * cells[1] // shape[1])
    highest, lowest = np.zeros(cells), np.zeros(cells)
    np.maximum.at(highest, places, tensors["data"])
    np.minimum.at(lowest, places, tensors["data"])
    return highest, lowest


def _draw(figure: Any, operator: Operator, cells: FloatArray) -> Any:
    """The axes with the matrix, its colour bar beside them."""
    largest = float(np.abs(cells).max()) or 1.0
    n_fine, n_coarse = operator.shape
    axes = figure.add_subplot()
    image = axes.imshow(
        cells,
        cmap="RdBu_r",
        vmin=-largest,
        vmax=largest,
        aspect="auto",
        interpolation="nearest",
        extent=(-0.5, n_coarse - 0.5, n_fine - 0.5, -0.5),
    )
    axes.set_xlabel("coarse vertex", color=_INK)
    axes.set_ylabel("fine vertex", color=_INK)
    bar = figure.colorbar(image, ax=axes, shrink=0.6, aspect=24, pad=0.03)
    bar.outline.set_visible(False)
    for frame in (axes, bar.ax):
        _style(frame)
    return axes


def _style(axes: Any) -> None:
    """Pale frame, dark small letters, whole numbers of vertices."""
    axes.tick_params(colors=_INK, labelsize=9, color=_PALE)
    axes.xaxis.label.set_size(10)
    axes.yaxis.label.set_size(10)
    for spine in axes.spines.values():
        spine.set_color(_PALE)
