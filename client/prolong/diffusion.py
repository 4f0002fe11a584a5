"""The graph diffusion distance: what is asked for, and what is answered.

With `L = D - A`, the smaller graph as 1 and a time t (Scott & Mjolsness, "Graph diffusion distance: properties and
efficient computation", 2021)

    D(G1, G2 | t) = inf over alpha > 0, inf over P.T @ P = I of || P exp(-(t/alpha) L1) - exp(-t alpha L2) P ||_F .

Without a time it is the linear form, `|| P L1 / sqrt(alpha) - sqrt(alpha) L2 P ||_F`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationInfo, model_validator

from prolong.graphs import GraphSpec
from prolong.keys import SCHEMA_VERSION, graph_id
from prolong.model import MAX_RATIO, InputModel, Real, rejected, too_large
from prolong.operators import Operator
from prolong.problem import Limits

__all__ = [
    "MAX_DISTANCES",
    "MAX_GRAPHS",
    "MAX_TIMES",
    "Distance",
    "DistanceMatrix",
    "DistanceProblem",
    "Distances",
    "Times",
]

MAX_GRAPHS = 400
"""The most graphs that one problem may compare."""

MAX_DISTANCES = 100_000
"""The most distances, over all pairs and times, of one answer."""

MAX_TIMES = 100
"""The most times that one problem may have."""

_MAX_WORK = 1e12
Row = tuple[float, ...]


def _times(value: object) -> object:
    many = isinstance(value, list | tuple)
    given = value if isinstance(value, list | tuple) else (value,)
    if not 1 <= len(given) <= MAX_TIMES:
        raise rejected("bad_times", "must be a time, null, or a list of 1 to {most} of them", most=MAX_TIMES)
    return tuple(_time(entry, at=f"/{number}" if many else "") for number, entry in enumerate(given))


def _time(value: object, *, at: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 / MAX_RATIO <= value <= MAX_RATIO:
        return float(value)
    raise rejected("bad_time", "must be a positive number (1e-12 to 1e12), or null for the linear form", at=at)


Times = Annotated[tuple[float | None, ...], BeforeValidator(_times)]


class DistanceProblem(InputModel):
    """Graphs whose distances to each other are asked for, all pairs at every time; frozen and valid.

    **Arguments:**

    - `graphs`: 2 to 400 specifications, in any order of size.
    - `t`: a positive number, None for the linear form, or a list of such; always kept as a tuple.
    - `max_seconds`: wall time after which a service gives up.

    **Raises:** `InvalidInput` naming each field at fault; `TooLarge` over a limit.
    """

    graphs: Annotated[tuple[GraphSpec, ...], Field(min_length=2, max_length=MAX_GRAPHS)]
    t: Times = (1.0,)
    max_seconds: Annotated[Real, Field(gt=0)] = 600.0
    _key: str = PrivateAttr()

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> Self:
        self._check_sizes(info.context if isinstance(info.context, Limits) else Limits())
        document = {
            "schema": SCHEMA_VERSION,
            "distances": [graph_id(graph.adjacency()) for graph in self.graphs],
            "settings": {"t": self.t, "max_seconds": self.max_seconds},
        }
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
        self._key = hashlib.sha256(text.encode()).hexdigest()
        return self

    def _check_sizes(self, limits: Limits) -> None:
        """Bounds from the specifications alone: nothing of the graphs' size is built before this passed."""
        edges = 0
        for number, graph in enumerate(self.graphs):
            at = f"/graphs/{number}"
            if graph.n > limits.dense_vertices:
                detail = "the graph has {n} vertices; the limit for distances is {most}"
                raise too_large(detail, at=at, n=graph.n, most=limits.dense_vertices)
            edges += graph.edge_bound
            if edges > 2 * limits.edges:
                detail = "the graphs up to here have up to {m} edges; the limit is {most}"
                raise too_large(detail, at=at, m=edges, most=2 * limits.edges)
        if self.count > MAX_DISTANCES:
            detail = "all pairs at all times make {count} distances; the limit is {most}"
            raise too_large(detail, at="/graphs", count=self.count, most=MAX_DISTANCES)
        if self.work > _MAX_WORK:
            detail = (
                "the pairs have {work:.2g} pairs of eigenvalues at all times together; the limit is {most:.2g}"
            )
            raise too_large(detail, at="/graphs", work=self.work, most=_MAX_WORK)
        if self.max_seconds > limits.seconds:
            detail = "max_seconds is {asked}; the limit is {most}"
            raise too_large(detail, at="/max_seconds", asked=self.max_seconds, most=limits.seconds)

    @property
    def count(self) -> int:
        """The number of distances, over all pairs and times."""
        return len(self.graphs) * (len(self.graphs) - 1) // 2 * len(self.t)

    @property
    def work(self) -> float:
        """Pairs of eigenvalues, over all pairs of graphs and all times."""
        sizes = [float(graph.n) for graph in self.graphs]
        pairs = (sum(sizes) ** 2 - sum(n**2 for n in sizes)) / 2
        return pairs * len(self.t)

    @property
    def key(self) -> str:
        """The content key, 64 hexadecimal digits: equal for equal graphs and settings, however given."""
        return self._key

    def __hash__(self) -> int:
        return hash(self._key)


@dataclass(frozen=True, eq=False)
class Distance:
    """The distance of two graphs at one time, with its proof.

    **Arguments:**

    - `value`: attained by `operator` at `alpha`.
    - `lower_bound`: no orthonormal P at any scale has a smaller one.
    - `t`: the time, None for the linear form.
    - `operator`: an optimal P of shape (n_fine, n_coarse).
    - `swapped`: whether the first of the two graphs is the fine one.
    """

    value: float
    lower_bound: float
    alpha: float
    t: float | None
    operator: Operator
    swapped: bool

    @property
    def gap(self) -> float:
        """`(value - lower_bound) / value`, 0 where the value is 0."""
        return (self.value - self.lower_bound) / self.value if self.value > 0 else 0.0


class DistanceMatrix(BaseModel):
    """All pairs of a list of graphs at one time `t`, as rows of symmetric matrices.

    `values[i][j]` is the distance of graphs i and j, not below `lower_bounds[i][j]` for any P and any scale;
    `alphas[i][j]` is the scale, with the smaller graph as the coarse one (of equally large ones the first). The
    diagonals are 0 and 1.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    t: float | None
    values: tuple[Row, ...]
    lower_bounds: tuple[Row, ...]
    alphas: tuple[Row, ...]

    @property
    def gap(self) -> float:
        """The largest `(value - lower_bound) / value` of all pairs."""
        values, bounds = np.asarray(self.values), np.asarray(self.lower_bounds)
        return float(np.max((values - bounds) / np.where(values > 0, values, 1.0), initial=0.0))

    def to_numpy(self) -> NDArray[np.float64]:
        """The values, shape (graphs, graphs)."""
        return np.asarray(self.values, dtype=np.float64)


class Distances(BaseModel):
    """The answer to a `DistanceProblem`: one matrix a time, in their order, and the wall `seconds` it took."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    matrices: tuple[DistanceMatrix, ...]
    seconds: float

    def at(self, t: float | None) -> DistanceMatrix:
        """The matrix of a time. **Raises:** `KeyError` where it was not asked for."""
        found: Sequence[DistanceMatrix] = [matrix for matrix in self.matrices if matrix.t == t]
        if not found:
            raise KeyError(t)
        return found[0]
