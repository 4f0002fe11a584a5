"""The performance profile as a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from prolong.extras import optional

__all__ = ["profile_picture"]

_DPI = 110
_INK, _PALE = "#262b33", "#c9ced6"
_COLOURS = (
    "#c2410c", "#f59e0b", "#1d4ed8", "#60a5fa", "#1e3a8a", "#15803d", "#7c3aed", "#c4b5fd", "#64748b",
)  # fmt: skip


def profile_picture(ratios: Mapping[str, Sequence[float]], *, title: str) -> bytes:
    """A PNG: for each method the share of problems that it solved within a multiple of the fastest method's time.

    **Arguments:** `ratios`: as `prolong_worker.bench.solver.measures.profile` gives them.

    **Raises:** `MissingExtra` without matplotlib.
    """
    figures = optional("matplotlib.figure", extra="worker", needed_for="performance profiles")
    figure = figures.Figure(figsize=(9, 5.2), dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    right = 2 * max((ratio for found in ratios.values() for ratio in found if ratio < inf), default=1.0)
    for (arm, found), colour in zip(ratios.items(), _COLOURS, strict=False):
        _draw(axes, found, right, label=arm, color=colour)
    axes.set_xscale("log")
    axes.set(xlim=(1, right), ylim=(0, 1.02))
    axes.set_xlabel("time, as a multiple of the fastest method's", color=_INK)
    axes.set_ylabel("share of problems solved to 1e-3 of the best value", color=_INK)
    axes.set_title(title, color=_INK, fontsize=12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=_PALE, linewidth=0.5)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _draw(axes: Any, ratios: Sequence[float], right: float, **look: str) -> None:
    solved = [ratio for ratio in ratios if ratio < inf]
    # Each step at its ratio; the first from the left edge, the last to the right one.
    shares = [index / len(ratios) for index in range(len(solved) + 1)]
    axes.step([1.0, *solved, right], [0.0, *shares[1:], shares[-1]], where="post", linewidth=1.8, **look)
