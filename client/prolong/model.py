"""The base of everything that users hand in: frozen, strict, and failing with our own errors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from prolong.errors import FieldError, InvalidInput, TooLarge

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)

__all__ = ["MAX_RATIO", "MAX_VERTICES", "Count", "InputModel", "Real", "Vertices", "rejected", "too_large"]

#: The largest vertex count that any specification may name; services set far lower limits.
MAX_VERTICES = 2**31 - 1

#: The largest weight and scale, and one over the smallest: squares and their sums stay finite in float64.
MAX_RATIO = 1e12

Count = Annotated[int, Field(strict=True, ge=1, le=MAX_VERTICES)]
Vertices = Count
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]

_TOO_LARGE = "too_large"

# What a caller sent may hold a million mistakes, or one of a million letters: an error stays readable.
_MOST_ERRORS = 20
_LONGEST_SENTENCE = 400


def rejected(code: str, detail: str, *, at: str = "", **context: Any) -> PydanticCustomError:
    """The error that validators raise: a stable `code` and a sentence with `{names}` from `context`.

    **Arguments:** `at`: the JSON pointer to the fault, from the model or field that is being validated.
    """
    return PydanticCustomError(code, detail, {**context, "at": at})


def too_large(detail: str, *, at: str, **context: Any) -> PydanticCustomError:
    """The error that validators raise for input over a limit; it becomes `TooLarge`."""
    return rejected(_TOO_LARGE, detail, at=at, **context)


class _Translating(ModelMetaclass):
    """Makes direct construction raise `InvalidInput`; validation inside pydantic is left as it is."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - the class of a class
        try:
            return super().__call__(*args, **kwargs)
        except ValidationError as error:
            raise translate(error, kwargs) from error


class InputModel(BaseModel, metaclass=_Translating):
    """A frozen model that refuses unknown fields and raises `InvalidInput` for bad ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def parse(cls, data: bytes | str | dict[str, Any], *, limits: object = None) -> Self:
        """Read JSON text or a decoded document.

        **Arguments:** `limits`: what the validators should not exceed; see `prolong.problem.Limits`.

        **Raises:** `InvalidInput` naming each field at fault by JSON pointer, `TooLarge` over a limit.
        """
        try:
            if isinstance(data, dict):
                return cls.model_validate(data, context=limits)
            return cls.model_validate_json(data, context=limits)
        except ValidationError as error:
            raise translate(error, data) from error

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with the fields of `update`, checked like any other: keys and adjacencies follow the fields.

        **Raises:** `InvalidInput` naming each field at fault.
        """
        del deep  # Frozen all the way down: the parts can be shared.
        return type(self)(**{**dict(self), **(update or {})})


def translate(error: ValidationError, data: object) -> InvalidInput:
    """Pydantic's error about `data` (a document, or the JSON text of one) as ours."""
    if isinstance(data, bytes | str):
        data = _decoded(data)
    items = error.errors(include_url=False, include_context=True)[:_MOST_ERRORS]
    fields = tuple(
        FieldError(
            pointer=_pointer(item["loc"], data) + str(item.get("ctx", {}).get("at", "")),
            detail=_sentence(item),
            code=str(item["type"]),
        )
        for item in items
        if not _is_echo(item, items)
    )
    kind = TooLarge if all(field.code == _TOO_LARGE for field in fields) else InvalidInput
    return kind(*fields)


def _is_echo(item: ErrorDetails, items: Sequence[ErrorDetails]) -> bool:
    """Whether a list is called too short only because its items were at fault, as pydantic counts."""
    depth = len(item["loc"])
    return item["type"] == "too_short" and any(
        len(other["loc"]) > depth and other["loc"][:depth] == item["loc"] for other in items
    )


def _decoded(text: bytes | str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _sentence(item: ErrorDetails) -> str:
    message = str(item["msg"]).removeprefix("Value error, ")
    if len(message) > _LONGEST_SENTENCE:
        message = f"{message[:_LONGEST_SENTENCE]}..."
    got = item.get("input")
    if isinstance(got, bool | int | float | str) and len(str(got)) <= 40 and repr(got) not in message:
        return f"{message}, got {got!r}"
    return message


def _pointer(location: tuple[int | str, ...], data: object) -> str:
    """The JSON pointer of pydantic's `location`, which also names the union branches it took.

    A branch of a graph specification is named by the document's own `kind`, right after the field that holds
    the document; the branches of plain unions ("float", "literal[...]") are not keys of anything.
    """
    parts: list[str] = []
    skip_kind = False
    for part in location:
        if skip_kind:
            skip_kind = False
            if part == _kind(data):
                continue
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list | tuple) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif isinstance(data, BaseModel):
            data = getattr(data, str(part), None)
        elif data is not None and not isinstance(part, int):
            continue
        else:
            data = None
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
        skip_kind = _kind(data) is not None
    return "".join(f"/{part}" for part in parts)


def _kind(data: object) -> object:
    return data.get("kind") if isinstance(data, dict) else getattr(data, "kind", None)
