"""The problem: defaults, validation, limits and the content key."""

from __future__ import annotations

import json
import pickle
import tracemalloc
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from prolong import InvalidInput, Limits, Problem, TooLarge, graphs

PATHS: dict[str, Any] = {"coarse": {"kind": "path", "n": 3}, "fine": {"kind": "path", "n": 6}}
TWO_PARTS: dict[str, Any] = {"kind": "edges", "n": 4, "edges": [[0, 1], [2, 3]]}

#: The key of a fixed problem. It changes only together with `prolong.keys.SCHEMA_VERSION`: a changed key
#: without a new version would make every stored operator unreachable, or worse, found under a wrong name.
GOLDEN = "8586619a1a56cdee83d4c008fc223b7efec3e867750a0d276865415c0781d694"


def golden_problem() -> Problem:
    return Problem(
        coarse=graphs.edges(3, [(0, 1, 0.5), (1, 2)]),
        fine=graphs.grid(2, 3),
        locality=0.5,
        alpha=1,
        beta="joint",
    )


def test_the_golden_key() -> None:
    assert golden_problem().key == GOLDEN


def test_defaults() -> None:
    assert Problem.parse(PATHS).model_dump(exclude={"coarse", "fine"}) == {
        "locality": 1.0,
        "process": "laplacian",
        "alpha": "auto",
        "beta": "auto",
        "method": "auto",
        "structure": "dense",
        "starts": 4,
        "seed": 0,
        "tolerance": 1e-6,
        "max_seconds": 600.0,
    }


BAD_FIELDS: list[tuple[str, Any]] = [
    *(("locality", value) for value in (-0.1, 1.1, "0.5", True, None, float("nan"), float("inf"), [], 10**400)),
    *(
        (scale, value)
        for scale in ("alpha", "beta")
        for value in (0, -1, "free", "1", "", True, None, float("nan"), float("inf"), [1], 1e-13, 1e13, 10**400)
    ),
    *(("method", value) for value in ("magic", "AUTO", "", None, 1, True)),
    *(("structure", value) for value in ("sparse", "kronecker", None, 1)),
    *(("starts", value) for value in (0, -1, 1001, 1.0, "4", True, None, 10**400)),
    *(("seed", value) for value in (-1, 2**63, 1.0, "0", False, None)),
    *(("tolerance", value) for value in (0, -1e-6, 1, 1e-15, "1e-6", True, None, float("nan"))),
    *(("max_seconds", value) for value in (0, -1, "60", True, None, float("nan"), float("inf"), 1e9)),
    *((graph, value) for graph in ("coarse", "fine") for value in (None, 3, "path:3", [], {})),
    ("extra", 1),
    ("key", "0" * 64),
]


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS, ids=repr)
def test_each_bad_field_is_named(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        Problem.parse({**PATHS, field: value})
    assert {error.pointer for error in caught.value.errors} == {f"/{field}"}
    assert all(error.detail and error.code for error in caught.value.errors)
    with pytest.raises(InvalidInput) as from_json:
        Problem.parse(json.dumps({**PATHS, field: value}))
    assert {error.pointer for error in from_json.value.errors} == {f"/{field}"}


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"null", b"[]", b"3", b'"x"', b"\xff\xfe", b"{}", b'{"coarse": {"kind": "path", "n": 1}}'],
)
def test_text_that_is_no_problem_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        Problem.parse(text)
    assert caught.value.errors


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"coarse": {"kind": "path", "n": 7}}, "/coarse", "coarse_larger_than_fine"),
        ({"coarse": TWO_PARTS}, "/coarse", "disconnected"),
        ({"fine": {**TWO_PARTS, "n": 9}}, "/fine", "disconnected"),
        ({"coarse": {"kind": "edges", "n": 2, "edges": [[0, 0]]}}, "/coarse/edges/0", "self_loop"),
    ],
)
def test_pairs_that_cannot_be(change: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Problem.parse({**PATHS, **change})
    assert [(error.pointer, error.code) for error in caught.value.errors] == [(pointer, code)]
    assert not isinstance(caught.value, TooLarge)


def test_the_sentences_say_what_was_got() -> None:
    with pytest.raises(InvalidInput, match="coarse graph has 7 vertices, more than the fine graph's 6"):
        Problem.parse({**PATHS, "coarse": {"kind": "path", "n": 7}})
    with pytest.raises(InvalidInput, match=r"fine graph has 7 components.*only locality 0"):
        Problem.parse({**PATHS, "fine": {**TWO_PARTS, "n": 9}})
    with pytest.raises(InvalidInput, match=r"/locality: must be a number from 0 to 1, got 1\.5"):
        Problem.parse({**PATHS, "locality": 1.5})


def test_disconnected_graphs_are_possible_at_locality_zero() -> None:
    assert Problem.parse({**PATHS, "coarse": TWO_PARTS, "locality": 0}).coarse.n == 4
    with pytest.raises(InvalidInput, match="only locality 0"):
        Problem.parse({**PATHS, "coarse": TWO_PARTS, "locality": 5e-324})


def test_equally_large_graphs_are_a_pair() -> None:
    assert Problem(coarse=graphs.star(6), fine=graphs.path(6)).fine.n == 6


LIMITS = Limits(dense_vertices=100, structured_vertices=1000, edges=2000, seconds=60.0)


@pytest.mark.parametrize(
    ("change", "pointer", "numbers"),
    [
        ({"fine": {"kind": "path", "n": 101}}, "/fine", ("101", "100")),
        ({"fine": {"kind": "path", "n": 1001}, "structure": "aggregation"}, "/fine", ("1001", "1000")),
        ({"coarse": {"kind": "path", "n": 2**31 - 1}}, "/coarse", ("2147483647", "100")),
        ({"fine": {"kind": "complete", "n": 90}}, "/fine", ("4005", "2000")),
        ({"fine": {"kind": "hypercube", "dim": 30}}, "/fine", ("1073741824", "100")),
        ({"fine": {"kind": "grid", "shape": [30000, 30000]}}, "/fine", ("900000000", "100")),
        ({"fine": {"kind": "tree", "branching": 2, "depth": 29}}, "/fine", ("1073741823", "100")),
        ({"fine": {"kind": "random_geometric", "n": 10**9, "radius": 1.0}}, "/fine", ("1000000000", "100")),
        ({"fine": {"kind": "edges", "n": 2**31 - 1, "edges": [[0, 1]]}}, "/fine", ("2147483647", "100")),
        ({"fine": {"kind": "box", "factors": [{"kind": "path", "n": 30000}] * 2}}, "/fine", ("900000000", "100")),
        ({"max_seconds": 61}, "/max_seconds", ("61", "60")),
    ],
)
@pytest.mark.parametrize("locality", [0, 1])
def test_limits_hold_before_anything_is_built(
    change: dict[str, Any], pointer: str, numbers: tuple[str, str], locality: int
) -> None:
    document = json.dumps({**PATHS, **change, "locality": locality})
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge) as caught:
            Problem.parse(document, limits=LIMITS)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    assert [(error.pointer, error.code) for error in caught.value.errors] == [(pointer, "too_large")]
    assert all(number in caught.value.errors[0].detail for number in numbers)


