"""What the OpenAPI document says about the bodies and headers that routes read by hand."""

from __future__ import annotations

from typing import Any

from prolong_service.preferences import MAX_WAIT_SECONDS

__all__ = ["COMPARISON", "PREFER", "SUBMISSION"]

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_BATCH = {
    "type": "object",
    "title": "Batch",
    "properties": {"problems": {"type": "array", "items": _PROBLEM, "minItems": 1}},
    "required": ["problems"],
    "additionalProperties": False,
}
_PATHS = {
    "coarse": {"kind": "path", "n": 32},
    "fine": {"kind": "path", "n": 64},
    "locality": 0.5,
    "alpha": 1.0,
    "beta": 0.25,
}
_EDGES = {
    "coarse": {"kind": "path", "n": 3},
    "fine": {"kind": "edges", "n": 5, "edges": [[0, 1], [1, 2, 0.5], [2, 3], [3, 4], [4, 0]]},
    "locality": 0.5,
}
_LINEAGE = [
    {"coarse": {"kind": "path", "n": n}, "fine": {"kind": "path", "n": 2 * n}, "structure": "aggregation"}
    for n in (16, 32, 64)
]

SUBMISSION: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"anyOf": [_PROBLEM, _BATCH]},
            "examples": {
                "paths": {"summary": "Two paths", "value": _PATHS},
                "edges": {"summary": "A graph given by its edges", "value": _EDGES},
                "batch": {"summary": "Several at once", "value": {"problems": _LINEAGE}},
            },
        }
    },
}

COMPARISON: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/DistanceProblem"},
            "example": {"graphs": [{"kind": "path", "n": 12}, {"kind": "star", "n": 9}], "t": [0.1, 1.0]},
        }
    },
}

PREFER: dict[str, Any] = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": f"`wait=SECONDS`: hold the answer back until the end of the job, {MAX_WAIT_SECONDS} s at most "
    "(RFC 7240).",
    "schema": {"type": "string", "examples": ["wait=30"]},
}
