"""Distances: what may be asked, and what is answered in this process."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest

import prolong
from prolong import DistanceProblem, InvalidInput, Limits, TooLarge, graphs
from prolong.diffusion import MAX_GRAPHS, MAX_TIMES, DistanceMatrix, Distances

PAIR = (graphs.path(4), graphs.star(6))
SPECS = [{"kind": "path", "n": 4}, {"kind": "star", "n": 6}]


def test_times_are_kept_as_a_tuple() -> None:
    assert DistanceProblem(graphs=PAIR).t == (1.0,)
    assert DistanceProblem(graphs=PAIR, t=2).t == (2.0,)
    assert DistanceProblem(graphs=PAIR, t=None).t == (None,)
    assert DistanceProblem(graphs=PAIR, t=[0.5, None]).t == (0.5, None)


def test_the_key_is_that_of_the_content() -> None:
    key = DistanceProblem(graphs=PAIR, t=0.5).key
    edges = graphs.edges(4, [(0, 1), (1, 2), (2, 3)])
    assert DistanceProblem(graphs=(edges, PAIR[1]), t=[0.5]).key == key
    parsed = DistanceProblem.parse(json.dumps({"graphs": SPECS, "t": 0.5}))
    assert (parsed.key, hash(parsed)) == (key, hash(DistanceProblem(graphs=PAIR, t=0.5)))
    others = [{"t": 1.0}, {"t": None}, {"t": [0.5, 0.5]}, {"graphs": PAIR[::-1]}, {"max_seconds": 5.0}]
    keys = {DistanceProblem(**{"graphs": PAIR, "t": 0.5, **other}).key for other in others}
    assert len(keys | {key}) == 6


def test_it_survives_json() -> None:
    problem = DistanceProblem(graphs=PAIR, t=[0.5, None])
    assert DistanceProblem.parse(problem.model_dump_json()) == problem


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"graphs": SPECS[:1]}, "/graphs", "too_short"),
        ({"graphs": []}, "/graphs", "too_short"),
        ({"graphs": "path"}, "/graphs", "tuple_type"),
        ({"graphs": [SPECS[0], {"kind": "path"}]}, "/graphs/1/n", "missing"),
        ({"graphs": [SPECS[0], {"kind": "blob"}]}, "/graphs/1", "union_tag_invalid"),
        ({"t": 0}, "/t", "bad_time"),
        ({"t": -1}, "/t", "bad_time"),
        ({"t": "1"}, "/t", "bad_time"),
        ({"t": True}, "/t", "bad_time"),
        ({"t": 1e13}, "/t", "bad_time"),
        ({"t": float("nan")}, "/t", "bad_time"),
        ({"t": []}, "/t", "bad_times"),
        ({"t": [1.0] * (MAX_TIMES + 1)}, "/t", "bad_times"),
        ({"t": [1.0, "x"]}, "/t/1", "bad_time"),
        ({"t": [[1.0]]}, "/t/0", "bad_time"),
        ({"max_seconds": 0}, "/max_seconds", "greater_than"),
        ({"beta": 1}, "/beta", "extra_forbidden"),
    ],
)
def test_bad_fields_are_refused_at_their_place(fields: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        DistanceProblem.parse({"graphs": SPECS, **fields})
    assert [(field.pointer, field.code) for field in caught.value.errors] == [(pointer, code)]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"graphs": [SPECS[0], {"kind": "path", "n": 101}]}, "/graphs/1"),
        ({"graphs": [{"kind": "complete", "n": 90}, {"kind": "complete", "n": 91}]}, "/graphs/1"),
        ({"max_seconds": 61}, "/max_seconds"),
    ],
)
def test_limits_come_before_anything_is_built(fields: dict[str, Any], pointer: str) -> None:
    limits = Limits(dense_vertices=100, edges=3500, seconds=60)
    with pytest.raises(TooLarge) as caught:
        DistanceProblem.parse({"graphs": SPECS, "max_seconds": 60, **fields}, limits=limits)
    assert [field.pointer for field in caught.value.errors] == [pointer]


def test_the_work_of_all_pairs_is_bounded() -> None:
    many = [{"kind": "path", "n": 40_000}] * 40
    with pytest.raises(TooLarge) as caught:
        DistanceProblem.parse({"graphs": many, "t": [0.1, 1.0]})
    assert [field.pointer for field in caught.value.errors] == ["/graphs"]
    with pytest.raises(InvalidInput):
        DistanceProblem.parse({"graphs": [SPECS[0]] * (MAX_GRAPHS + 1)})


def test_one_pair_comes_with_its_operator() -> None:
    found = prolong.distance(*PAIR, t=0.7)
    assert found.operator.shape == (6, 4)
    assert found.operator.orthonormality_error() < 1e-12
    assert 0 < found.lower_bound <= found.value
    assert found.gap < 1e-6
    assert (found.t, found.swapped) == (0.7, False)


def test_the_order_of_the_graphs_does_not_matter() -> None:
    there, back = prolong.distance(*PAIR), prolong.distance(*PAIR[::-1])
    assert there.value == back.value
    assert (there.swapped, back.swapped) == (False, True)
    np.testing.assert_array_equal(there.operator.to_dense(), back.operator.to_dense())


def test_a_list_of_times_gives_a_list() -> None:
    several = prolong.distance(*PAIR, t=[None, 0.7])
    assert [found.t for found in several] == [None, 0.7]
    assert several[1].value == prolong.distance(*PAIR, t=0.7).value
    assert several[0].value == prolong.distance(*PAIR, t=None).value


def test_a_graph_is_at_distance_zero_from_itself() -> None:
    found = prolong.distance(PAIR[0], PAIR[0])
    assert (found.value, found.gap, found.alpha) == (0, 0, pytest.approx(1))


def test_all_pairs_are_those_of_single_pairs() -> None:
    shapes = (graphs.cycle(7), graphs.path(4), graphs.grid(3, 4))
    seen: list[int] = []
    problem = DistanceProblem(graphs=shapes, t=[1.0, None])
    found = prolong.distances(problem, on_progress=lambda progress: seen.append(progress.iteration))
    assert seen == [1, 2, 3, 4, 5, 6]
    assert found.seconds > 0
    for t in (1.0, None):
        matrix = found.at(t)
        values = matrix.to_numpy()
        np.testing.assert_array_equal(values, values.T)
        np.testing.assert_array_equal(np.diag(values), 0)
        assert matrix.gap < 1e-6
        single = prolong.distance(shapes[0], shapes[2], t)
        entries = matrix.values[0][2], matrix.lower_bounds[0][2], matrix.alphas[2][0]
        assert entries == (single.value, single.lower_bound, single.alpha)
    with pytest.raises(KeyError):
        found.at(7.0)


def test_the_answer_survives_json() -> None:
    matrix = DistanceMatrix(t=None, values=((0.0, 2.0), (2.0, 0.0)), lower_bounds=((0.0, 1.5), (1.5, 0.0)),
                            alphas=((1.0, 3.0), (3.0, 1.0)))  # fmt: skip
    found = Distances(matrices=(matrix,), seconds=1.5)
    assert Distances.model_validate_json(found.model_dump_json()) == found
    assert matrix.gap == 0.25


def test_the_operator_can_be_asked_for_as_a_problem() -> None:
    found = prolong.distance(*PAIR, t=0.7)
    process = prolong.Heat(t=0.7)
    problem = prolong.Problem(coarse=PAIR[0], fine=PAIR[1], locality=0, process=process, alpha=found.alpha)
    certificate = prolong.solve(problem).certificate
    assert certificate is not None
    assert certificate.objective == pytest.approx(found.value, rel=1e-9)


def test_without_the_solver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prolong_worker.solve", None)
    for ask in (lambda: prolong.distance(*PAIR), lambda: prolong.distances(DistanceProblem(graphs=PAIR))):
        with pytest.raises(prolong.MissingExtra, match=r"prolong\[worker\]"):
            ask()