def test_what_is_within_the_limits_passes() -> None:
    at_the_edge = {**PATHS, "fine": {"kind": "path", "n": 100}, "max_seconds": 60}
    assert Problem.parse(at_the_edge, limits=LIMITS).fine.n == 100
    structured = {**PATHS, "fine": {"kind": "path", "n": 1000}, "structure": "aggregation", "max_seconds": 1}
    assert Problem.parse(structured, limits=LIMITS).fine.n == 1000


def test_the_default_limits_also_hold_for_direct_construction() -> None:
    with pytest.raises(TooLarge):
        Problem(coarse=graphs.path(2), fine=graphs.path(50_001))
    with pytest.raises(TooLarge):
        Problem(coarse=graphs.path(2), fine=graphs.complete(20_000))


@st.composite
def connected_edges(draw: st.DrawFn, n: int) -> list[tuple[int, int, float]]:
    tree = [(draw(st.integers(0, v - 1)), v) for v in range(1, n)]
    vertex = st.integers(0, n - 1)
    more = draw(st.lists(st.tuples(vertex, vertex).filter(lambda edge: edge[0] != edge[1]), max_size=2 * n))
    unique = sorted({(min(edge), max(edge)) for edge in tree + more})
    return [(u, v, draw(st.sampled_from([1.0, 0.5, 3.0]))) for u, v in unique]


settings = st.fixed_dictionaries(
    {},
    optional={
        "locality": st.floats(0, 1),
        "alpha": st.one_of(st.sampled_from(["auto", "joint"]), st.floats(1e-12, 1e12), st.integers(1, 10)),
        "beta": st.one_of(st.sampled_from(["auto", "joint"]), st.floats(1e-12, 1e12)),
        "method": st.sampled_from(["auto", "closed_form", "stiefel", "munkres"]),
        "starts": st.integers(1, 1000),
        "seed": st.integers(0, 2**63 - 1),
        "tolerance": st.floats(1e-14, 0.99),
        "max_seconds": st.floats(1e-3, 1e6),
    },
)


@given(connected_edges(5), settings, st.randoms(use_true_random=False))
def test_equal_graphs_given_differently_have_equal_keys(
    edges: list[tuple[int, int, float]], chosen: dict[str, Any], random: Any
) -> None:
    shuffled: list[tuple[Any, ...]] = [
        (v, u, w) if random.random() < 0.5 else ((u, v) if w == 1.0 else (u, v, w)) for u, v, w in edges
    ]
    random.shuffle(shuffled)
    network: nx.Graph[int] = nx.Graph()
    network.add_nodes_from(range(5))
    network.add_weighted_edges_from(shuffled_edge for shuffled_edge in edges)
    node_link = graphs.NodeLink.parse(nx.node_link_data(network, edges="links"))
    coarse = graphs.path(2)
    keys = {
        Problem(coarse=coarse, fine=fine, **chosen).key
        for fine in (
            graphs.edges(5, edges),
            graphs.edges(5, shuffled),
            graphs.from_networkx(network),
            graphs.from_scipy(nx.to_scipy_sparse_array(network, weight="weight")),
            node_link,
        )
    }
    assert len(keys) == 1


