"""What a schedule moves over: the models of all levels, however they are related."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from prolong.train.hierarchy import Hierarchy

__all__ = ["AbstractScheme"]


class AbstractScheme(ABC):
    """The level models of one network, one of them current; before the first `enter`, none is."""

    hierarchy: Hierarchy
    batch: int

    @abstractmethod
    def enter(self, level: int) -> None:
        """Make `level` current and carry over what the others have learnt.

        **Raises:** `InvalidInput` when the scheme cannot go there from where it is.
        """

    @abstractmethod
    def step(self) -> float:
        """Smooth the current level with one batch; its loss before the step, as the fine network would have it."""

    @abstractmethod
    def evaluate(self) -> float:
        """The fine network's loss on held-out data."""

    @abstractmethod
    def merge(self) -> dict[str, Tensor]:
        """The fine network's `state_dict` of what has been learnt so far."""
