"""What the OpenAPI document says about answers."""

from __future__ import annotations

from typing import Any

from prolong.wire import PROBLEM_MEDIA_TYPE
from prolong_service.errors import KINDS

__all__ = ["Responses", "binary", "problems"]

Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """The errors of a route, by status; 500 and 503 are added, as the store may be away from any of them."""
    return {status: _problem(status) for status in (*statuses, 500, 503)}


def binary(media_type: str, description: str, *, other: str | None = None) -> dict[str, Any]:
    """An answer of bytes."""
    types = [media_type] if other is None else [media_type, other]
    schema = {"type": "string", "contentMediaType": "application/octet-stream"}
    return {"description": description, "content": {item: {"schema": schema} for item in types}}


def _problem(status: int) -> dict[str, Any]:
    kinds = {kind.name: kind for kind in KINDS.values() if kind.status == status}
    examples = {
        name: {"value": {"type": kind.type, "title": kind.title, "status": status, "detail": "...", "errors": []}}
        for name, kind in kinds.items()
    }
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        "description": "; ".join(kind.title for kind in kinds.values()) + ".",
        "content": {PROBLEM_MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }
