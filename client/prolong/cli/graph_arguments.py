"""Graphs as arguments of commands."""

from __future__ import annotations

from typing import Any

from prolong import graphs
from prolong.errors import FieldError, InvalidInput

__all__ = ["parsed_graph"]


def parsed_graph(name: str, text: str) -> Any:
    """The graph that an argument describes in shorthand, or the file that it names.

    **Raises:** `InvalidInput` naming the argument.
    """
    try:
        return graphs.parse(text)
    except InvalidInput as error:
        raise type(error)(*(FieldError(name, str(field), field.code) for field in error.errors)) from error
