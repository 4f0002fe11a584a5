"""Importing prolong is quick and brings nothing that a client does not need."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

HEAVY = ("torch", "scipy", "redis", "rq", "httpx", "networkx", "matplotlib", "fastapi", "pydantic")


def test_importing_prolong_loads_nothing_heavy():
    code = f"import sys, prolong; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("prolong.client", ("torch", "scipy", "redis", "rq", "matplotlib", "networkx")),
        ("prolong.cli", ("torch", "scipy", "redis", "rq", "matplotlib", "httpx", "pydantic")),
        ("prolong.plots", ("torch", "scipy", "redis", "matplotlib", "httpx")),
    ],
)
def test_parts_load_what_they_need(module, unwanted):
    code = f"import sys, {module}; print([name for name in {unwanted!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_prolong_takes_less_than_three_tenths_of_a_second():
    def seconds() -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import prolong"], check=True)
        return time.perf_counter() - began

    assert min(seconds() for _ in range(5)) < 0.3
