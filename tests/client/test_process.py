"""The process of a problem: accepted, refused, and named in the key."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from prolong import InvalidInput, Problem, TooLarge, graphs
from prolong.problem import Limits
from prolong.process import MAX_ORDER, Heat, Matrices, SymmetricMatrix

PAIR = {"coarse": {"kind": "path", "n": 2}, "fine": {"kind": "path", "n": 4}}
SYMMETRIC = [[1.0, 2.0], [2.0, 1.0]]
UNIT = np.eye(4).tolist()


def problem(**settings: Any) -> Problem:
    return Problem(coarse=graphs.path(2), fine=graphs.path(4), **settings)


def matrices(coarse: Any = SYMMETRIC, fine: Any = UNIT) -> dict[str, Any]:
    return {"kind": "matrices", "coarse": coarse, "fine": fine}


def test_keys_are_those_of_before_there_was_a_choice() -> None:
    # Golden: made by the release without this setting.
    assert problem().key == "2f83811825ca7935afb9df3222915b3000b05b7aebeef3184b5042cbcf3e9db9"
    assert problem(process="laplacian").key == problem().key


def test_every_process_has_a_key_of_its_own() -> None:
    others = ["normalized_laplacian", Heat(t=1), Heat(t=2), matrices(), matrices(coarse=[[1, 2], [2, 0]])]
    assert len({problem(process=process).key for process in ["laplacian", *others]}) == 6


@pytest.mark.parametrize("process", ["normalized_laplacian", Heat(t=0.5), matrices()])
def test_it_survives_json(process: Any) -> None:
    asked = problem(process=process)
    copy = Problem.parse(asked.model_dump_json())
    assert (copy, copy.key, hash(copy)) == (asked, asked.key, hash(asked))


def test_rows_arrays_and_matrices_are_the_same() -> None:
    array = np.array(SYMMETRIC)
    keys = {
        problem(process=Matrices(coarse=coarse, fine=UNIT)).key
        for coarse in (array, array.astype(int), SYMMETRIC, list(array), SymmetricMatrix(array))
    }
    assert len(keys) == 1
    assert "n=2" in repr(SymmetricMatrix(array))


def test_the_caller_s_array_is_copied() -> None:
    array = np.array(SYMMETRIC)
    held = SymmetricMatrix.parse(array)
    array[0, 0] = 7
    assert held.array[0, 0] == 1
    assert not held.array.flags.writeable


def test_rounding_is_no_asymmetry() -> None:
    held = SymmetricMatrix.parse([[1.0, 2.0], [2.0 + 1e-12, 1.0]])
    assert np.array_equal(held.array, held.array.T)


@pytest.mark.parametrize(
    ("process", "pointer", "code"),
    [
        ("heat", "/process", "literal_error"),
        (3, "/process", "bad_process"),
        (None, "/process", "bad_process"),
        ({"kind": "laplacian"}, "/process", "bad_process"),
        ({"kind": ["heat"]}, "/process", "bad_process"),
        ({"kind": "heat"}, "/process/t", "missing"),
        ({"kind": "heat", "t": 0}, "/process/t", "bad_time"),
        ({"kind": "heat", "t": -1.0}, "/process/t", "bad_time"),
        ({"kind": "heat", "t": True}, "/process/t", "bad_time"),
        ({"kind": "heat", "t": "1"}, "/process/t", "bad_time"),
        ({"kind": "heat", "t": 1e300}, "/process/t", "bad_time"),
        ({"kind": "heat", "t": 1, "alpha": 1}, "/process/alpha", "extra_forbidden"),
        ({"kind": "matrices", "coarse": SYMMETRIC}, "/process/fine", "missing"),
        (matrices(coarse="ab"), "/process/coarse", "not_a_matrix"),
        (matrices(coarse=[]), "/process/coarse", "not_square"),
        (matrices(coarse=[[1, 2], [2]]), "/process/coarse/1", "bad_row"),
        (matrices(coarse=[[1, 2], 3]), "/process/coarse/1", "bad_row"),
        (matrices(coarse=[[1, [2]], [2, 3]]), "/process/coarse/0/1", "bad_entry"),
        (matrices(coarse=[[1, "2"], ["2", 3]]), "/process/coarse/0/1", "bad_entry"),
        (matrices(coarse=[[1, 2], [2, True]]), "/process/coarse/1/1", "bad_entry"),
        (matrices(coarse=[[1, 10**400], [2, 1]]), "/process/coarse/0/1", "bad_entry"),
        (matrices(coarse=[[1, 2e12], [2e12, 1]]), "/process/coarse/0/1", "bad_entry"),
        (matrices(coarse=[[1, 2], [3, 1]]), "/process/coarse/0/1", "not_symmetric"),
        (matrices(coarse=[[0, 0], [0, 0.0]]), "/process/coarse", "zero_matrix"),
        (matrices(coarse=[[1e-200, 0], [0, 0]]), "/process/coarse", "zero_matrix"),
        (matrices(fine=np.eye(3).tolist()), "/process/fine", "wrong_order"),
        (matrices(coarse=[[1.0]]), "/process/coarse", "wrong_order"),
    ],
)
def test_bad_ones_are_refused_at_their_place(process: Any, pointer: str, code: str) -> None:
    for ask in (lambda: problem(process=process), lambda: Problem.parse(json.dumps({**PAIR, "process": process}))):
        with pytest.raises(InvalidInput) as caught:
            ask()
        assert [(field.pointer, field.code) for field in caught.value.errors] == [(pointer, code)]


@pytest.mark.parametrize("entry", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_refused_in_json_too(entry: str) -> None:
    text = json.dumps({**PAIR, "process": matrices(coarse=[[1, "?"], [2, 1]])}).replace('"?"', entry)
    with pytest.raises(InvalidInput):
        Problem.parse(text)
    with pytest.raises(InvalidInput, match="finite"):
        problem(process=matrices(coarse=[[1, float(entry.replace("Infinity", "inf"))], [2, 1]]))


@pytest.mark.parametrize(
    ("array", "code"),
    [
        (np.array([[1, 2j], [2j, 1]]), "not_numbers"),
        (np.array([["a"]]), "not_numbers"),
        (np.array([[True]]), "not_numbers"),
        (np.ones((2, 3)), "not_square"),
        (np.ones((2, 2, 2)), "not_square"),
        (np.ones(4), "not_square"),
        (np.array([[1, np.nan], [np.nan, 1]]), "bad_entry"),
        (np.array([[1, np.inf], [np.inf, 1]]), "bad_entry"),
        (np.zeros((2, 2)), "zero_matrix"),
        (np.triu(np.ones((2, 2))), "not_symmetric"),
    ],
)
def test_bad_arrays_are_refused(array: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Matrices(coarse=array, fine=np.eye(4))
    assert [field.code for field in caught.value.errors] == [code]


def test_too_many_rows_are_counted_before_they_are_read() -> None:
    with pytest.raises(TooLarge):
        problem(process=matrices(coarse=[[]] * (MAX_ORDER + 1)))


def test_the_limits_of_the_graphs_come_first() -> None:
    with pytest.raises(TooLarge) as caught:
        Problem.parse({**PAIR, "process": matrices()}, limits=Limits(dense_vertices=3))
    assert [field.pointer for field in caught.value.errors] == ["/fine"]


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({"process": Heat(t=1), "alpha": "joint"}, "/alpha"),
        ({"process": "normalized_laplacian", "structure": "aggregation"}, "/structure"),
        ({"process": Heat(t=1), "method": "closed_form"}, "/method"),
    ],
)
def test_settings_that_do_not_fit_a_process_are_refused(settings: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        problem(**settings)
    assert [field.pointer for field in caught.value.errors] == [pointer]


def test_the_schema_can_be_written() -> None:
    schema = Problem.model_json_schema()
    assert {"Heat", "Matrices"} <= set(schema["$defs"])
