"""What a comparison of training runs found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from prolong.train.history import History

__all__ = ["Comparison", "Row"]

_REFERENCE = "nested"


@dataclass(frozen=True)
class Row:
    """When one arm reached one target, and how many times more it took than the nested arm.

    **Arguments:** `cost` and `cpu_seconds` are None where the arm never got there; then the ratios are those of
    its whole budget, and `at_least` is True. Ratios are None where the nested arm did not get there.
    """

    target: float
    arm: str
    cost: float | None
    cpu_seconds: float | None
    cost_ratio: float | None
    seconds_ratio: float | None
    at_least: bool


@dataclass(frozen=True)
class Comparison:
    """Histories by arm, on the data set `data` from `source`, and the errors to reach."""

    data: str
    source: str
    targets: tuple[float, ...]
    histories: Mapping[str, History]

    def rows(self) -> tuple[Row, ...]:
        """One row a target and arm, in order."""
        return tuple(self._row(target, arm) for target in self.targets for arm in self.histories)

    def table(self) -> str:
        """The rows as aligned text, one line each under a heading."""
        heading = f"{'MSE':>7}  {'arm':<12} {'cost':>9} {'CPU s':>7}  {'cost ratio':>10} {'time ratio':>10}"
        return "\n".join([heading, *(_line(row) for row in self.rows())])

    def to_json(self) -> str:
        """Everything, every number included."""
        document = {
            "data": self.data,
            "source": self.source,
            "rows": [asdict(row) for row in self.rows()],
            "histories": {arm: json.loads(history.to_json()) for arm, history in self.histories.items()},
        }
        return json.dumps(document)

    def _row(self, target: float, arm: str) -> Row:
        history = self.histories[arm]
        reached = history.first_below(target)
        best = self.histories[_REFERENCE].first_below(target)
        work = (reached or history.evaluations[-1]).work
        return Row(
            target=target,
            arm=arm,
            cost=work.cost if reached else None,
            cpu_seconds=work.cpu_seconds if reached else None,
            cost_ratio=_ratio(work.cost, best.work.cost) if best else None,
            seconds_ratio=_ratio(work.cpu_seconds, best.work.cpu_seconds) if best else None,
            at_least=reached is None,
        )


def _ratio(value: float, reference: float) -> float | None:
    return value / reference if reference > 0 else None


def _line(row: Row) -> str:
    bound = ">" if row.at_least else ""
    cost = "never" if row.cost is None else f"{row.cost:,.0f}"
    seconds = "-" if row.cpu_seconds is None else f"{row.cpu_seconds:.2f}"
    ratios = ["-" if ratio is None else f"{bound}{ratio:.1f}x" for ratio in (row.cost_ratio, row.seconds_ratio)]
    return f"{row.target:>7.4f}  {row.arm:<12} {cost:>9} {seconds:>7}  {ratios[0]:>10} {ratios[1]:>10}"
