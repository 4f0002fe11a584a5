"""What the demo says and writes."""

from __future__ import annotations

import json
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operators import Found
from tqdm import tqdm

from prolong import plots
from prolong.train import Comparison, learning_curves


def say(text: str) -> None:
    """A line for the reader, at once."""
    print(text, flush=True)


def held(found: list[Found], seconds: float) -> None:
    """Say how many operators were there before they were asked for."""
    before = sum(item.held for item in found)
    say(f"{len(found)} operators in {seconds:.1f} s: {before} found in the cache, {len(found) - before} computed.")


def operators(found: list[Found], out: Path) -> None:
    """Print each certificate and draw each operator."""
    say(
        "E = (1 - s) D + s Q; no operator has an E below the bound, and the gap is (E - bound) / E. Aggregation\n"
        "operators are known, not searched for: they are sparse and local, and what training below uses.\n"
    )
    say(f"{'pair':<40} {'E':>9} {'D':>8} {'Q':>9} {'bound':>8} {'gap':>6} {'s':>6}  method, outcome, from")
    for item in found:
        proof = item.certificate
        origin = "cache" if item.held else "computed"
        say(
            f"{item.name:<40} {proof.objective:9.4f} {_number(proof.diffusion):>8} {_number(proof.locality):>9} "
            f"{proof.lower_bound:8.4f} {proof.gap:6.1%} {proof.seconds:6.2f}  "
            f"{proof.method}, {proof.outcome}, {origin}"
        )
        _write(out / f"operator {_slug(item.name)}.png", plots.operator_image(item.operator, title=item.name))


def training(comparison: Comparison, out: Path) -> None:
    """Print the table of costs and seconds and draw the learning curves."""
    say(
        "Cost (the paper's metric) and CPU seconds to reach a held-out error, and how many times the nested arm's:"
    )
    say(comparison.table())
    out.mkdir(parents=True, exist_ok=True)
    learning_curves(comparison, out / "learning curves.png")


def numbers(found: list[Found], comparison: Comparison, out: Path) -> None:
    """Write every number of the run."""
    document = {
        "machine": {"processor": platform.machine(), "python": platform.python_version()},
        "operators": [
            {
                "name": item.name,
                "key": item.problem.key,
                "held": item.held,
                "shape": item.operator.shape,
                "certificate": item.certificate.model_dump(mode="json"),
            }
            for item in found
        ],
        "training": json.loads(comparison.to_json()),
    }
    _write(out / "numbers.json", json.dumps(document, indent=1).encode())


@dataclass
class Bar:
    """A line of progress over the arms of the training."""

    line: tqdm[Any]
    budget: float
    done: dict[str, float] = field(default_factory=dict)

    def show(self, arm: str, *, level: int, loss: float, cost: float) -> None:
        """Say where an arm stands."""
        self.done[arm] = cost
        self.line.set_description_str(f"{arm:<12}")
        self.line.set_postfix_str(f"level {level}, MSE {loss:.4f}")
        self.line.n = min(cost, self.budget)
        self.line.refresh()


@contextmanager
def training_bar(budget: float) -> Iterator[Bar]:
    """A bar that fills with the cost spent; shown on terminals only."""
    form = "{desc} {percentage:3.0f}% |{bar}| {elapsed}{postfix}"
    with tqdm(total=budget, bar_format=form, disable=not sys.stderr.isatty(), leave=False) as line:
        yield Bar(line, budget)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _slug(name: str) -> str:
    return re.sub(r"[^\w.]+", "-", name).strip("-").lower()
