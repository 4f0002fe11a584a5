"""Operators as pictures. Needs matplotlib (extra `worker` or `train`); no window, no global state of pyplot."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from prolong.certificate import Certificate
from prolong.extras import optional
from prolong.operators import Operator
from prolong.operators.base import FloatArray

__all__ = ["binned", "operator_image", "shown_localities", "sweep_image"]

_WHAT = "drawing operators"
_DPI = 150
_HEIGHT_INCHES = 5.6
_INK = "#262b33"
_PALE = "#c9ced6"
_MAX_ASPECT = 2.2

_SWEEP_INCHES = (9.0, 8.0)
_MOST_MAPS = 6
_MAP_PIXELS = 160
_OBJECTIVE, _BOUND = "#262b33", "#aab2bf"
_DIFFUSION, _LOCALITY = "#c2410c", "#1d4ed8"


def operator_image(operator: Operator, *, title: str | None = None, max_pixels: int = 420) -> bytes:
    """A heat map of P as a PNG file: rows are fine vertices, colours are symmetric about 0.

    Operators of any size are drawn: above `max_pixels` rows (columns in proportion) each cell shows the entry of
    largest magnitude of the block behind it, so that lone entries of sparse operators stay visible. Threads may
    draw side by side; equal operators give equal bytes.

    **Raises:** `MissingExtra` without matplotlib.
    """
    aspect = min(_MAX_ASPECT, operator.shape[0] / operator.shape[1])
    figure = _figure(_HEIGHT_INCHES / aspect + 2.0, _HEIGHT_INCHES + 1.2)
    axes = _draw(figure, operator, binned(operator, max_pixels, max(1, round(max_pixels / aspect))))
    axes.set_box_aspect(aspect)
    text = f"{operator.shape[1]} → {operator.shape[0]} vertices" if title is None else title
    # Names of graphs may contain dollar signs, which are no formulas.
    axes.set_title(text, color=_INK, fontsize=12, pad=10, parse_math=False)
    return _png(figure)


def sweep_image(
    certificates: Mapping[float, Certificate], operators: Mapping[float, Operator], *, title: str | None = None
) -> bytes:
    """A sweep as a PNG file: the objective, its two terms and the lower bound over s, and operators below.

    **Arguments:** by locality; `certificates` of all values, `operators` of those to be drawn as heat maps (see
    `shown_localities`), which have a scale of colours in common.

    **Raises:** `MissingExtra` without matplotlib.
    """
    figure = _figure(*_SWEEP_INCHES)
    rows = figure.add_gridspec(2 if operators else 1, 1, height_ratios=[3, 2] if operators else [1])
    axes = figure.add_subplot(rows[0])
    _draw_curves(axes, sorted(certificates.items()))
    if title is not None:
        axes.set_title(title, color=_INK, fontsize=12, pad=10, parse_math=False)
    if operators:
        _draw_maps(figure, rows[1], sorted(operators.items()))
    return _png(figure)


def shown_localities(localities: Sequence[float]) -> Sequence[float]:
    """The values of a sweep whose operators are worth a heat map: the first, the last and some between, evenly."""
    count = min(_MOST_MAPS, len(localities))
    return [localities[round(number)] for number in np.linspace(0, len(localities) - 1, count)]


def _figure(width: float, height: float) -> Any:
    figures = optional("matplotlib.figure", extra="worker", needed_for=_WHAT)
    return figures.Figure(figsize=(width, height), dpi=_DPI, layout="constrained")


def _png(figure: Any) -> bytes:
    agg = optional("matplotlib.backends.backend_agg", extra="worker", needed_for=_WHAT)
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


def _draw_curves(axes: Any, certificates: Sequence[tuple[float, Certificate]]) -> None:
    """The two weighted terms, their sum, and what no operator can be below."""
    s = np.array([value for value, _ in certificates])
    objective = np.array([certificate.objective for _, certificate in certificates])
    bound = np.array([certificate.lower_bound for _, certificate in certificates])
    # A term that is not known (no hop distances, at s = 0) leaves a gap.
    diffusion = np.array([certificate.diffusion for _, certificate in certificates], dtype=np.float64)
    locality = np.array([certificate.locality for _, certificate in certificates], dtype=np.float64)
    axes.fill_between(s, bound, objective, color=_PALE, alpha=0.3, linewidth=0)
    style = {"linewidth": 1.8, "marker": "o", "markersize": 4}
    # Broad, so that it shows where it is met.
    axes.plot(s, bound, color=_BOUND, label="lower bound", linewidth=5, alpha=0.7, solid_capstyle="round")
    axes.plot(s, (1 - s) * diffusion, color=_DIFFUSION, label="diffusion term, (1 − s) D", **style)
    axes.plot(s, s * locality, color=_LOCALITY, label="locality term, s Q", **style)
    axes.plot(s, objective, color=_OBJECTIVE, label="objective E", **style)
    axes.set_xlabel("locality s", color=_INK)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color=_PALE, linewidth=0.5, alpha=0.6)
    axes.legend(frameon=False, fontsize=9, labelcolor=_INK)
    axes.spines[["top", "right"]].set_visible(False)
    _style(axes)


def _draw_maps(figure: Any, place: Any, operators: Sequence[tuple[float, Operator]]) -> None:
    """The operators side by side, one scale of colours for all."""
    cells = [binned(operator, _MAP_PIXELS, _MAP_PIXELS) for _, operator in operators]
    largest = max(float(np.abs(item).max()) for item in cells) or 1.0
    grid = place.subgridspec(1, len(operators))
    drawn = []
    for number, (value, operator) in enumerate(operators):
        n_fine, n_coarse = operator.shape
        axes = figure.add_subplot(grid[number])
        axes.set_box_aspect(min(_MAX_ASPECT, n_fine / n_coarse))
        image = axes.imshow(
            cells[number], cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto", interpolation="nearest"
        )
        axes.set_title(f"s = {value:g}", color=_INK, fontsize=10)
        axes.set_xticks([])
        axes.set_yticks([])
        _style(axes)
        drawn.append(axes)
    bar = figure.colorbar(image, ax=drawn, shrink=0.8, aspect=24, pad=0.01)
    bar.outline.set_visible(False)
    _style(bar.ax)


def _style(axes: Any) -> None:
    """Pale frame, dark small letters, whole numbers of vertices."""
    axes.tick_params(colors=_INK, labelsize=9, color=_PALE)
    axes.xaxis.label.set_size(10)
    axes.yaxis.label.set_size(10)
    for spine in axes.spines.values():
        spine.set_color(_PALE)
