"""What a run says about machine and code."""

from __future__ import annotations

import json
import platform
import re
import subprocess
from pathlib import Path

from prolong_worker.bench import hardware as module
from prolong_worker.bench.hardware import commit, hardware, hardware_line


def test_the_line_names_processor_cores_python_and_libraries():
    found = json.loads(json.dumps(hardware()))
    line = hardware_line(found)
    assert found["processor"] in line
    assert f"{found['cores']} cores" in line
    assert f"Python {platform.python_version()}" in line
    assert "pymanopt" in line


def test_the_commit_is_that_of_the_source_tree():
    expected = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=Path(module.__file__).parent, capture_output=True, text=True, check=False
    )
    found = commit()
    if expected.returncode:
        assert found is None
    else:
        assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", str(found))


def test_without_git_there_is_no_commit(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert commit() is None
