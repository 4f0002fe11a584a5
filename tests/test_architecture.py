"""The arrows between the parts, and what importing costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(path for root in ("client", "service", "worker") for path in (ROOT / root).rglob("*.py"))


def test_the_import_contracts_hold() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(ROOT)) for path in SOURCES])
def test_the_library_prints_nothing_and_guesses_no_attributes(path: Path) -> None:
    called = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"print", "hasattr", "eval", "exec", "breakpoint"}


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(ROOT)) for path in SOURCES])
def test_nothing_is_pickled(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert not imported & {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}


def loaded_by(statement: str) -> set[str]:
    """The top-level modules in memory after `statement` in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


HEAVY = {"matplotlib", "networkx", "pymanopt", "redis", "rq", "scipy", "sklearn", "torch"}


@pytest.mark.parametrize(
    "statement",
    [
        "import prolong",
        "from prolong import Client, AsyncClient, Problem, graphs, solve",
        "import prolong.formats, prolong.wire, prolong.operators",
        "from prolong import Problem, graphs; Problem(coarse=graphs.path(2), fine=graphs.random_geometric(9, 2))",
    ],
)
def test_the_client_needs_no_heavy_library(statement: str) -> None:
    assert not loaded_by(statement) & HEAVY


def test_importing_the_door_loads_only_the_door() -> None:
    assert not loaded_by("import prolong") & (HEAVY | {"httpx", "numpy", "pydantic"})


def test_the_worker_s_package_is_free_to_import() -> None:
    assert not loaded_by("import prolong_worker") & HEAVY


@pytest.mark.parametrize("root", ["client", "service", "worker"])
def test_source_roots_are_no_packages(root: str) -> None:
    assert not (ROOT / root / "__init__.py").exists()


@pytest.mark.parametrize("package", ["client/prolong", "service/prolong_service", "worker/prolong_worker"])
def test_packages_are_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").exists()
