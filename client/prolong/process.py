"""The process that an operator carries from graph to graph: which matrices stand in the diffusion term."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Tag
from pydantic_core import core_schema

from prolong.model import MAX_RATIO, InputModel, Real, rejected, too_large

__all__ = ["Heat", "Matrices", "Process", "SymmetricMatrix", "identity", "rejection"]

#: The largest order of a matrix, whatever the graphs: one number more in a row is refused before it is read.
MAX_ORDER = 50_000

# Entries (i, j) and (j, i) may differ by this much of the largest entry, as computed matrices do.
_ASYMMETRY = 1e-10


class SymmetricMatrix:
    """A real symmetric matrix that is not zero, read-only; made of rows of numbers or a numpy array.

    `array` has the shape (n, n) and is exactly symmetric: halves that differ by rounding are averaged. Equal
    matrices have equal digests, and are equal.
    """

    def __init__(self, array: NDArray[np.float64]) -> None:
        array = (array + array.T) / 2 + 0.0
        array.flags.writeable = False
        self.array = array
        self.digest = hashlib.sha256(array.astype("<f8").tobytes()).hexdigest()

    @property
    def n(self) -> int:
        """The order."""
        return len(self.array)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SymmetricMatrix) and (self.n, self.digest) == (other.n, other.digest)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"SymmetricMatrix(n={self.n}, sha256={self.digest[:12]})"

    @classmethod
    def parse(cls, value: object) -> Self:
        """The matrix of rows of numbers, an array, or a matrix already made, checked."""
        if isinstance(value, cls):
            return value
        array = _array(value)
        if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
            shape = " x ".join(map(str, array.shape))
            raise rejected("not_square", "must be a square matrix, not one of shape {shape}", shape=shape)
        _check_entries(array)
        return cls(array)

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda matrix: matrix.array.tolist()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _: Any, __: GetJsonSchemaHandler) -> dict[str, Any]:
        row = {"type": "array", "items": {"type": "number"}}
        return {"type": "array", "items": row, "description": "A symmetric matrix, row by row."}


def _array(value: object) -> NDArray[np.float64]:
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "fiu":
            raise rejected("not_numbers", "must hold real numbers, not {kind}", kind=str(value.dtype))
        return value.astype(np.float64)
    if not isinstance(value, list | tuple):
        raise rejected("not_a_matrix", "must be a list of rows of numbers")
    if len(value) > MAX_ORDER:
        raise too_large("has {n} rows; the limit is {most}", at="", n=len(value), most=MAX_ORDER)
    return np.array([_row(row, number, len(value)) for number, row in enumerate(value)], dtype=np.float64)


def _row(row: object, number: int, order: int) -> NDArray[np.float64]:
    if isinstance(row, np.ndarray):
        row = row.tolist()
    if not isinstance(row, list | tuple) or len(row) != order:
        detail = "row {number} must be a list of {order} numbers: the matrix has so many rows"
        raise rejected("bad_row", detail, number=number, order=order, at=f"/{number}")
    for column, entry in enumerate(row):
        if isinstance(entry, bool) or not isinstance(entry, int | float) or not abs(entry) <= MAX_RATIO:
            raise _bad_entry(number, column)
    return np.array(row, dtype=np.float64)


def _check_entries(array: NDArray[np.float64]) -> None:
    bad = np.argwhere(~(np.abs(array) <= MAX_RATIO))
    if len(bad):
        raise _bad_entry(*map(int, bad[0]))
    largest = float(np.abs(array).max())
    if largest < 1 / MAX_RATIO:
        raise rejected("zero_matrix", "must not be zero (all entries below 1e-12): it carries no process")
    uneven = np.argwhere(np.abs(array - array.T) > _ASYMMETRY * largest)
    if len(uneven):
        i, j = map(int, uneven[0])
        raise rejected(
            "not_symmetric",
            "must be symmetric, but entry ({i}, {j}) is {a} and entry ({j}, {i}) is {b}",
            i=i, j=j, a=float(array[i, j]), b=float(array[j, i]), at=f"/{i}/{j}",
        )  # fmt: skip


def _bad_entry(row: int, column: int) -> Exception:
    detail = "entry ({row}, {column}) must be a finite number, at most 1e12 in size"
    return rejected("bad_entry", detail, row=row, column=column, at=f"/{row}/{column}")


def _time(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 / MAX_RATIO <= value <= MAX_RATIO:
        return float(value)
    raise rejected("bad_time", "must be a positive number (1e-12 to 1e12)")


class Heat(InputModel):
    """Diffusion for a time `t`, scaled as in the graph diffusion distance.

    The diffusion term is `|| P exp(-(t/alpha) Lc) - exp(-t alpha Lf) P ||_F`: alpha stands in the exponents.
    """

    kind: Literal["heat"] = "heat"
    t: Annotated[Real, BeforeValidator(_time)]


class Matrices(InputModel):
    """Two symmetric matrices of the caller, in place of the Laplacians; of the orders of the graphs."""

    kind: Literal["matrices"] = "matrices"
    coarse: SymmetricMatrix
    fine: SymmetricMatrix


def _tag(value: object) -> str | None:
    if isinstance(value, str):
        return "name"
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return kind if isinstance(kind, str) and kind in {"heat", "matrices"} else None


Process = Annotated[
    Annotated[Literal["laplacian", "normalized_laplacian"], Tag("name")]
    | Annotated[Heat, Tag("heat")]
    | Annotated[Matrices, Tag("matrices")],
    Discriminator(
        _tag,
        custom_error_type="bad_process",
        custom_error_message="must be 'laplacian', 'normalized_laplacian', or of the kind 'heat' or 'matrices'",
    ),
    Field(description="The matrices of the diffusion term."),
]


def identity(process: Process) -> object:
    """What a problem's key says about its process: None for the Laplacian; matrices by their digests."""
    if isinstance(process, Matrices):
        return {"kind": process.kind, "coarse": process.coarse.digest, "fine": process.fine.digest}
    if isinstance(process, Heat):
        return {"kind": process.kind, "t": process.t}
    return None if process == "laplacian" else process


def rejection(
    process: Process, *, n_coarse: int, n_fine: int, alpha: object, structured: str | None
) -> Exception | None:
    """What speaks against a process in a problem, if anything.

    **Arguments:** `structured`: the JSON pointer of the setting, if any, that asks for an aggregation operator.
    """
    if structured is not None and process != "laplacian":
        return rejected(
            "process", "aggregation operators are known for the process 'laplacian' alone", at=structured
        )
    if isinstance(process, Heat) and alpha == "joint":
        return rejected("process", "alpha cannot be 'joint' with heat: use a number or 'auto'", at="/alpha")
    if isinstance(process, Matrices):
        for name, matrix, n in (("coarse", process.coarse, n_coarse), ("fine", process.fine, n_fine)):
            if matrix.n != n:
                detail = "the {name} matrix has order {order}, the {name} graph {n} vertices"
                context = {"name": name, "order": matrix.n, "n": n}
                return rejected("wrong_order", detail, at=f"/process/{name}", **context)
    return None
