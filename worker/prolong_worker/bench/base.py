"""What a benchmark is: cells to be measured one by one, and what is concluded from their records."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prolong_worker.bench.goals import Goal

__all__ = ["AbstractBench", "Cell", "Conclusion", "Record"]

#: What was measured in one cell; everything in it can be written as JSON.
Record = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One measurement.

    **Arguments:** `key`: names all that the record depends on (an interrupted run goes on by it); `label`: for
    people; `run`: measures.
    """

    key: str
    label: str
    run: Callable[[], Record]


@dataclass(frozen=True)
class Conclusion:
    """What the records say: a `text` with tables, the `goals`, and pictures by the file they go to."""

    text: str
    goals: Sequence[Goal]
    pictures: Mapping[Path, bytes] = field(default_factory=dict)


class AbstractBench(ABC):
    """One benchmark. Instances are stateless; `--quick`, `--seed` and the like are options of every benchmark."""

    @property
    @abstractmethod
    def summary(self) -> str:
        """What it measures, in one line."""

    @abstractmethod
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the benchmark's own options."""

    @abstractmethod
    def cells(self, options: argparse.Namespace) -> Sequence[Cell]:
        """What is to be measured, in this order. Keys are distinct. **Raises:** `InvalidInput`."""

    @abstractmethod
    def conclude(self, records: Sequence[Record], options: argparse.Namespace) -> Conclusion:
        """Tables, goals and pictures from one record a cell, in the order of the cells."""
