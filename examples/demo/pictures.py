"""Pictures of training runs."""

from __future__ import annotations

import io

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from prolong.train import Comparison

_COLOURS = {"nested": "#c2410c", "fine": "#1d4ed8", "fine_glorot": "#64748b", "msann": "#15803d"}
_NAMES = {
    "nested": "all scales (nested, fetched operators)",
    "fine": "finest level only, same start and optimiser",
    "fine_glorot": "finest level only, Glorot's start",
    "msann": "MsANN's recursion",
}


def learning_curves(comparison: Comparison) -> bytes:
    """Held-out error against cost and against CPU seconds, both logarithmic, as PNG."""
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    by_cost, by_seconds = figure.subplots(1, 2, sharey=True)
    for axes, unit in ((by_cost, "cost"), (by_seconds, "cpu_seconds")):
        _draw(axes, comparison, unit)
    by_cost.set_ylabel("held-out mean squared error")
    by_cost.set_xlabel("cost (samples × parameters / fine parameters)")
    by_seconds.set_xlabel("CPU seconds, one thread, evaluation excluded")
    by_cost.legend(frameon=False, loc="lower left")
    figure.suptitle(f"Autoencoder on {comparison.data}: the same budget, all scales or the finest alone")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()


def _draw(axes: Axes, comparison: Comparison, unit: str) -> None:
    for arm, history in comparison.histories.items():
        seen = [item for item in history.evaluations if getattr(item.work, unit) > 0]
        values = [getattr(item.work, unit) for item in seen]
        losses = [item.loss for item in seen]
        axes.loglog(values, losses, color=_COLOURS.get(arm), label=_NAMES.get(arm, arm), linewidth=1.8)
    for target in comparison.targets:
        axes.axhline(target, color="#cbd5e1", linewidth=0.8, zorder=0)
    axes.grid(visible=True, which="major", color="#eef2f7", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
