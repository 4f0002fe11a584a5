"""The arms of a comparison: how each is built from the same data and operators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from prolong.errors import InvalidInput
from prolong.operators import Operator
from prolong.train.autoencoder import MSANN_WIDTHS, Autoencoder
from prolong.train.cycles import Visit, fine_only, forever, nested, recursive
from prolong.train.data import SIDE, ImageRows
from prolong.train.hierarchy import Hierarchy
from prolong.train.linear import linear_shapes
from prolong.train.multiscale import AdditiveScheme, AdditiveSettings
from prolong.train.nested import NestedScheme, NestedSettings
from prolong.train.optimizers import adam
from prolong.train.ordering import morton_order
from prolong.train.samples import Samples
from prolong.train.scheme import AbstractScheme

__all__ = ["Arm", "Arms", "ComparisonSettings"]


@dataclass(frozen=True)
class ComparisonSettings:
    """What is compared.

    **Arguments:** `widths`, of the autoencoder; `depth`, the coarsest level; `keep`, how many of the finest steps
    leave hidden axes as they are; `cost`, each arm's budget in the published metric; `msann_cost`, the budget of
    the published recursion (gamma 3, k 1) as one more arm, 0 for none: its steps are all as slow as fine ones;
    `learning_rate`, of Adam in all arms, the best of {3e-3, 6e-3, 1e-2} for training on MNIST on the finest level
    alone; `gain`, of the start, the better of {1, 4} there; `held_out`, how many test images measure the error.
    """

    widths: tuple[int, ...] = MSANN_WIDTHS
    depth: int = 3
    keep: int = 1
    cost: float = 110_000.0
    msann_cost: float = 0.0
    batch: int = 128
    learning_rate: float = 6e-3
    gain: float = 4.0
    held_out: int = 2000
    seed: int = 0


@dataclass(frozen=True)
class Arm:
    """A scheme, not yet begun, with its schedule and its budget of cost."""

    scheme: AbstractScheme
    schedule: Iterator[Visit]
    cost: float
    described: dict[str, str | float | int | bool]


class Arms:
    """Builds arms by name.

    **Raises:** `InvalidInput` when an operator is missing.
    """

    def __init__(self, images: ImageRows, operators: Mapping[int, Operator], settings: ComparisonSettings) -> None:
        self._settings = settings
        self._data = _ordered(images.train)
        self._held_out = _ordered(images.test[: settings.held_out])
        shapes = linear_shapes(Autoencoder(settings.widths))
        hidden = dict.fromkeys(settings.widths[1:-1], settings.keep)
        self._fine = Hierarchy.of(shapes, operators, depth=0)
        self._kept = Hierarchy.of(shapes, operators, depth=settings.depth, keep=hidden)
        self._full = Hierarchy.of(shapes, operators, depth=settings.depth) if settings.msann_cost else None

    @property
    def names(self) -> tuple[str, ...]:
        """The arms that the settings ask for, in the order in which they should run."""
        return ("nested", "fine", "fine_glorot", *(("msann",) if self._full else ()))

    def build(self, name: str, *, rows: int | None = None) -> Arm:
        """The arm `name`, on the first `rows` samples only if given.

        **Raises:** `InvalidInput` for a name that is not in `names`.
        """
        data = self._data if rows is None else Samples.autoencoding(self._data.inputs[:rows])
        if name == "nested":
            return self._nested(data, self._kept, nested(self._settings.depth), self._settings.gain)
        if name == "fine":
            return self._nested(data, self._fine, fine_only(), self._settings.gain)
        if name == "fine_glorot":
            return self._nested(data, self._fine, fine_only(), 1.0)
        if name == "msann" and self._full is not None:
            return self._msann(data, self._full)
        raise InvalidInput.at("/arm", f"got {name!r}, needed one of {self.names}", code="arm")

    def _nested(self, data: Samples, hierarchy: Hierarchy, schedule: Iterator[Visit], gain: float) -> Arm:
        chosen = self._settings
        settings = NestedSettings(
            batch=chosen.batch, seed=chosen.seed, gain=gain, optimizer=adam(chosen.learning_rate)
        )
        module = Autoencoder(chosen.widths)
        scheme = NestedScheme(module, hierarchy, data=data, held_out=self._held_out, settings=settings)
        return Arm(scheme, schedule, chosen.cost, {**self._common(), "gain": gain, "depth": hierarchy.depth})

    def _msann(self, data: Samples, hierarchy: Hierarchy) -> Arm:
        chosen = self._settings
        settings = AdditiveSettings(
            batch=chosen.batch, seed=chosen.seed, optimizer=adam(chosen.learning_rate, coarse_factor=1.0)
        )
        module = Autoencoder(chosen.widths)
        scheme = AdditiveScheme(module, hierarchy, data=data, held_out=self._held_out, settings=settings)
        cycle = tuple(recursive(chosen.depth, gamma=3, k=1))
        described = {**self._common(), "gamma": 3, "k": 1, "depth": chosen.depth}
        return Arm(scheme, forever(cycle), chosen.msann_cost, described)

    def _common(self) -> dict[str, str | float | int | bool]:
        chosen = self._settings
        return {"batch": chosen.batch, "seed": chosen.seed, "learning_rate": chosen.learning_rate}


def _ordered(rows: NDArray[np.float32]) -> Samples:
    return Samples.autoencoding(torch.from_numpy(np.ascontiguousarray(rows[:, morton_order(SIDE)])))
