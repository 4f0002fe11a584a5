"""On what, and with which code, a benchmark ran."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

__all__ = ["commit", "hardware", "hardware_line"]

_LIBRARIES = ("numpy", "scipy", "pymanopt")


def hardware() -> dict[str, Any]:
    """Processor, cores, memory in GiB, system, Python and the libraries that the figures depend on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def hardware_line(found: dict[str, Any]) -> str:
    """The same in one line."""
    libraries = ", ".join(f"{name} {number}" for name, number in found["libraries"].items())
    machine = f"{found['processor']}, {found['cores']} cores, {found['memory_gib']} GiB, {found['system']}"
    return f"{machine}, Python {found['python']}, {libraries}"


def commit() -> str | None:
    """The commit of the source tree this runs from, with `-dirty` where it was changed; None without one."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(  # noqa: S603  # a fixed command
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
