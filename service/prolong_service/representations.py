"""Immutable bytes over HTTP: validators (RFC 9110), single ranges, digests (RFC 9530)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from prolong_service.errors import RangeNotSatisfiable

__all__ = ["FOREVER", "Representation", "not_modified", "quoted", "repr_digest", "send"]

FOREVER = "public, max-age=31536000, immutable"
"""For bytes that never change under their address."""

_RANGE = re.compile(r"bytes\s*=\s*([0-9]{0,19})-([0-9]{0,19})")


@dataclass(frozen=True)
class Representation:
    """One form of a resource: `nbytes` bytes of which `read(start, stop)` gives blocks.

    **Arguments:** `etag`: strong, without quotes; `headers`: more of them for every answer.
    """

    media_type: str
    etag: str
    nbytes: int
    read: Callable[[int, int], Iterable[bytes]]
    headers: dict[str, str] = field(default_factory=dict)


def quoted(etag: str) -> str:
    """The tag as it stands in headers."""
    return f'"{etag}"'


def repr_digest(sha256: str) -> dict[str, str]:
    """The `Repr-Digest` header: of the whole representation, also beside a part of it."""
    return {"Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"}


def not_modified(request: Request, etag: str) -> bool:
    """Whether the caller holds this representation already."""
    tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return "*" in tags or quoted(etag) in tags


async def send(request: Request, representation: Representation) -> Response:
    """The answer to GET or HEAD: 200, 206 for a single range, 304.

    **Raises:** `RangeNotSatisfiable`; what `representation.read` raises at its call.
    """
    headers = {"ETag": quoted(representation.etag), "Cache-Control": FOREVER, **representation.headers}
    if not_modified(request, representation.etag):
        return Response(status_code=304, headers=headers)
    part = _asked_range(request, representation)
    start, stop = part or (0, representation.nbytes)
    headers |= {"Accept-Ranges": "bytes", "Content-Length": str(stop - start)}
    if part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{representation.nbytes}"
    status, media_type = 206 if part else 200, representation.media_type
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    blocks = await run_in_threadpool(representation.read, start, stop)
    return StreamingResponse(blocks, status_code=status, headers=headers, media_type=media_type)


def _asked_range(request: Request, representation: Representation) -> tuple[int, int] | None:
    """`(start, stop)` of the one range asked for; None for the whole, as for several ranges or unreadable ones."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    condition = request.headers.get("if-range")
    outdated = condition is not None and condition.strip() != quoted(representation.etag)
    if request.method != "GET" or found is None or outdated or not (found[1] or found[2]):
        return None
    nbytes = representation.nbytes
    if not found[1]:
        start, stop = max(0, nbytes - int(found[2])), nbytes
    else:
        start, stop = int(found[1]), min(nbytes, int(found[2]) + 1 if found[2] else nbytes)
        if found[2] and int(found[2]) < start:
            return None
    if start >= nbytes:
        raise RangeNotSatisfiable(nbytes)
    return start, stop
