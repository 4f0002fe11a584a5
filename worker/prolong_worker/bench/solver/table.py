"""The records as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prolong_worker.bench.base import Record
from prolong_worker.bench.solver.arms import ARMS, CG, OURS
from prolong_worker.bench.solver.measures import by_problem, speedup

__all__ = ["tables"]

_ABSENT = ""


def tables(records: Sequence[Record]) -> str:
    """Values of all methods with our gaps and times, then exactness and long runs where they were measured."""
    parts = [_compared(records), _certified("exact", records), *_long(records)]
    return "\n\n".join(part for part in parts if part)


def _compared(records: Sequence[Record]) -> str:
    problems = by_problem(records)
    arms = [arm for arm in ARMS if any(arm in found for found in problems.values())]
    header = ["pair", "s", *arms, "gap of ours", "proof", "ours sooner than CG by"]
    rows = [[*name_of(*name), *_row(found, arms)] for name, found in problems.items()]
    return markdown(header, rows) if rows else ""


def name_of(pair: str, locality: float) -> list[str]:
    """The first two columns of a row."""
    return [pair, f"{locality:g}"]


def _row(found: Mapping[str, Record], arms: Sequence[str]) -> list[str]:
    best = min(record["objective"] for record in found.values())
    values = [_value(found.get(arm), best) for arm in arms]
    ours, cg = found.get(OURS, {}), found.get(CG)
    sooner = f"{speedup(found[OURS], cg):.3g}x" if ours and cg else _ABSENT
    return [*values, _percent(ours), str(ours.get("proof", _ABSENT)), sooner]


def _value(record: Record | None, best: float) -> str:
    if record is None:
        return _ABSENT
    text = f"{record['objective']:.6g}"
    return f"**{text}**" if record["objective"] <= best * (1 + 1e-6) + 1e-9 else text


def _percent(record: Mapping[str, float]) -> str:
    return f"{100 * record['gap']:.3g} %" if "gap" in record else _ABSENT


def _certified(kind: str, records: Sequence[Record]) -> str:
    rows = [
        [*name_of(record["pair"], record["locality"]), f"{record['objective']:.8g}", _percent(record),
         str(record.get("proof", _ABSENT)), str(record.get("outcome", _ABSENT)), f"{record['seconds']:.3g}"]
        for record in records
        if record["kind"] == kind
    ]  # fmt: skip
    return markdown(["pair", "s", "objective", "gap", "proof", "outcome", "seconds"], rows) if rows else ""


def _long(records: Sequence[Record]) -> list[str]:
    parts = [_certified("large", records)]
    for (pair, locality), arms in by_problem(records, "long").items():
        values = ", ".join(f"{arm} {record['objective']:.6g}" for arm, record in arms.items())
        sooner = f"; ours sooner by {speedup(arms[OURS], arms[CG]):.3g}x" if {OURS, CG} <= arms.keys() else ""
        parts.append(f"{pair}, s = {locality:g}, 600 s: {values}{sooner}")
    return parts


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with aligned columns."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )
