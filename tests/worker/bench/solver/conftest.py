"""Records as the benchmark writes them, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def made(arm: str, curve: list[tuple[float, float]], **fields: Any) -> dict[str, Any]:
    """A record of an arm whose best value fell like `curve`."""
    return {
        "kind": "compared",
        "pair": "a -> b",
        "locality": 0.3,
        "n_coarse": 32,
        "n_fine": 64,
        "arm": arm,
        "objective": curve[-1][1],
        "curve": curve,
        "budget_seconds": 10.0,
        "seconds": 10.0,
        "peak_memory_gib": 1.0,
        **fields,
    }


@pytest.fixture
def record() -> Callable[..., dict[str, Any]]:
    return made
