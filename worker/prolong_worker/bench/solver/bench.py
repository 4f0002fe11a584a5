"""`prolong bench solver`: options, cells, conclusion."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from math import isfinite

from prolong.cli.arguments import output_path
from prolong_worker.bench.base import AbstractBench, Cell, Conclusion, Record
from prolong_worker.bench.solver.arms import ARMS
from prolong_worker.bench.solver.cells import CLOCKS, Plan, planned
from prolong_worker.bench.solver.measures import by_problem, profile
from prolong_worker.bench.solver.picture import profile_picture
from prolong_worker.bench.solver.table import tables
from prolong_worker.bench.solver.targets import goals_of

__all__ = ["SolverBench"]

_ACCURACIES = (1e-3, 5e-2)
_SECONDS, _QUICK_SECONDS = 15.0, 1.0


class SolverBench(AbstractBench):
    """Every method of ours beside PyManOpt's, geoopt's and others, at s = 0.3 and 0.7, alpha 1, beta auto."""

    @property
    def summary(self) -> str:
        return "the solver beside PyManOpt, geoopt and others"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--seconds", type=_seconds, metavar="X", help="every method's budget a problem (default 15; quick: 1)"
        )
        parser.add_argument(
            "--clock", choices=tuple(CLOCKS), default="cpu", help="cpu: seconds of this process (default); wall"
        )
        parser.add_argument("--plot", type=output_path(".png"), metavar="FILE.png", help="performance profile")
        parser.add_argument(
            "--pairs", nargs="+", default=(), metavar="WORD", help="only pairs whose names have one of the words"
        )
        parser.add_argument(
            "--arms",
            nargs="+",
            choices=tuple(ARMS),
            default=tuple(ARMS),
            metavar="NAME",
            help="only these methods",
        )
        parser.add_argument("--long", action="store_true", help="also what takes ten minutes a cell")

    def cells(self, options: argparse.Namespace) -> Sequence[Cell]:
        return planned(
            Plan(
                seconds=_budget(options),
                seed=options.seed,
                clock=options.clock,
                quick=options.quick,
                long=options.long,
                pairs=options.pairs,
                arms=options.arms,
            )
        )

    def conclude(self, records: Sequence[Record], options: argparse.Namespace) -> Conclusion:
        pictures = {}
        if options.plot is not None:
            problems = by_problem(records).values()
            profiles = {within: profile(problems, options.arms, within=within) for within in _ACCURACIES}
            title = f"{len(problems)} problems, {_budget(options):g} s for each method"
            pictures[options.plot] = profile_picture(profiles, title=title)
        return Conclusion(tables(records), goals_of(records, seconds=_budget(options)), pictures)


def _budget(options: argparse.Namespace) -> float:
    seconds: float | None = options.seconds
    return seconds or (_QUICK_SECONDS if options.quick else _SECONDS)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not (isfinite(seconds) and seconds > 0):
        raise argparse.ArgumentTypeError(f"must be a positive number of seconds, not {text!r}")
    return seconds
