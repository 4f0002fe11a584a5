"""What a command does with the operators of a sweep: writes, draws and prints them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from prolong.cli.results import document, number, written
from prolong.cli.terminal import say
from prolong.operators import Operator
from prolong.plots import shown_localities, sweep_image
from prolong.problem import Problem

__all__ = ["deliver_sweep", "part_path"]

_HEADINGS = ("s", "objective", "diffusion", "locality", "lower bound", "gap", "proof", "outcome", "seconds")


def deliver_sweep(
    operators: Sequence[Operator], options: argparse.Namespace, *, problem: Problem, title: str
) -> None:
    """Do what `prolong.cli.arguments.add_results` let the caller ask for: a file a value, one picture for all."""
    found = dict(zip(problem.localities, operators, strict=True))
    if options.out is not None:
        for value, operator in found.items():
            part_path(options.out, value, problem.localities).write_bytes(written(operator, options.out))
    say(_document(found, problem) if options.json else _report(found, problem, title))
    if options.plot is not None:
        certificates = {value: item.certificate for value, item in found.items() if item.certificate is not None}
        shown = {value: found[value] for value in shown_localities(problem.localities)}
        options.plot.write_bytes(sweep_image(certificates, shown, title=title))


def part_path(path: Path, value: float, values: Sequence[float]) -> Path:
    """The file of one value: P.npz becomes P-s0.10.npz, with as many decimals as any of `values` needs."""
    return path.with_name(f"{path.stem}-s{value:.{_decimals(values)}f}{path.suffix}")


def _decimals(values: Sequence[float]) -> int:
    return max(2, *(-int(Decimal(repr(value)).as_tuple().exponent) for value in values))


def _report(found: Mapping[float, Operator], problem: Problem, title: str) -> str:
    n_fine, n_coarse = problem.fine.n, problem.coarse.n
    head = [
        f"pair       {title}",
        f"key        {problem.key}",
        f"operators  {len(found)} of {n_fine} x {n_coarse}",
    ]
    rows = [_HEADINGS, *(_row(value, operator) for value, operator in found.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    table = ("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join([*head, "", *table])


def _row(value: float, operator: Operator) -> tuple[str, ...]:
    certificate = operator.certificate
    if certificate is None:
        return (f"{value:g}", *["-"] * (len(_HEADINGS) - 1))
    return (
        f"{value:g}",
        number(certificate.objective),
        number(certificate.diffusion),
        number(certificate.locality),
        number(certificate.lower_bound),
        f"{100 * certificate.gap:.3g} %",
        str(certificate.proof),
        str(certificate.outcome),
        f"{certificate.seconds:.2f}",
    )


def _document(found: Mapping[float, Operator], problem: Problem) -> str:
    parts = [{"locality": value, **document(operator, problem.at(value).key)} for value, operator in found.items()]
    return json.dumps({"key": problem.key, "sweep": parts}, indent=2)
