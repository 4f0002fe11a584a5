"""Pictures of training runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from prolong.extras import optional
from prolong.train.results import Comparison
from prolong.train.work import Work

__all__ = ["learning_curves"]

_DPI = 110
_LOOKS = {
    "nested": ("#c2410c", "all scales, nested, with prolongation operators"),
    "fine": ("#1d4ed8", "finest level only, same start and optimiser"),
    "fine_glorot": ("#64748b", "finest level only, Glorot's start"),
    "msann": ("#15803d", "all scales, MsANN's recursion"),
}


def learning_curves(comparison: Comparison, path: Path) -> None:
    """Write a PNG: held-out mean squared error against cost and against CPU seconds, all axes logarithmic.

    **Raises:** `MissingExtra` without matplotlib; `OSError` where the file cannot be written.
    """
    figures = optional("matplotlib.figure", extra="train", needed_for="learning curves")
    figure = figures.Figure(figsize=(11, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    _draw(left, comparison, lambda work: work.cost, "cost: sum of batch × |θ of level| / |θ|")
    _draw(right, comparison, lambda work: work.cpu_seconds, "CPU seconds, one thread, evaluation excluded")
    left.set_ylabel("held-out mean squared error")
    left.legend(frameon=False, loc="lower left")
    figure.suptitle(
        f"{comparison.data}: one network on the same budget of cost, on all scales or on the finest alone"
    )
    figure.savefig(path, dpi=_DPI)


def _draw(axes: Any, comparison: Comparison, spent: Callable[[Work], float], label: str) -> None:
    for arm, history in comparison.histories.items():
        # The start has spent nothing, which a logarithmic axis cannot show.
        seen = [evaluation for evaluation in history.evaluations if spent(evaluation.work) > 0]
        colour, name = _LOOKS[arm]
        values, losses = [spent(item.work) for item in seen], [item.loss for item in seen]
        axes.loglog(values, losses, color=colour, label=name, linewidth=1.8)
    for target in comparison.targets:
        axes.axhline(target, color="#cbd5e1", linewidth=0.8, zorder=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(label)
