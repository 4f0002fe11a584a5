"""What every graph specification can answer."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from prolong.graphs.adjacency import Adjacency
from prolong.model import InputModel

__all__ = ["Axis", "BaseGraph"]


@dataclass(frozen=True)
class Axis:
    """One direction of a grid: a path of `n` vertices, or a cycle where `periodic`."""

    n: int
    periodic: bool


class BaseGraph(InputModel):
    """A graph as data: frozen, small, and checked when it is made.

    Besides the methods below every specification has `kind`, the word that tells it apart in JSON, and `n`,
    its number of vertices, known without building anything.
    """

    @property
    @abstractmethod
    def edge_bound(self) -> int:
        """The number of edges, or a bound of it, known without building anything."""

    @abstractmethod
    def adjacency(self) -> Adjacency:
        """The canonical adjacency. Costs O(n + m) time and memory: check the limits first."""

    def axes(self) -> tuple[Axis, ...] | None:
        """The axes of a path, cycle, grid or torus, first axis slowest; None for other graphs."""
        return None
