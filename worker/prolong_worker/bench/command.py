"""`prolong bench NAME`: measure, and say what came of it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from prolong.cli.arguments import OneLineParser, output_path
from prolong.cli.terminal import say
from prolong.errors import InvalidInput
from prolong_worker.bench.base import AbstractBench
from prolong_worker.bench.hardware import hardware_line
from prolong_worker.bench.ledger import Ledger
from prolong_worker.bench.runner import bench_document, measured
from prolong_worker.bench.solver.bench import SolverBench
from prolong_worker.bench.threads import pinned_threads

__all__ = ["BENCHES", "run"]

#: Every benchmark by name.
BENCHES: Mapping[str, AbstractBench] = {"solver": SolverBench()}

_FILES = ("json", "resume", "plot")


def run(arguments: Sequence[str]) -> int:
    """Run one benchmark. **Returns:** 0, also where goals are missed."""
    name, options = _parsed(arguments)
    bench = BENCHES[name]
    ledger = Ledger(options.resume or Path(".prolong") / "bench" / f"{name}.jsonl")
    with pinned_threads(options.threads):
        records = measured(bench.cells(options), ledger)
    conclusion = bench.conclude(records, options)
    document = bench_document(name, _settings(options), records, conclusion)
    for path, picture in conclusion.pictures.items():
        path.write_bytes(picture)
    if options.json is not None:
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    say(conclusion.text)
    say(f"\n{hardware_line(document['hardware'])}; threads {options.threads}; commit {document['commit']}\n")
    for goal in conclusion.goals:
        say(goal.line)
    return 0


def _parsed(arguments: Sequence[str]) -> tuple[str, argparse.Namespace]:
    if arguments and arguments[0] in BENCHES:
        return arguments[0], _parser(arguments[0]).parse_args(arguments[1:])
    names = "\n".join(f"  {name:<8}{bench.summary}" for name, bench in BENCHES.items())
    parser = OneLineParser(
        prog="prolong bench",
        usage="prolong bench [--help] NAME ...",
        description="Measure this machine and this version.",
        epilog=f"benchmarks:\n{names}",
    )
    _, others = parser.parse_known_args(arguments)
    named = f"{others[0]!r} is no benchmark" if others else "no benchmark is given"
    raise InvalidInput.at("", f"{named}; the benchmarks are {', '.join(BENCHES)} (see prolong bench --help)")


def _parser(name: str) -> OneLineParser:
    bench = BENCHES[name]
    parser = OneLineParser(prog=f"prolong bench {name}", description=f"Measures {bench.summary}.")
    parser.add_argument("--quick", action="store_true", help="a small part, in under 3 minutes")
    parser.add_argument("--seed", type=_count, default=0, metavar="N", help="of everything random (default 0)")
    parser.add_argument("--threads", type=_positive, default=1, metavar="N", help="of every library (default 1)")
    parser.add_argument(
        "--json", type=output_path(".json"), metavar="FILE.json", help="write hardware, commit, results and goals"
    )
    parser.add_argument(
        "--resume",
        type=output_path(".jsonl"),
        metavar="FILE.jsonl",
        help=f"where finished cells are kept, and taken from (default .prolong/bench/{name}.jsonl)",
    )
    bench.add_arguments(parser)
    return parser


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in vars(options).items() if name not in _FILES}


def _count(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= number < 2**31:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0, not {text!r}")
    return number


def _positive(text: str) -> int:
    if (number := _count(text)) == 0:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
