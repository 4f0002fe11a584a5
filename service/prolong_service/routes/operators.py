"""An operator's bytes and its picture."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from prolong import __version__, formats, plots
from prolong.errors import CorruptOperator
from prolong.operators import Operator
from prolong_service.representations import Representation, not_modified, repr_digest, send
from prolong_service.routes.prolongations import Key
from prolong_service.routes.responses import Responses, binary, problems
from prolong_service.services import Injected, Services
from prolong_worker.store import OperatorNotFound, OperatorRecord

__all__ = ["router"]

router = APIRouter(prefix="/prolongations/{key}", tags=["operators"])

_NPZ = "application/vnd.prolong.operator+npz"
_PNG = "image/png"
_MISSING = problems(404, 409)
_FORMS: Responses = {
    200: binary(formats.MEDIA_TYPE, "The operator.", other=_NPZ),
    206: binary(formats.MEDIA_TYPE, "The part that `Range` asks for.", other=_NPZ),
    304: {"description": "The caller holds it already (`If-None-Match`)."},
    **problems(404, 409, 416, 422),
}
_PICTURE: Responses = {
    200: binary(_PNG, "A heat map of the matrix; curves and heat maps of a sweep."),
    304: {"description": "The caller holds it already (`If-None-Match`)."},
    **problems(404, 409, 501),
}

Form = Annotated[Literal["safetensors", "npz"], Query(alias="format", description="The form of the bytes.")]


@router.head("/operator", include_in_schema=False)
@router.get("/operator", response_class=Response, responses=_FORMS, summary="Fetch an operator's bytes")
async def operator(request: Request, key: Key, services: Injected, form: Form = "safetensors") -> Response:
    """Immutable, so caches may keep it for ever: strong `ETag`, `Repr-Digest` (RFC 9530), single ranges, 304. For
    a job that has not ended well the 409's `type` says how it stands. `npz` reads with `numpy.load`, and where
    the operator is sparse with `scipy.sparse.load_npz`."""
    record = await run_in_threadpool(services.prolongations.operator, key)
    if form == "npz":
        return await send(request, await _npz(services, record))
    return await send(request, _stored(services, record))


@router.head("/image.png", include_in_schema=False)
@router.get(
    "/image.png",
    response_class=Response,
    responses=_PICTURE,
    summary="See an operator as a heat map, a sweep as curves",
)
async def image(request: Request, key: Key, services: Injected) -> Response:
    """Rows are fine vertices, columns coarse ones. Of a sweep: objective, terms and lower bounds over s, and
    operators below. The picture may change with the version of prolong."""
    record = await run_in_threadpool(services.prolongations.record, key)
    etag = f"{record.sha256}-png-{__version__}"
    headers = {"ETag": f'"{etag}"', "Cache-Control": "public, max-age=86400"}
    if not_modified(request, etag):
        return Response(status_code=304, headers=headers)
    picture = await services.heavily(lambda: _picture(services, record))
    return Response(picture, media_type=_PNG, headers=headers)


def _stored(services: Services, record: OperatorRecord) -> Representation:
    return Representation(
        media_type=formats.MEDIA_TYPE,
        etag=record.sha256,
        nbytes=record.nbytes,
        read=lambda start, stop: services.store.read(record, start, stop),
        headers=_attached(record, "safetensors") | repr_digest(record.sha256),
    )


async def _npz(services: Services, record: OperatorRecord) -> Representation:
    data = await services.heavily(lambda: formats.to_npz(_load(services, record)))
    return Representation(
        media_type=_NPZ,
        etag=f"{record.sha256}-npz",
        nbytes=len(data),
        read=lambda start, stop: [data[start:stop]],
        headers=_attached(record, "npz"),
    )


def _picture(services: Services, record: OperatorRecord) -> bytes:
    if not record.parts:
        return plots.operator_image(_load(services, record))
    certificates = {
        part.locality: part.record.certificate for part in record.parts if part.record.certificate is not None
    }
    operators: dict[float, Operator] = {}
    shown = plots.shown_localities([part.locality for part in record.parts])
    for part in (part for part in record.parts if part.locality in shown):
        # Parts may be forgotten one by one; the curves are known without them.
        with suppress(OperatorNotFound):
            operators[part.locality] = _load(services, part.record)
    return plots.sweep_image(certificates, operators)


def _load(services: Services, record: OperatorRecord) -> Operator:
    data = b"".join(services.store.read(record))
    if formats.digest(data) != record.sha256:
        raise CorruptOperator(f"the stored bytes of {record.key} do not have their digest")
    return formats.from_bytes(data)


def _attached(record: OperatorRecord, suffix: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{record.key[:16]}.{suffix}"'}