@given(settings)
def test_json_keeps_problem_and_key(chosen: dict[str, Any]) -> None:
    problem = Problem(coarse=graphs.edges(3, [(0, 1, 0.1), (1, 2)]), fine=graphs.grid(2, 3), **chosen)
    for again in (
        Problem.parse(problem.model_dump_json()),
        Problem.parse(problem.model_dump()),
        Problem.parse(json.dumps(problem.model_dump(mode="json"))),
        pickle.loads(pickle.dumps(problem)),
    ):
        assert (again, again.key, hash(again)) == (problem, problem.key, hash(problem))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (graphs.path(6), graphs.edges(6, [(i, i + 1) for i in range(5)])),
        (graphs.grid(2, 3), graphs.box(graphs.path(2), graphs.path(3))),
        (graphs.cycle(4), graphs.grid(4, periodic=True)),
        (graphs.hypercube(3), graphs.grid(2, 2, 2)),
        (graphs.complete(4), graphs.wheel(4)),
        (graphs.star(5), graphs.tree(4, 1)),
        (graphs.path(6), graphs.tree(1, 5)),
    ],
    ids=repr,
)
def test_families_that_coincide_have_equal_keys(left: Any, right: Any) -> None:
    coarse = graphs.path(2)
    assert Problem(coarse=coarse, fine=left).key == Problem(coarse=coarse, fine=right).key


def test_other_labels_weights_and_vertices_have_other_keys() -> None:
    fines = [
        graphs.path(4),
        graphs.edges(4, [(0, 2), (2, 1), (1, 3)]),
        graphs.edges(4, [(0, 1, 2.0), (1, 2), (2, 3)]),
        graphs.edges(4, [(0, 1), (1, 2), (2, 3, 2.0)]),
        graphs.edges(5, [(0, 1), (1, 2), (2, 3)]),
        graphs.cycle(4),
    ]
    keys = {Problem(coarse=graphs.path(2), fine=fine, locality=0).key for fine in fines}
    assert len(keys) == len(fines)


def test_coarse_and_fine_are_not_exchangeable() -> None:
    one, other = graphs.path(4), graphs.star(4)
    assert Problem(coarse=one, fine=other).key != Problem(coarse=other, fine=one).key


def test_every_setting_is_part_of_the_key() -> None:
    changed: dict[str, Any] = {
        "locality": 0.5,
        "process": "normalized_laplacian",
        "alpha": 1.0,
        "beta": "joint",
        "method": "stiefel",
        "structure": "aggregation",
        "starts": 5,
        "seed": 1,
        "tolerance": 1e-7,
        "max_seconds": 601,
    }
    assert set(changed) == set(Problem.model_fields) - {"coarse", "fine"}
    keys = {
        Problem.parse(PATHS).key,
        *(Problem.parse({**PATHS, name: value}).key for name, value in changed.items()),
    }
    assert len(keys) == len(changed) + 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"locality": 0}, {"locality": 0.0}),
        ({"locality": 0.0}, {"locality": -0.0}),
        ({"alpha": 1}, {"alpha": 1.0}),
        ({"max_seconds": 60}, {"max_seconds": 60.0}),
        ({"seed": 0}, {}),
        ({"alpha": "auto"}, {}),
    ],
)
def test_equal_numbers_written_differently_have_equal_keys(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert Problem.parse({**PATHS, **one}).key == Problem.parse({**PATHS, **other}).key


def test_a_copy_with_a_change_has_the_key_of_the_change() -> None:
    problem = Problem.parse(PATHS)
    copy = problem.model_copy(update={"seed": 7})
    assert copy == Problem.parse({**PATHS, "seed": 7})
    assert copy.key == Problem.parse({**PATHS, "seed": 7}).key != problem.key
    with pytest.raises(InvalidInput, match="/seed"):
        problem.model_copy(update={"seed": -1})


def test_problems_are_frozen_and_can_be_dictionary_keys() -> None:
    problem = Problem.parse(PATHS)
    with pytest.raises(ValidationError, match="frozen"):
        problem.seed = 1  # type: ignore[misc]
    document = nx.node_link_data(nx.path_graph(3), edges="links")
    linked = Problem(coarse=graphs.NodeLink.parse(document), fine=graphs.path(6))
    assert {problem: 1, linked: 2}[linked] == 2


def test_the_json_schema_names_every_field_and_kind() -> None:
    schema = Problem.model_json_schema()
    assert set(schema["properties"]) == set(Problem.model_fields)
    kinds = set(schema["properties"]["fine"]["discriminator"]["mapping"])
    assert kinds == {
        "box", "complete", "cycle", "edges", "grid", "hypercube", "node_link", "path", "random_geometric", "star",
        "tree", "wheel",
    }  # fmt: skip
