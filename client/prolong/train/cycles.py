"""Schedules: which level is smoothed next, for how many batches. Plain iterators of visits; no torch.

A visit without a number of steps lasts until the trainer's level stopping says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat

__all__ = ["Visit", "fine_only", "forever", "nested", "recursive", "v_cycle"]


@dataclass(frozen=True)
class Visit:
    """Smooth `level` for `steps` batches; None: until the level stopping ends it."""

    level: int
    steps: int | None = None


def recursive(depth: int, *, gamma: int, k: int, extra_smoothing: bool = False) -> Iterator[Visit]:
    """One cycle of MsANN (Scott & Mjolsness, arXiv 1806.05703), from level 0 down to level `depth`.

    Smooth k batches; then, above the coarsest level, gamma times: recurse one level down, smooth k batches.
    So a visit of a level spends k (1 + gamma) batches there, k at the coarsest.

    **Arguments:** `extra_smoothing`: smooth k batches once more before leaving any level, as the authors'
    program does and their text does not.
    """
    return _recurse(0, depth, gamma, (k, extra_smoothing))


def _recurse(level: int, depth: int, gamma: int, smoothing: tuple[int, bool]) -> Iterator[Visit]:
    k, extra_smoothing = smoothing
    yield Visit(level, k)
    if level < depth:
        for _ in range(gamma):
            yield from _recurse(level + 1, depth, gamma, smoothing)
            yield Visit(level, k)
    if extra_smoothing:
        yield Visit(level, k)


def v_cycle(depth: int, *, k: int) -> Iterator[Visit]:
    """k batches at each level on the way down to `depth` and at each on the way up."""
    return (Visit(level, k) for level in chain(range(depth), range(depth, -1, -1)))


def nested(depth: int, *, k: int | None = None) -> Iterator[Visit]:
    """Nested iteration: each level once, from `depth` to 0; without k the level stopping decides."""
    return (Visit(level, k) for level in range(depth, -1, -1))


def fine_only(k: int | None = None) -> Iterator[Visit]:
    """Ordinary training: level 0 and nothing else."""
    return iter((Visit(0, k),))


def forever(cycle: tuple[Visit, ...]) -> Iterator[Visit]:
    """Repeat a cycle without end; the trainer's budget ends it."""
    return chain.from_iterable(repeat(cycle))
