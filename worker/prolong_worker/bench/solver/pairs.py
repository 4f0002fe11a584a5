"""The suite: pairs of graphs of many kinds, 48 to 512 fine vertices (the smallest one is Nelder and Mead's)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from math import log, pi, sqrt
from typing import Any

import networkx as nx

from prolong import Problem, graphs
from prolong.graphs import GraphSpec
from prolong_worker.solve.setting import setting_of

__all__ = ["ALPHA", "Pair", "random_geometric", "suite"]

ALPHA = 1.0


@dataclass(frozen=True)
class Pair:
    """A pair of graphs.

    **Arguments:** `commuting`: whether both graphs' Laplacians commute with their distances, so that the answer is
    exact at every s; `quick`: whether `--quick` takes it.
    """

    name: str
    coarse: GraphSpec
    fine: GraphSpec
    commuting: bool = False
    quick: bool = False

    @cached_property
    def beta(self) -> float:
        """What `"auto"` is for this pair: one number for all methods and every s."""
        problem = Problem(coarse=self.coarse, fine=self.fine, locality=0.5, alpha=ALPHA, beta="auto")
        locality = setting_of(problem).locality
        if locality is None:
            raise ValueError(f"{self.name}: the suite's graphs are connected")
        return float(locality.scale.start)

    def problem(self, locality: float, **settings: Any) -> Problem:
        """The pair's problem at one s."""
        return Problem(
            coarse=self.coarse, fine=self.fine, locality=locality, alpha=ALPHA, beta=self.beta, **settings
        )


def suite(seed: int) -> Sequence[Pair]:
    """All pairs, smallest fine graphs first; `seed` is that of the random graphs."""
    pairs = [*_regular(), *_irregular(seed)]
    return sorted(pairs, key=lambda pair: (pair.fine.n, pair.name))


def _regular() -> list[Pair]:
    return [
        _named("cycle:24", "cycle:48", commuting=True, quick=True),
        _named("path:24", "path:48", quick=True),
        _named("path:40", "path:60"),
        _named("complete:24", "complete:48", commuting=True),
        _named("torus:4x6", "torus:8x6", commuting=True),
        _named("tree:2,4", "tree:2,5", quick=True),
        _named("grid:4x8", "grid:8x8"),
        _named("hypercube:5", "hypercube:6", commuting=True),
        _named("star:32", "wheel:64"),
        _named("path:32", "path:128"),
        _named("path:64", "path:128"),
        _named("torus:8x8", "torus:16x16", commuting=True),
        _named("grid:8x16", "grid:16x16"),
        _named("path:128", "path:256"),
        _named("tree:2,7", "tree:2,8"),
        _named("cycle:256", "cycle:512", commuting=True),
    ]


def _irregular(seed: int) -> list[Pair]:
    karate, social = nx.karate_club_graph(), nx.les_miserables_graph()
    return [
        _networks("florentine -> karate", nx.florentine_families_graph(), karate),
        _networks("karate -> les miserables", karate, social, quick=True),
        _networks("women -> les miserables", nx.davis_southern_women_graph(), social),
        _networks("barbell 32 -> 64", nx.barbell_graph(12, 8), nx.barbell_graph(24, 16)),
        _networks("ladder 32 -> 64", nx.ladder_graph(16), nx.ladder_graph(32)),
        _networks("small world 48 -> 96", _small_world(48, seed), _small_world(96, seed)),
        _networks("small world 128 -> 256", _small_world(128, seed), _small_world(256, seed)),
        _networks("scale free 32 -> 96", _scale_free(32, seed), _scale_free(96, seed)),
        _networks("scale free 128 -> 384", _scale_free(128, seed), _scale_free(384, seed)),
        random_geometric(40, 100, seed=seed),
        random_geometric(128, 256, seed=seed),
        random_geometric(256, 512, seed=seed),
    ]


def random_geometric(n_coarse: int, n_fine: int, *, seed: int) -> Pair:
    """Two random geometric graphs, each the first connected one from `seed` on, near the threshold of that."""
    return Pair(
        f"random geometric {n_coarse} -> {n_fine}", _geometric(n_coarse, seed), _geometric(n_fine, seed + 1)
    )


def _geometric(n: int, seed: int) -> GraphSpec:
    radius = 1.2 * sqrt(log(n) / (pi * n))
    trials = (graphs.random_geometric(n, radius, seed=seed + 7919 * trial) for trial in count())
    return next(graph for graph in trials if graph.adjacency().components == 1)


def _small_world(n: int, seed: int) -> Any:
    return nx.connected_watts_strogatz_graph(n, 4, 0.2, seed=seed)


def _scale_free(n: int, seed: int) -> Any:
    return nx.barabasi_albert_graph(n, 2, seed=seed)


def _named(coarse: str, fine: str, **traits: bool) -> Pair:
    return Pair(f"{coarse} -> {fine}", _spec(coarse), _spec(fine), **traits)


def _spec(text: str) -> GraphSpec:
    spec: Any = graphs.parse(text)
    graph: GraphSpec = spec
    return graph


def _networks(name: str, coarse: Any, fine: Any, **traits: bool) -> Pair:
    return Pair(name, graphs.from_networkx(coarse), graphs.from_networkx(fine), **traits)
