"""What the records of the methods say, as numbers. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import exp, inf, log
from statistics import fmean

from prolong_worker.bench.base import Record
from prolong_worker.bench.solver.trial import Curve

__all__ = ["by_problem", "geometric_mean", "profile", "reached", "speedup", "worse_by"]

#: A problem: the pair's name and s.
ProblemName = tuple[str, float]

# Values this close, relative and absolute, are the same value: methods end with gradients of 1e-6.
_SAME, _NOTHING = 1e-6, 1e-9


def by_problem(records: Iterable[Record], kind: str = "compared") -> dict[ProblemName, dict[str, Record]]:
    """The records of one kind: problem, then method."""
    found: dict[ProblemName, dict[str, Record]] = {}
    for record in records:
        if record["kind"] == kind:
            found.setdefault((record["pair"], record["locality"]), {})[record["arm"]] = record
    return found


def reached(curve: Curve, target: float) -> float:
    """Seconds until the curve is at or below `target`; infinite where it never is."""
    return next((seconds for seconds, value in curve if value <= target), inf)


def worse_by(ours: Record, theirs: Record) -> float:
    """How much higher our value is, relative to theirs; 0 where it is the same within rounding or lower."""
    difference = ours["objective"] - theirs["objective"]
    if difference <= _SAME * theirs["objective"] + _NOTHING:
        return 0.0
    return float(difference / max(theirs["objective"], _NOTHING))


def speedup(ours: Record, theirs: Record) -> float:
    """How many times sooner we reach their last value than they do (within 1e-6, for both).

    Where we never do, our whole budget counts as our time, though it is not enough.
    """
    target = theirs["objective"] * (1 + _SAME) + _NOTHING
    spent = min(reached(ours["curve"], target), ours["budget_seconds"])
    return float(reached(theirs["curve"], target) / spent)


def geometric_mean(values: Iterable[float]) -> float | None:
    """Of positive numbers; None of none."""
    logarithms = [log(value) for value in values]
    return exp(fmean(logarithms)) if logarithms else None


def profile(
    problems: Iterable[Mapping[str, Record]], arms: Sequence[str], *, within: float
) -> dict[str, list[float]]:
    """Performance profiles (Dolan & Moré 2002).

    A method has solved a problem when its value is `within`, relative, of the best that any method found. Its
    ratio is its time until then over the fastest method's.

    **Returns:** a method's ratios over all problems, ascending; infinite where it did not solve the problem, or
    was not tried.
    """
    ratios: dict[str, list[float]] = {arm: [] for arm in arms}
    for records in problems:
        target = min(record["objective"] for record in records.values()) * (1 + within) + _NOTHING
        times = {arm: reached(records[arm]["curve"], target) if arm in records else inf for arm in arms}
        fastest = min(times.values())
        for arm, seconds in times.items():
            ratios[arm].append(seconds / fastest if seconds < inf else inf)
    return {arm: sorted(found) for arm, found in ratios.items()}
