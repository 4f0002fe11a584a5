"""Content keys: equal problems have equal keys, however they were written down."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from prolong.graphs import Adjacency

__all__ = ["KEY_PATTERN", "SCHEMA_VERSION", "graph_id", "problem_key", "settings_key"]

#: Part of every key. Raise it when the meaning of a problem or its canonical form changes: old operators are
#: then computed anew instead of being served under a wrong name.
SCHEMA_VERSION = 1

#: What a key looks like: SHA-256 as 64 hexadecimal digits.
KEY_PATTERN = r"^[0-9a-f]{64}$"


def graph_id(adjacency: Adjacency) -> str:
    """The name of a labelled, weighted graph: 64 hexadecimal digits."""
    return hashlib.sha256(b"prolong graph %d\n" % SCHEMA_VERSION + adjacency.canonical_bytes()).hexdigest()


def problem_key(coarse: Adjacency, fine: Adjacency, settings: Mapping[str, object]) -> str:
    """The name of a problem: 64 hexadecimal digits.

    **Arguments:** `settings`: every setting by name, defaults filled in, values that JSON can hold.
    """
    return settings_key(graph_id(coarse), graph_id(fine), settings)


def settings_key(coarse_id: str, fine_id: str, settings: Mapping[str, object]) -> str:
    """`problem_key` of graphs whose names are known: large graphs need not be hashed for every setting."""
    document = {
        "schema": SCHEMA_VERSION,
        "coarse": coarse_id,
        "fine": fine_id,
        "settings": dict(settings),
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
