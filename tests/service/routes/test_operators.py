"""An operator's bytes, forms and picture."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_array_equal

from prolong import formats
from prolong.operators import DenseOperator
from prolong_worker.store import OperatorNotFound

Check = Callable[..., dict[str, Any]]


@pytest.fixture
async def key(jobs: Any, submitted: Any) -> str:
    name: str = await submitted()
    jobs.finish(name, DenseOperator(np.eye(500, 400)))
    return name


@pytest.fixture
def key_in(jobs: Any, submitted: Any) -> Callable[[str], Any]:
    """Makes a problem that stands there."""

    async def make(state: str) -> str:
        key: str = await submitted()
        steps = {"running": jobs.start, "failed": jobs.fail, "cancelled": jobs.cancel}
        if state in steps:
            steps[state](key)
        return key

    return make


async def test_the_bytes_are_the_operator(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.get(f"/prolongations/{key}/operator")
    digest = hashlib.sha256(answer.content)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == formats.MEDIA_TYPE
    assert answer.headers["etag"] == f'"{digest.hexdigest()}"'
    assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert_array_equal(formats.from_bytes(answer.content).to_dense(), np.eye(500, 400))


async def test_who_holds_it_gets_304(client: httpx.AsyncClient, key: str) -> None:
    path = f"/prolongations/{key}/operator"
    tag = (await client.get(path)).headers["etag"]
    answer = await client.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)


async def test_ranges_cross_chunks(client: httpx.AsyncClient, key: str, check_problem: Check) -> None:
    path = f"/prolongations/{key}/operator"
    whole = (await client.get(path)).content
    start, stop = 2**20 - 3, 2**20 + 5
    answer = await client.get(path, headers={"Range": f"bytes={start}-{stop - 1}"})
    assert (answer.status_code, answer.content) == (206, whole[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    beyond = await client.get(path, headers={"Range": f"bytes={len(whole)}-"})
    check_problem(beyond, 416, "range-not-satisfiable")
    assert beyond.headers["content-range"] == f"bytes */{len(whole)}"


async def test_head_is_get_without_bytes(client: httpx.AsyncClient, key: str) -> None:
    path = f"/prolongations/{key}/operator"
    got, headed = await client.get(path), await client.head(path)
    assert (headed.status_code, headed.content) == (200, b"")
    assert dict(headed.headers) == dict(got.headers)


async def test_npz_reads_with_numpy(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.get(f"/prolongations/{key}/operator", params={"format": "npz"})
    assert answer.status_code == 200
    assert_array_equal(np.load(io.BytesIO(answer.content))["P"], np.eye(500, 400))
    safetensors = await client.head(f"/prolongations/{key}/operator")
    assert answer.headers["etag"] != safetensors.headers["etag"]
    again = await client.get(
        f"/prolongations/{key}/operator",
        params={"format": "npz"},
        headers={"If-None-Match": answer.headers["etag"]},
    )
    assert again.status_code == 304


async def test_sparse_npz_reads_with_scipy(
    client: httpx.AsyncClient, jobs: Any, submitted: Any, sparse_operator: Any
) -> None:
    key = await submitted()
    jobs.finish(key, sparse_operator)
    answer = await client.get(f"/prolongations/{key}/operator", params={"format": "npz"})
    matrix = scipy.sparse.load_npz(io.BytesIO(answer.content))
    assert_array_equal(matrix.toarray(), sparse_operator.to_dense())


async def test_other_forms_are_refused(client: httpx.AsyncClient, key: str, check_problem: Check) -> None:
    answer = await client.get(f"/prolongations/{key}/operator", params={"format": "pickle"})
    assert check_problem(answer, 422, "invalid-input")["errors"][0]["pointer"] == "/query/format"


async def test_the_picture_is_a_png(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.get(f"/prolongations/{key}/image.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")
    again = await client.get(f"/prolongations/{key}/image.png", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ("queued", "not-finished"),
        ("running", "not-finished"),
        ("failed", "job-failed"),
        ("cancelled", "job-cancelled"),
    ],
)
async def test_without_an_operator_the_state_is_told(
    state: str, name: str, client: httpx.AsyncClient, key_in: Any, check_problem: Check
) -> None:
    key = await key_in(state)
    for rest in ("operator", "image.png"):
        answer = await client.get(f"/prolongations/{key}/{rest}")
        assert state in check_problem(answer, 409, name)["detail"]
        assert ("retry-after" in answer.headers) == (name == "not-finished")


async def test_damaged_bytes_are_never_served(
    client: httpx.AsyncClient, key: str, store: Any, monkeypatch: pytest.MonkeyPatch, check_problem: Check
) -> None:
    def damaged(*_: object) -> None:
        raise OperatorNotFound(f"operator {key} was damaged and has been dropped")

    monkeypatch.setattr(store, "read", damaged)
    answer = await client.get(f"/prolongations/{key}/operator")
    check_problem(answer, 409, "not-finished")
    assert int(answer.headers["retry-after"]) > 0


async def test_a_picture_of_other_bytes_is_never_drawn(
    client: httpx.AsyncClient, key: str, store: Any, monkeypatch: pytest.MonkeyPatch, check_problem: Check
) -> None:
    monkeypatch.setattr(store, "read", lambda *_: iter([b"other"]))
    check_problem(await client.get(f"/prolongations/{key}/image.png"), 500, "corrupt-operator")
