"""Every door is sorted, complete, and explained."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import prolong
import prolong_service
import prolong_worker


def modules() -> list[str]:
    found: list[str] = []
    for package in (prolong, prolong_service, prolong_worker):
        inside = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        found += [package.__name__, *(module.name for module in inside if not module.name.endswith("__main__"))]
    return found


MODULES = modules()
DOORS = [name for name in MODULES if hasattr(importlib.import_module(name), "__path__")]


def in_order(names: list[str]) -> list[str]:
    """Constants, then classes, then the rest, as the linter sorts them."""
    return sorted(names, key=lambda name: (0 if name.isupper() else 1 if name[0].isupper() else 2, name))


def declared(module: ModuleType) -> list[str]:
    return list(getattr(module, "__all__", []))


def defined(module: ModuleType) -> set[str]:
    """The public names that a door's own text brings in from within, at once or for type checkers, or makes."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{module.__name__}."):
            names |= {alias.asname or alias.name for alias in node.names}
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.col_offset == 0:
            names.add(node.name)
    return {name for name in names if not name.startswith("_") and not is_submodule(module, name)}


def is_submodule(module: ModuleType, name: str) -> bool:
    return f"{module.__name__}.{name}" in MODULES


@pytest.mark.parametrize("name", MODULES)
def test_a_module_s_names_are_sorted_unique_and_there(name: str) -> None:
    module = importlib.import_module(name)
    names = declared(module)
    assert names == in_order(list(set(names)))
    assert not [missing for missing in names if not hasattr(module, missing)]


@pytest.mark.parametrize("name", DOORS)
def test_a_door_offers_what_it_brings_in_and_nothing_else(name: str) -> None:
    module = importlib.import_module(name)
    offered = {name for name in declared(module) if not is_submodule(module, name) and not name.isupper()}
    if offered:
        assert offered == {name for name in defined(module) if not name.isupper()}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_is_for(name: str) -> None:
    assert (importlib.import_module(name).__doc__ or "").strip()


def public(names: list[str]) -> list[tuple[str, Any]]:
    """Our classes and functions that the named modules offer, by qualified name."""
    offered = [
        getattr(module, name) for module in map(importlib.import_module, names) for name in declared(module)
    ]
    ours = [value for value in offered if inspect.isclass(value) or inspect.isfunction(value)]
    found = {f"{value.__module__}.{value.__qualname__}": value for value in ours}
    return sorted((name, value) for name, value in found.items() if name.startswith("prolong"))


@pytest.mark.parametrize(("name", "value"), public(MODULES), ids=[name for name, _ in public(MODULES)])
def test_everything_offered_is_explained(name: str, value: Any) -> None:
    assert (value.__doc__ or "").strip(), name


CLASSES = [(name, value) for name, value in public(DOORS) if inspect.isclass(value)]


@pytest.mark.parametrize(("name", "value"), CLASSES, ids=[name for name, _ in CLASSES])
def test_every_member_at_a_door_is_explained(name: str, value: type) -> None:
    for member_name, member in list(vars(value).items()):
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        field = member_name in getattr(value, "__annotations__", {})
        if member_name.startswith("_") or field or not inspect.isfunction(function):
            continue
        # The contract stands at the abstract method, or in the class's own text; implementations inherit it.
        in_text = any(f"`{member_name}`" in (base.__doc__ or "") for base in value.__mro__)
        assert in_text or inspect.getdoc(getattr(value, member_name)), f"{name}.{member_name}"


def test_the_door_names_only_itself() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        prolong.nothing  # noqa: B018
    assert set(prolong.__all__) <= set(dir(prolong))
    assert prolong.__version__
