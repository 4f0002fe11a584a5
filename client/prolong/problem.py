"""The problem: which operator is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, BeforeValidator, Field, PrivateAttr, ValidationInfo, model_validator

from prolong.errors import InvalidInput
from prolong.graphs import Adjacency, GraphSpec
from prolong.keys import graph_id, settings_key
from prolong.model import MAX_RATIO, Count, InputModel, Real, rejected, too_large
from prolong.process import Process, identity, rejection

__all__ = ["MAX_VALUES", "Limits", "Locality", "Method", "Problem", "Scale", "Structure"]

#: The most values that one sweep may have.
MAX_VALUES = 101

Method = Literal["auto", "closed_form", "spectral", "stiefel", "pymanopt_cg", "pymanopt_trust_regions", "munkres"]
Structure = Literal["dense", "aggregation"]


def _scale(value: object) -> object:
    if isinstance(value, str) and value in {"auto", "joint"}:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 / MAX_RATIO <= value <= MAX_RATIO:
        return float(value)
    raise rejected("bad_scale", "must be a positive number (1e-12 to 1e12), 'auto' or 'joint'")


Scale = Annotated[float | Literal["auto", "joint"], BeforeValidator(_scale)]


def _locality(value: object) -> object:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple):
        return _weight(value)
    if not value:
        raise rejected("too_short", "must be a number from 0 to 1, or a list of at least one")
    if len(value) > MAX_VALUES:
        detail = "has {n} values; the limit of a sweep is {most}"
        raise too_large(detail, at="", n=len(value), most=MAX_VALUES)
    values = tuple(_weight(item, at=f"/{number}") for number, item in enumerate(value))
    for number in range(1, len(values)):
        if values[number] <= values[number - 1]:
            detail = "each value must be larger than the one before, {value} comes after {before}"
            context = {"value": values[number], "before": values[number - 1]}
            raise rejected("not_increasing", detail, at=f"/{number}", **context)
    return values


def _weight(value: object, *, at: str = "") -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        # The sign of a zero is no difference between problems.
        return float(value) + 0.0
    raise rejected("bad_locality", "must be a number from 0 to 1", at=at)


Locality = Annotated[float | tuple[float, ...], BeforeValidator(_locality)]


@dataclass(frozen=True)
class Limits:
    """What a problem may not exceed. The defaults only keep a slip of the pen from filling the memory.

    **Arguments:** `dense_vertices`: fine vertices of a search for a dense matrix; `structured_vertices`: fine
    vertices of structured operators; `edges`: of either graph; `seconds`: the largest `max_seconds`.
    """

    dense_vertices: int = 50_000
    structured_vertices: int = 10_000_000
    edges: int = 100_000_000
    seconds: float = 31_536_000.0


class Problem(InputModel):
    """A pair of graphs and the settings of the search, frozen and valid.

    The operator asked for minimises, over all P of shape (n_fine, n_coarse) with P.T @ P = I,

        E(P) = (1 - s) || P Lc / sqrt(alpha) - sqrt(alpha) Lf P ||_F
                  + s  || P Tc / sqrt(beta) - sqrt(beta) Tf P ||_F

    with graph Laplacians L and hop distances T (Scott & Mjolsness, arXiv 1806.05703, section 3.2).

    **Arguments:**

    - `coarse`, `fine`: graph specifications, `coarse.n <= fine.n`; connected where `locality > 0`.
    - `locality`: s in [0, 1]; 0 looks at diffusion only, 1 at locality only. Or a sweep: rising values of s, at
      most 101, which make one job with an operator and a certificate for each; `max_seconds` is for all of them.
    - `process`: which matrices stand for Lc and Lf: "laplacian", "normalized_laplacian", `Heat(t=...)`, with the
      term || P exp(-(t/alpha) Lc) - exp(-t alpha Lf) P ||_F, or `Matrices(coarse=..., fine=...)`, symmetric both.
    - `alpha`, `beta`: a positive number; "auto", the eigenvalue-matching optimum of a bounded interval, fixed
      before the search; or "joint", re-optimised with P inside that interval.
    - `method`: how to search; "auto" takes an exact method where one is known.
    - `structure`: "dense", or "aggregation" (each fine vertex in one coarse vertex, equal weights).
    - `starts`: points of the portfolio; `seed`: of its random ones; `tolerance`: relative, of the search.
    - `max_seconds`: wall time after which the best operator so far is the answer.

    **Raises:** `InvalidInput` naming each field at fault; `TooLarge` over a limit.
    """

    coarse: GraphSpec
    fine: GraphSpec
    locality: Locality = 1.0
    process: Process = "laplacian"
    alpha: Scale = "auto"
    beta: Scale = "auto"
    method: Method = "auto"
    structure: Structure = "dense"
    starts: Annotated[Count, Field(le=1000)] = 4
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**63)] = 0
    tolerance: Annotated[Real, Field(ge=1e-14, lt=1)] = 1e-6
    max_seconds: Annotated[Real, Field(gt=0)] = 600.0
    _key: str = PrivateAttr()
    _graph_ids: tuple[str, str] = PrivateAttr()

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> Self:
        limits = info.context if isinstance(info.context, Limits) else Limits()
        self._check_sizes(limits)
        if self.coarse.n > self.fine.n:
            raise rejected(
                "coarse_larger_than_fine",
                "the coarse graph has {coarse} vertices, more than the fine graph's {fine}",
                coarse=self.coarse.n,
                fine=self.fine.n,
                at="/coarse",
            )
        self._check_process()
        coarse, fine = self.coarse.adjacency(), self.fine.adjacency()
        if self.localities[-1] > 0:
            for name, graph in (("coarse", coarse), ("fine", fine)):
                _check_connected(name, graph)
        self._graph_ids = graph_id(coarse), graph_id(fine)
        self._key = self._computed_key()
        return self

    def _computed_key(self) -> str:
        settings = self.model_dump(exclude={"coarse", "fine", "process"})
        process = identity(self.process)
        # Left out where it is the Laplacian, as in the keys of before there was a choice.
        return settings_key(*self._graph_ids, settings if process is None else {**settings, "process": process})

    def _check_process(self) -> None:
        pointers = {"/structure": self.structure == "aggregation", "/method": self.method == "closed_form"}
        structured = next((pointer for pointer, asked in pointers.items() if asked), None)
        sizes = {"n_coarse": self.coarse.n, "n_fine": self.fine.n}
        error = rejection(self.process, **sizes, alpha=self.alpha, structured=structured)
        if error is not None:
            raise error

    def _check_sizes(self, limits: Limits) -> None:
        """Bounds from the specifications alone: nothing of the graphs' size is built before this passed."""
        most = limits.dense_vertices if self.structure == "dense" else limits.structured_vertices
        for name, graph in (("coarse", self.coarse), ("fine", self.fine)):
            if graph.n > most:
                detail = "the {name} graph has {n} vertices; the limit for {structure} operators is {most}"
                raise too_large(detail, at=f"/{name}", name=name, n=graph.n, structure=self.structure, most=most)
            if graph.edge_bound > limits.edges:
                detail = "the {name} graph has up to {m} edges; the limit is {most}"
                raise too_large(detail, at=f"/{name}", name=name, m=graph.edge_bound, most=limits.edges)
        if self.max_seconds > limits.seconds:
            detail = "max_seconds is {asked}; the limit is {most}"
            raise too_large(detail, at="/max_seconds", asked=self.max_seconds, most=limits.seconds)

    @property
    def key(self) -> str:
        """The content key, 64 hexadecimal digits: equal for equal graphs and settings, however given."""
        return self._key

    @property
    def is_sweep(self) -> bool:
        """Whether `locality` is a list, even of one value."""
        return isinstance(self.locality, tuple)

    @property
    def localities(self) -> tuple[float, ...]:
        """The values of s, rising; one unless this is a sweep."""
        return self.locality if isinstance(self.locality, tuple) else (self.locality,)

    @property
    def s(self) -> float:
        """The locality as the one number that it is. **Raises:** `InvalidInput` for a sweep."""
        if isinstance(self.locality, tuple):
            detail = f"is a sweep of {len(self.locality)} values where one number is needed: ask for it as a sweep"
            raise InvalidInput.at("/locality", detail, code="sweep")
        return self.locality

    def at(self, locality: float, *, max_seconds: float | None = None) -> Self:
        """The problem of one value of a sweep, with the key that it has when it is asked for alone.

        **Arguments:** `max_seconds`: another, smaller limit for it.

        **Raises:** `InvalidInput` where the sweep has no such value.
        """
        if locality not in self.localities:
            raise InvalidInput.at("/locality", f"{locality!r} is none of the {len(self.localities)} values")
        # What was checked of the sweep holds for its values, and large graphs are not built again for each.
        update = {"locality": locality + 0.0, "max_seconds": max_seconds or self.max_seconds}
        single = BaseModel.model_copy(self, update=update)
        single._key = single._computed_key()
        return single

    @property
    def parts(self) -> tuple[Self, ...]:
        """The problems of all values, in order."""
        return tuple(self.at(value) for value in self.localities)

    def __hash__(self) -> int:
        # Equal problems have equal keys; node-link documents among the fields have no hash of their own.
        return hash(self._key)


def _check_connected(name: str, graph: Adjacency) -> None:
    if graph.components > 1:
        raise rejected(
            "disconnected",
            "the {name} graph has {parts} components, so its distances are infinite: only locality 0 is possible",
            name=name,
            parts=graph.components,
            at=f"/{name}",
        )
