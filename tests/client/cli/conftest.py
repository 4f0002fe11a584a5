"""A command line that keeps nothing on the user's disk."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def quiet_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A working folder and a cache of the test's own; no service."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROLONG_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PROLONG_URL", raising=False)
