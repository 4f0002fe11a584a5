"""The command line's short form of a graph: `path:32`, `grid:8x8`, `box(path:8,cycle:8)`, or a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path as FilePath

from prolong.errors import InvalidInput
from prolong.graphs.base import BaseGraph
from prolong.graphs.files import SUFFIXES, read
from prolong.graphs.specs import (
    MAX_BOX_DEPTH,
    Box,
    Complete,
    Cycle,
    Grid,
    Hypercube,
    Path,
    RandomGeometric,
    Star,
    Tree,
    Wheel,
)  # fmt: skip

__all__ = ["parse"]

_WORD = re.compile(r"(?P<kind>[a-z_]+):(?P<values>[0-9][0-9a-z.,+-]*)")
_BOX = re.compile(r"box\((?P<inside>.*)\)", re.DOTALL)
_EXAMPLES = "path:32, cycle:64, grid:8x8, torus:8x8, tree:2,5, hypercube:5, box(path:8,cycle:8)"


def parse(text: str) -> BaseGraph:
    """The specification that `text` names.

    **Raises:** `InvalidInput` where it is neither a short form nor an existing graph file, or where the graph
    itself cannot be (`cycle:2`).
    """
    return _parse(text, depth=0)


def _parse(text: str, *, depth: int) -> BaseGraph:
    text = text.strip()
    if depth > MAX_BOX_DEPTH:
        raise InvalidInput.at("", f"products may be nested {MAX_BOX_DEPTH} deep", code="too_deep")
    if FilePath(text).suffix.lower() in SUFFIXES and not _WORD.fullmatch(text):
        return read(text)
    if product := _BOX.fullmatch(text):
        return Box(factors=tuple(_parse(part, depth=depth + 1) for part in _split(product["inside"])))
    word = _WORD.fullmatch(text)
    if word is None or word["kind"] not in _KINDS:
        raise InvalidInput.at(
            "", f"{text!r} is no graph; write {_EXAMPLES}, or a file ending in {', '.join(SUFFIXES)}"
        )
    try:
        return _KINDS[word["kind"]](re.split("[x,]", word["values"]))
    except (ValueError, TypeError, IndexError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput.at("", f"{text!r} does not give the numbers that a {word['kind']} needs") from error


def _split(inside: str) -> list[str]:
    """Factors of a product: cut at commas that stand outside brackets and before a new word."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(inside):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0 and inside[index + 1 :].lstrip()[:1].isalpha():
            parts.append(inside[start:index])
            start = index + 1
    return [*parts, inside[start:]]


def _one(make: Callable[[int], BaseGraph]) -> Callable[[Sequence[str]], BaseGraph]:
    def build(values: Sequence[str]) -> BaseGraph:
        (n,) = values
        return make(int(n))

    return build


def _tree(values: Sequence[str]) -> BaseGraph:
    branching, depth = values
    return Tree(branching=int(branching), depth=int(depth))


def _random_geometric(values: Sequence[str]) -> BaseGraph:
    n, radius, *seed = values
    return RandomGeometric(n=int(n), radius=float(radius), seed=int(*seed))


_KINDS: dict[str, Callable[[Sequence[str]], BaseGraph]] = {
    "complete": _one(lambda n: Complete(n=n)),
    "cycle": _one(lambda n: Cycle(n=n)),
    "grid": lambda values: Grid(shape=tuple(map(int, values))),
    "hypercube": _one(lambda dim: Hypercube(dim=dim)),
    "path": _one(lambda n: Path(n=n)),
    "random_geometric": _random_geometric,
    "star": _one(lambda n: Star(n=n)),
    "torus": lambda values: Grid(shape=tuple(map(int, values)), periodic=True),
    "tree": _tree,
    "wheel": _one(lambda n: Wheel(n=n)),
}
