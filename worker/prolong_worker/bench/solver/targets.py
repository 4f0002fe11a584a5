"""The goals of the solver's benchmark, from its records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from prolong_worker.bench.base import Record
from prolong_worker.bench.goals import Goal
from prolong_worker.bench.solver.arms import CG, OURS
from prolong_worker.bench.solver.measures import by_problem, geometric_mean, speedup, worse_by

__all__ = ["goals_of"]

_SMALL_FINE = 128
_SMALL_ENTRIES = 8_000
# Rounding of bounds, relative.
_ROUNDING = 1e-9


def goals_of(records: Sequence[Record], *, seconds: float) -> list[Goal]:
    """All goals, also those that the records do not speak of."""
    return [*_against_cg(records, seconds), *_gaps(records), *_exactness(records), *_large(records)]


def _against_cg(records: Sequence[Record], seconds: float) -> list[Goal]:
    found = [(arms[OURS], arms[CG]) for arms in by_problem(records).values() if arms.keys() >= {OURS, CG}]
    small = [pair for pair in found if pair[0]["n_fine"] <= _SMALL_FINE]
    worse = _count((worse_by(*pair) > 0 for pair in small), known=bool(small))
    long = [arms for arms in by_problem(records, "long").values() if arms.keys() >= {OURS, CG}]
    value = f"PyManOpt CG's value after {seconds:g} s"
    return [
        Goal(f"problems with a worse value than {value}, n_fine <= 128", worse, 0, ""),
        Goal(
            f"time to reach {value}, geometric mean, n_fine <= 128",
            geometric_mean(speedup(*pair) for pair in small),
            100,
            "times faster",
            ">=",
        ),
        Goal(
            "time to reach PyManOpt CG's value after 600 s, n_fine = 512",
            geometric_mean(speedup(arms[OURS], arms[CG]) for arms in long),
            300,
            "times faster",
            ">=",
        ),
    ]


def _gaps(records: Sequence[Record]) -> list[Goal]:
    problems = by_problem(records)
    ours = [arms[OURS] for arms in problems.values() if OURS in arms]
    small = [record for record in ours if record["n_coarse"] * record["n_fine"] <= _SMALL_ENTRIES]
    wrong = (
        record["lower_bound"] > other["objective"] * (1 + _ROUNDING) + _ROUNDING
        for arms in problems.values()
        for record in arms.values()
        for other in arms.values()
        if "lower_bound" in record
    )
    return [
        Goal("certified gap, median, n_coarse * n_fine <= 8000", _median_percent(small), 0.1, "%"),
        Goal("certified gap, median, all pairs", _median_percent(ours), 2.0, "%"),
        Goal("bounds above a value that some method reached", _count(wrong, known=bool(ours)), 0, ""),
    ]


def _exactness(records: Sequence[Record]) -> list[Goal]:
    exact = [record for record in records if record["kind"] == "exact"]
    ends = [record for record in exact if record["locality"] in {0.0, 1.0}]
    inner = [record for record in exact if record not in ends]
    return [
        Goal(
            "problems at s = 0 and 1 without a gap of 0",
            _count((record["gap"] > 0 for record in ends), known=bool(ends)),
            0,
            f"of {len(ends)}",
        ),
        Goal(
            "cycles, tori, hypercubes, complete graphs at s = 0.1, 0.5, 0.9 without a gap of 0",
            _count((record["gap"] > 0 for record in inner), known=bool(inner)),
            0,
            f"of {len(inner)}",
        ),
    ]


def _large(records: Sequence[Record]) -> list[Goal]:
    large = [record for record in records if record["kind"] == "large"]
    pair = "random geometric 1024 -> 2048, s = 0.5"
    return [
        Goal(f"{pair}: wall time", max((r["seconds"] for r in large), default=None), 600, "s"),
        Goal(f"{pair}: peak memory", max((r["peak_memory_gib"] for r in large), default=None), 4, "GiB"),
    ]


def _count(flags: Iterable[bool], *, known: bool) -> float | None:
    return float(sum(flags)) if known else None


def _median_percent(records: Sequence[Record]) -> float | None:
    return 100 * median(record["gap"] for record in records) if records else None
