"""Problems whose locality is a list: their values, their keys, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prolong import graphs
from prolong.errors import InvalidInput, TooLarge
from prolong.keys import graph_id, problem_key, settings_key
from prolong.problem import MAX_VALUES, Problem

PATHS: dict[str, Any] = {"coarse": {"kind": "path", "n": 2}, "fine": {"kind": "path", "n": 4}}
TWO_PARTS = {"kind": "edges", "n": 4, "edges": [[0, 1], [2, 3]]}

rising = st.lists(st.floats(0, 1), min_size=1, max_size=8, unique=True).map(sorted)


@given(rising)
def test_each_part_is_the_problem_that_would_be_asked_for_alone(values: list[float]) -> None:
    sweep = Problem.parse({**PATHS, "locality": values})
    assert sweep.is_sweep
    assert sweep.localities == tuple(values)
    alone = [Problem.parse({**PATHS, "locality": value}) for value in values]
    assert list(sweep.parts) == alone
    assert [part.key for part in sweep.parts] == [part.key for part in alone]
    assert len({sweep.key, *(part.key for part in alone)}) == len(values) + 1


@given(rising)
def test_json_keeps_sweep_and_key(values: list[float]) -> None:
    sweep = Problem.parse({**PATHS, "locality": values})
    again = Problem.parse(sweep.model_dump_json())
    assert (again, again.key, hash(again)) == (sweep, sweep.key, hash(sweep))
    assert json.loads(sweep.model_dump_json())["locality"] == values


def test_every_way_to_write_the_values_is_one_sweep() -> None:
    pair = {"coarse": graphs.path(2), "fine": graphs.path(4)}
    written = ([0, 0.5, 1], (-0.0, 0.5, 1.0), np.linspace(0, 1, 3))
    assert len({Problem(**pair, locality=values) for values in written}) == 1


def test_a_list_of_one_is_a_sweep_of_one() -> None:
    sweep, single = (Problem.parse({**PATHS, "locality": value}) for value in ([0.5], 0.5))
    assert sweep.is_sweep
    assert not single.is_sweep
    assert sweep.key != single.key
    assert sweep.parts == (single,)


def test_a_single_problem_is_its_own_only_part() -> None:
    single = Problem.parse({**PATHS, "locality": 0.25})
    assert single.parts == (single,)
    assert single.s == 0.25


def test_a_part_may_have_less_time() -> None:
    sweep = Problem.parse({**PATHS, "locality": [0, 1]})
    alone = Problem.parse({**PATHS, "locality": 1, "max_seconds": 300})
    assert (sweep.at(1.0, max_seconds=300.0), sweep.at(1.0, max_seconds=300.0).key) == (alone, alone.key)


def test_a_sweep_is_no_number() -> None:
    sweep = Problem.parse({**PATHS, "locality": [0, 1]})
    with pytest.raises(InvalidInput, match=r"/locality: is a sweep of 2 values where one number is needed"):
        _ = sweep.s


def test_a_sweep_has_no_problem_of_other_values() -> None:
    sweep = Problem.parse({**PATHS, "locality": [0, 1]})
    with pytest.raises(InvalidInput, match=r"/locality: 0\.5 is none of the 2 values"):
        sweep.at(0.5)


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ([], "/locality"),
        ([0, "1"], "/locality/1"),
        ([0, 2], "/locality/1"),
        ([-1, 0], "/locality/0"),
        ([0, float("nan")], "/locality/1"),
        ([0, None], "/locality/1"),
        ([False, True], "/locality/0"),
        ([[0], [1]], "/locality/0"),
        ([0, 10**400], "/locality/1"),
        ([0, 0.5, 0.5], "/locality/2"),
        ([0, 1, 0.5], "/locality/2"),
        ([0.0, -0.0], "/locality/1"),
        ({"0": 1}, "/locality"),
        ("0:1:0.1", "/locality"),
    ],
)
def test_bad_values_are_named_by_their_place(values: object, pointer: str) -> None:
    for document in ({**PATHS, "locality": values}, json.dumps({**PATHS, "locality": values})):
        with pytest.raises(InvalidInput) as caught:
            Problem.parse(document)
        assert [field.pointer for field in caught.value.errors] == [pointer]


def test_the_number_of_values_is_limited() -> None:
    values = np.linspace(0, 1, MAX_VALUES + 1).tolist()
    assert len(Problem.parse({**PATHS, "locality": values[1:]}).parts) == MAX_VALUES
    with pytest.raises(TooLarge, match="has 102 values; the limit of a sweep is 101"):
        Problem.parse({**PATHS, "locality": values})


@pytest.mark.parametrize("values", [[0, 0.5], [1e-300]])
def test_disconnected_graphs_have_no_sweep_beyond_zero(values: list[float]) -> None:
    assert Problem.parse({**PATHS, "fine": TWO_PARTS, "locality": [0]}).at(0.0).s == 0
    with pytest.raises(InvalidInput, match="only locality 0"):
        Problem.parse({**PATHS, "fine": TWO_PARTS, "locality": values})


def test_keys_from_names_are_keys_from_graphs() -> None:
    coarse, fine = graphs.path(2).adjacency(), graphs.path(4).adjacency()
    assert settings_key(graph_id(coarse), graph_id(fine), {"a": 1}) == problem_key(coarse, fine, {"a": 1})
