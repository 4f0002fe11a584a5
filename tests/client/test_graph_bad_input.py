"""Specifications that cannot be: refused at the right field, at once, and without the memory that they name."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from prolong import InvalidInput, Problem, graphs

PATH = {"kind": "path", "n": 3}
LOOP = {"kind": "edges", "n": 2, "edges": [[0, 0]]}


@contextmanager
def little_memory(most: int = 2**20) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def faults(document: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        Problem.parse({"coarse": document, "fine": {"kind": "path", "n": 3}})
    return [(error.pointer.removeprefix("/coarse"), error.code) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("document", "pointer", "code"),
    [
        ({}, "", "union_tag_not_found"),
        ({"n": 3}, "", "union_tag_not_found"),
        ({"kind": "cross", "factors": []}, "", "union_tag_invalid"),
        ({"kind": ["path"], "n": 3}, "", "union_tag_invalid"),
        ({"kind": None, "n": 3}, "", "union_tag_invalid"),
        ({"kind": "path"}, "/n", "missing"),
        ({"kind": "path", "n": True}, "/n", "int_type"),
        ({"kind": "path", "n": "3"}, "/n", "int_type"),
        ({"kind": "path", "n": 3.0}, "/n", "int_type"),
        ({"kind": "path", "n": None}, "/n", "int_type"),
        ({"kind": "path", "n": 0}, "/n", "greater_than_equal"),
        ({"kind": "path", "n": -1}, "/n", "greater_than_equal"),
        ({"kind": "path", "n": 2**31}, "/n", "less_than_equal"),
        ({"kind": "path", "n": 10**400}, "/n", "less_than_equal"),
        ({"kind": "path", "n": 3, "m": 1}, "/m", "extra_forbidden"),
        ({"kind": "path", "n": 3, "a/b~c": 1}, "/a~1b~0c", "extra_forbidden"),
        ({"kind": "cycle", "n": 2}, "/n", "greater_than_equal"),
        ({"kind": "wheel", "n": 3}, "/n", "greater_than_equal"),
        ({"kind": "grid", "shape": []}, "/shape", "too_short"),
        ({"kind": "grid", "shape": 8}, "/shape", "tuple_type"),
        ({"kind": "grid", "shape": "8x8"}, "/shape", "tuple_type"),
        ({"kind": "grid", "shape": [2, 0]}, "/shape/1", "greater_than_equal"),
        ({"kind": "grid", "shape": [2] * 17}, "/shape", "too_long"),
        ({"kind": "grid", "shape": [2**31 - 1] * 16}, "", "too_many_vertices"),
        ({"kind": "grid", "shape": [2**31] * 16}, "/shape/0", "less_than_equal"),
        ({"kind": "grid", "shape": [3, 2], "periodic": True}, "/shape", "short_cycle"),
        ({"kind": "grid", "shape": [3, 3], "periodic": 1}, "/periodic", "bool_type"),
        ({"kind": "hypercube", "dim": 0}, "/dim", "greater_than_equal"),
        ({"kind": "hypercube", "dim": 31}, "/dim", "less_than_equal"),
        ({"kind": "tree", "branching": 10, "depth": 100_000}, "", "too_many_vertices"),
        ({"kind": "tree", "branching": 2, "depth": 31}, "", "too_many_vertices"),
        ({"kind": "tree", "branching": 2**31 - 1, "depth": 31}, "", "too_many_vertices"),
        ({"kind": "tree", "branching": 2, "depth": 10**9}, "/depth", "less_than_equal"),
        ({"kind": "tree", "branching": 0, "depth": 2}, "/branching", "greater_than_equal"),
        ({"kind": "tree", "branching": 2, "depth": -1}, "/depth", "greater_than_equal"),
        ({"kind": "random_geometric", "n": 5, "radius": 0}, "/radius", "greater_than"),
        ({"kind": "random_geometric", "n": 5, "radius": -0.5}, "/radius", "greater_than"),
        ({"kind": "random_geometric", "n": 5, "radius": float("nan")}, "/radius", "finite_number"),
        ({"kind": "random_geometric", "n": 5, "radius": float("inf")}, "/radius", "finite_number"),
        ({"kind": "random_geometric", "n": 5, "radius": "1"}, "/radius", "float_type"),
        ({"kind": "random_geometric", "n": 5, "radius": 1, "seed": -1}, "/seed", "greater_than_equal"),
        ({"kind": "random_geometric", "n": 5, "radius": 1, "seed": 2**63}, "/seed", "less_than"),
        ({"kind": "edges", "n": 2**31 - 1, "edges": [[0, 2**70]]}, "/edges/0", "bad_edge"),
        ({"kind": "box", "factors": []}, "/factors", "too_short"),
        ({"kind": "box", "factors": [{"kind": "path", "n": 3}]}, "/factors", "too_short"),
        ({"kind": "box", "factors": [PATH, {"kind": "path", "n": 0}]}, "/factors/1/n", "greater_than_equal"),
        ({"kind": "box", "factors": [{"kind": "path", "n": 2**31 - 1}] * 16}, "", "too_many_vertices"),
        ({"kind": "box", "factors": [{"kind": "path", "n": 1}] * 17}, "/factors", "too_long"),
        ({"kind": "box", "factors": [PATH, LOOP]}, "/factors/1/edges/0", "self_loop"),
        ({"kind": "box", "factors": "ab"}, "/factors", "tuple_type"),
    ],
)  # fmt: skip
def test_each_fault_has_its_field_and_code(document: object, pointer: str, code: str) -> None:
    with little_memory():
        assert faults(document) == [(pointer, code)]


@pytest.mark.parametrize("text", ['"path:3"', "null", "3", "[]"])
def test_a_graph_is_an_object(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Problem.parse(f'{{"coarse": {text}, "fine": {{"kind": "path", "n": 3}}}}')
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/coarse", "dict_type")]


def nested(depth: int) -> dict[str, Any]:
    document: dict[str, Any] = {"kind": "path", "n": 1}
    for _ in range(depth):
        document = {"kind": "box", "factors": [document, {"kind": "path", "n": 1}]}
    return document


def test_products_nest_eight_deep() -> None:
    assert graphs.Box.parse(nested(8)).n == 1
    with pytest.raises(InvalidInput, match="nested 8 deep"):
        graphs.Box.parse(nested(9))


@pytest.mark.parametrize("depth", [100, 1000])
def test_deep_products_are_refused(depth: int) -> None:
    with little_memory(2**23), pytest.raises(InvalidInput):
        graphs.Box.parse(nested(depth))


@pytest.mark.parametrize("depth", [100, 1000, 100_000])
def test_deep_json_is_refused(depth: int) -> None:
    opening, closing = '{"kind":"box","factors":[' * depth, ',{"kind":"path","n":1}]}' * depth
    text = f'{opening}{{"kind":"path","n":1}}{closing}'
    with little_memory(2**26), pytest.raises(InvalidInput):
        graphs.Box.parse(text)


def test_an_error_names_no_more_than_the_first_faults() -> None:
    many = {f"unknown{i}": 1 for i in range(1000)}
    with pytest.raises(InvalidInput) as caught:
        graphs.Path.parse({"n": 3, **many})
    assert len(caught.value.errors) == 20


def test_an_error_does_not_repeat_long_input() -> None:
    with pytest.raises(InvalidInput) as caught:
        Problem.parse(json.dumps({"coarse": {"kind": "x" * 100_000}, "fine": {"kind": "path", "n": 3}}))
    assert len(str(caught.value)) < 1000


def test_direct_construction_raises_the_same_error() -> None:
    with pytest.raises(InvalidInput) as caught:
        graphs.cycle(2)
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/n", "greater_than_equal")]
    with pytest.raises(InvalidInput, match="/factors/0"):
        graphs.box("path:3", graphs.path(3))  # type: ignore[arg-type]


def test_inside_foreign_models_pydantic_s_own_error_remains() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(graphs.GraphSpec).validate_python({"kind": "cycle", "n": 2})


def test_specifications_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        graphs.path(3).n = 4  # type: ignore[misc]
