"""A lineage: the operators between the sizes of one axis, from fine to coarse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from prolong.errors import InvalidInput
from prolong.operators import Operator, SparseOperator

__all__ = ["Lineage"]


@dataclass(frozen=True, eq=False)
class Lineage:
    """One axis on all its levels.

    **Arguments:** `n_fine`, the size at level 0; `operators`, where `operators[l]` has shape
    `(sizes[l], sizes[l + 1])` and carries level l + 1 to level l.

    **Raises:** `InvalidInput` when the sizes do not chain.
    """

    n_fine: int
    operators: tuple[Operator, ...]

    def __post_init__(self) -> None:
        expected = self.n_fine
        for level, operator in enumerate(self.operators):
            n_fine, n_coarse = operator.shape
            if n_fine != expected:
                raise InvalidInput.at(
                    f"/operators/{level}",
                    f"the operator has {n_fine} fine vertices, but level {level} of this lineage has {expected}",
                    code="sizes_do_not_chain",
                )
            expected = n_coarse

    @classmethod
    def of(cls, operators: Mapping[int, Operator], n_fine: int, *, depth: int, keep: int = 0) -> Lineage:
        """The lineage of an axis of size `n_fine`, `depth` steps long, from operators keyed by fine size.

        **Arguments:** `keep`, how many of the steps, from the finest, leave the axis as it is.

        **Raises:** `InvalidInput` when a step is missing.
        """
        unchanged = SparseOperator.from_partition(np.arange(n_fine), np.ones(n_fine), n_fine)
        chain: list[Operator] = [unchanged] * min(keep, depth)
        size = n_fine
        for level in range(len(chain), depth):
            if size not in operators:
                raise InvalidInput.at(
                    f"/operators/{size}",
                    f"no operator coarsens {size} vertices (needed at level {level} of an axis of {n_fine}); "
                    f"there are operators for {sorted(operators)}",
                    code="missing_operator",
                )
            chain.append(operators[size])
            size = operators[size].shape[1]
        return cls(n_fine, tuple(chain))

    @property
    def depth(self) -> int:
        """How many steps it has; there are `depth + 1` sizes."""
        return len(self.operators)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The axis' size at each level, finest first."""
        return (self.n_fine, *(operator.shape[1] for operator in self.operators))
