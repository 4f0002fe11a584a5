"""The OpenAPI document: what the framework finds, and what the service reads by hand."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from prolong.diffusion import DistanceProblem
from prolong.problem import Problem
from prolong.wire import ProblemDetails
from prolong_service.routes.health import NotReady

__all__ = ["install"]

_FRAMEWORK_ERROR = "HTTPValidationError"
_MODELS = (
    (Problem, "validation"),
    (DistanceProblem, "validation"),
    (ProblemDetails, "serialization"),
    (NotReady, "serialization"),
)
_REF = "#/components/schemas/{model}"


def install(app: FastAPI) -> None:
    """Make `app` answer its complete document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for model, mode in _MODELS:
        schema = model.model_json_schema(ref_template=_REF, mode=mode)  # type: ignore[arg-type]
        schemas |= {**schema.pop("$defs", {}), model.__name__: schema}
    _drop_framework_errors(document)
    return document


def _drop_framework_errors(document: dict[str, Any]) -> None:
    """Forget the framework's own 422, which it adds to every route with parameters: ours is another."""
    for verbs in document["paths"].values():
        for operation in verbs.values():
            if _FRAMEWORK_ERROR in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in (_FRAMEWORK_ERROR, "ValidationError"):
        document["components"]["schemas"].pop(name, None)
