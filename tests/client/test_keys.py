"""Names of graphs and problems."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from prolong import graphs
from prolong.keys import KEY_PATTERN, SCHEMA_VERSION, graph_id, problem_key


def test_a_graph_s_name_is_the_digest_of_its_versioned_canonical_form() -> None:
    adjacency = graphs.cycle(5).adjacency()
    text = f"prolong graph {SCHEMA_VERSION}\n".encode() + adjacency.canonical_bytes()
    assert graph_id(adjacency) == hashlib.sha256(text).hexdigest()


def test_a_problem_s_name_is_the_digest_of_sorted_compact_json() -> None:
    coarse, fine = graphs.path(2).adjacency(), graphs.path(3).adjacency()
    names = {"coarse": graph_id(coarse), "fine": graph_id(fine)}
    document = {**names, "schema": SCHEMA_VERSION, "settings": {"a": 1, "b": "x"}}
    text = json.dumps(document, separators=(",", ":"))
    assert problem_key(coarse, fine, {"b": "x", "a": 1}) == hashlib.sha256(text.encode()).hexdigest()


def test_keys_match_their_pattern() -> None:
    coarse = graphs.path(2).adjacency()
    assert re.fullmatch(KEY_PATTERN, problem_key(coarse, coarse, {}))
    assert not re.fullmatch(KEY_PATTERN, "A" * 64)


def test_settings_that_json_cannot_hold_are_refused() -> None:
    coarse = graphs.path(2).adjacency()
    with pytest.raises(ValueError, match="not JSON compliant"):
        problem_key(coarse, coarse, {"locality": float("nan")})
