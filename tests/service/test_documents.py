"""The OpenAPI document is complete and true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from prolong import Problem
from prolong_service.errors import KINDS

ROUTES = {
    ("post", "/prolongations"): {"200", "202", "400", "413", "415", "422"},
    ("get", "/prolongations"): {"200", "422"},
    ("get", "/prolongations/{key}"): {"200", "404"},
    ("delete", "/prolongations/{key}"): {"200", "204", "404"},
    ("get", "/prolongations/{key}/operator"): {"200", "206", "304", "404", "409", "416", "422"},
    ("get", "/prolongations/{key}/image.png"): {"200", "304", "404", "409", "501"},
    ("get", "/prolongations/{key}/events"): {"200", "204", "404", "422"},
    ("post", "/distances"): {"200", "202", "400", "413", "415", "422"},
    ("get", "/distances/{key}"): {"200", "404"},
    ("delete", "/distances/{key}"): {"200", "204", "404"},
}


@pytest.fixture
async def openapi(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def _operations(openapi: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(verb, path): item for path, verbs in openapi["paths"].items() for verb, item in verbs.items()}


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        mapping = node.get("mapping", {}).values() if "propertyName" in node else ()
        yield from mapping
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


async def test_every_route_tells_its_answers(openapi: dict[str, Any]) -> None:
    operations = _operations(openapi)
    for route, statuses in ROUTES.items():
        assert set(operations.pop(route)["responses"]) == statuses | {"500", "503"}, route
    assert set(operations) == {("get", "/health/live"), ("get", "/health/ready")}


async def test_every_error_is_problem_json(openapi: dict[str, Any]) -> None:
    for route, operation in _operations(openapi).items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert set(answer["content"]) == {"application/problem+json"}, (route, status)
                assert answer["description"].strip(" .")


async def test_every_error_that_callers_meet_is_an_example(openapi: dict[str, Any]) -> None:
    text = json.dumps(openapi)
    for kind in KINDS.values():
        assert kind.type in text, kind.name


async def test_references_lead_somewhere(openapi: dict[str, Any]) -> None:
    references = set(_references(openapi))
    assert "#/components/schemas/Problem" in references
    for reference in references:
        node: Any = openapi
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node


async def test_the_examples_are_accepted(openapi: dict[str, Any], client: httpx.AsyncClient) -> None:
    body = openapi["paths"]["/prolongations"]["post"]["requestBody"]["content"]["application/json"]
    assert len(body["examples"]) == 3
    for example in body["examples"].values():
        assert (await client.post("/prolongations", json=example["value"])).status_code == 202


async def test_the_problem_is_the_vocabularys(openapi: dict[str, Any]) -> None:
    schema = openapi["components"]["schemas"]["Problem"]
    assert set(schema["properties"]) == set(Problem.model_fields)
    assert openapi["openapi"].startswith("3.1")


async def test_operations_have_names_and_summaries(openapi: dict[str, Any]) -> None:
    operations = _operations(openapi).values()
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(operation["summary"] for operation in operations)


async def test_the_pages_are_there(client: httpx.AsyncClient, app: FastAPI) -> None:
    assert (await client.get("/docs")).status_code == 200
    home = await client.get("/")
    assert (home.status_code, home.headers["location"]) == (307, "/docs")
    assert app.openapi() is app.openapi()
