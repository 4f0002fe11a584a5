"""Telling people at a terminal how far things are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from prolong.wire import Progress, ProlongationView, Status

__all__ = ["Watch", "describe", "describe_search", "watching"]


class Watch:
    """A line of progress: `say` replaces its text, `advance` counts one more thing as done."""

    def __init__(self, bar: tqdm[Any]) -> None:
        self._bar = bar

    def say(self, text: str) -> None:
        """Show `text`."""
        self._bar.set_postfix_str(text)

    def advance(self) -> None:
        """One more is done."""
        self._bar.update()


@contextmanager
def watching(show: bool | None, *, label: str, total: int | None = None) -> Iterator[Watch]:
    """A line on stderr while the block runs: a bar for `total` things, else a text and the time.

    **Arguments:** `show`: None shows it on terminals only.
    """
    hidden = not (sys.stderr.isatty() if show is None else show)
    form = (
        "{desc}: {elapsed}{postfix}" if total is None else "{desc}: {n_fmt}/{total_fmt} |{bar}| {elapsed}{postfix}"
    )
    with tqdm(desc=label, total=total, disable=hidden, bar_format=form, leave=False, mininterval=0.0) as bar:
        yield Watch(bar)


def describe(view: ProlongationView) -> str:
    """Where a prolongation stands, in a few words."""
    if view.status is Status.QUEUED and view.queue_position is not None:
        return f"queued, {view.queue_position} before it" if view.queue_position else "queued, next"
    if view.status is Status.RUNNING and view.progress is not None:
        return describe_search(view.progress)
    return str(view.status)


def describe_search(progress: Progress) -> str:
    """How far a search has come, in a few words."""
    parts = [progress.stage]
    if progress.iteration:
        parts.append(f"iteration {progress.iteration}")
    if progress.objective is not None:
        parts.append(f"objective {progress.objective:.6g}")
    if progress.lower_bound is not None:
        parts.append(f"bound {progress.lower_bound:.6g}")
    return ", ".join(parts)
