"""Goals: a figure, what it should be, and whether it is. A missed goal is reported, it is no error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Goal"]


@dataclass(frozen=True)
class Goal:
    """One goal.

    **Arguments:** `value`: the figure reached, None where this run did not measure it; `goal`: the figure aimed
    at; `sense`: whether `value` should be `"<="` or `">="` that.
    """

    name: str
    value: float | None
    goal: float
    unit: str
    sense: Literal["<=", ">="] = "<="

    @property
    def met(self) -> bool:
        """Whether the figure was measured and is good enough."""
        if self.value is None:
            return False
        return self.value <= self.goal if self.sense == "<=" else self.value >= self.goal

    @property
    def line(self) -> str:
        """The goal for people."""
        unit = f" {self.unit}" if self.unit else ""
        aim = f"goal {self.sense} {self.goal:.4g}{unit}"
        if self.value is None:
            return f"unmeasured  {self.name} ({aim})"
        return f"{'met' if self.met else 'MISSED':<12}{self.name}: {self.value:.4g}{unit} ({aim})"

    def document(self) -> dict[str, Any]:
        """The goal as JSON."""
        return {"name": self.name, "value": self.value, "goal": self.goal, "unit": self.unit, "met": self.met}
