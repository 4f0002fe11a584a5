"""Settings from environment variables: one frozen dataclass a process, one field a variable, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

from prolong.errors import InvalidInput

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Settings = TypeVar("Settings", bound=DataclassInstance)
else:
    Settings = TypeVar("Settings")

__all__ = ["bad_setting", "read_settings", "variable"]


def variable(name: str) -> str:
    """The variable of a field: `max_seconds` is `PROLONG_MAX_SECONDS`."""
    return f"PROLONG_{name.upper()}"


def bad_setting(name: str, detail: str) -> InvalidInput:
    """The error that names a field's variable and says what is wrong with its value."""
    return InvalidInput.at("", f"{variable(name)} {detail}", code="bad_setting")


def read_settings(kind: type[Settings], environment: Mapping[str, str] | None = None) -> Settings:
    """The settings that `environment` (this process's own by default) gives; empty variables count as unset.

    **Arguments:** `kind`, a dataclass whose fields are text, whole numbers or numbers, each with a default.

    **Raises:** `InvalidInput` naming the variable that cannot be used.
    """
    given = os.environ if environment is None else environment
    texts = {entry: given.get(variable(entry.name), "").strip() for entry in fields(kind)}
    return kind(
        **{entry.name: _parsed(entry.name, text, type(entry.default)) for entry, text in texts.items() if text}
    )


def _parsed(name: str, text: str, kind: type[object]) -> str | int | float:
    try:
        return int(text) if kind is int else float(text) if kind is float else text
    except ValueError:
        noun = "a whole number" if kind is int else "a number"
        raise bad_setting(name, f"must be {noun}, not {text!r}") from None
