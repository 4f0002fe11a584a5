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
    "#c2410c", "#f59e0b", "#1d4ed8", "#60a5fa", "#0e7490", "#15803d", "#7c3aed", "#c4b5fd", "#64748b",
)  # fmt: skip
_LEAST_RIGHT = 100.0

#: A method's ratios of time, as `prolong_worker.bench.solver.measures.profile` gives them.
Profile = Mapping[str, Sequence[float]]


def profile_picture(profiles: Mapping[float, Profile], *, title: str) -> bytes:
    """A PNG: for each method the share of problems that it solved within a multiple of the fastest method's time.

    **Arguments:** `profiles`: one panel each, by the relative accuracy at which a problem counts as solved.

    **Raises:** `MissingExtra` without matplotlib.
    """
    figures = optional("matplotlib.figure", extra="worker", needed_for="performance profiles")
    figure = figures.Figure(figsize=(5.2 * len(profiles) + 1.8, 4.6), dpi=_DPI, layout="constrained")
    panels = figure.subplots(1, len(profiles), sharey=True, squeeze=False)[0]
    for axes, (accuracy, profile) in zip(panels, profiles.items(), strict=True):
        _panel(axes, profile)
        axes.set_title(f"within {accuracy:g} of the best value", color=_INK, fontsize=11)
    panels[0].set_ylabel("share of problems solved", color=_INK)
    panels[-1].legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.suptitle(title, color=_INK, fontsize=12)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _panel(axes: Any, profile: Profile) -> None:
    finite = [ratio for ratios in profile.values() for ratio in ratios if ratio < inf]
    right = 2 * max([_LEAST_RIGHT, *finite])
    for (arm, ratios), colour in zip(profile.items(), _COLOURS, strict=False):
        _draw(axes, ratios, right, label=arm, color=colour)
    axes.set_xscale("log")
    axes.set(xlim=(1, right), ylim=(0, 1.02))
    axes.set_xlabel("time, as a multiple of the fastest method's", color=_INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=_PALE, linewidth=0.5)


def _draw(axes: Any, ratios: Sequence[float], right: float, **look: str) -> None:
    solved = [ratio for ratio in ratios if ratio < inf]
    # Each step at its ratio; the first from the left edge, the last to the right one.
    shares = [index / max(len(ratios), 1) for index in range(len(solved) + 1)]
    axes.step([1.0, *solved, right], [0.0, *shares[1:], shares[-1]], where="post", linewidth=1.8, **look)
