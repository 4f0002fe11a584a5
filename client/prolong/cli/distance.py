"""`prolong distance A B ...`: graph diffusion distances, in this process, or through a service with --url."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from prolong.cli.arguments import OneLineParser
from prolong.cli.graph_arguments import parsed_graph
from prolong.cli.terminal import say
from prolong.client import Client
from prolong.client.progress import watching
from prolong.diffusion import DistanceMatrix, DistanceProblem, Distances
from prolong.errors import FieldError, InvalidInput
from prolong.local import distances

__all__ = ["run"]

_LINEAR = "linear"
_LONGEST_NAME = 24


def run(arguments: Sequence[str]) -> int:
    """Find the distances of all pairs and say what is proved about them. **Returns:** the exit status."""
    options = _parser().parse_args(arguments)
    names = [options.first, options.second, *options.others]
    problem = _problem(names, options)
    found = _found_here(problem) if options.url is None else _found_there(problem, options.url)
    say(found.model_dump_json(indent=2) if options.json else _report(names, found))
    return 0


def _problem(names: Sequence[str], options: argparse.Namespace) -> DistanceProblem:
    graphs = tuple(parsed_graph(f"GRAPH {number}", name) for number, name in enumerate(names, 1))
    try:
        return DistanceProblem(graphs=graphs, t=options.t, max_seconds=options.max_seconds)
    except InvalidInput as error:
        raise type(error)(*map(_renamed, error.errors)) from error


def _renamed(field: FieldError) -> FieldError:
    """A fault of the problem as one of the command line: `/graphs/0` is `GRAPH 1`."""
    first, *others = field.pointer.split("/")[1:] or [""]
    if first == "graphs" and others:
        return FieldError(f"GRAPH {int(others[0]) + 1}", field.detail, field.code)
    return FieldError({"t": "--t", "max_seconds": "--max-seconds"}.get(first, first), field.detail, field.code)


def _found_here(problem: DistanceProblem) -> Distances:
    count = len(problem.graphs)
    with watching(None, label="distances", total=len(problem.t) * count * (count - 1) // 2) as watch:
        return distances(problem, on_progress=lambda _: watch.advance())


def _found_there(problem: DistanceProblem, url: str) -> Distances:
    with Client(url) as client:
        return client.distances(problem)


def _report(names: Sequence[str], found: Distances) -> str:
    short = [name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..." for name in names]
    table = _pair if len(names) == 2 else _table
    return "\n\n".join(table(short, matrix) for matrix in found.matrices)


def _pair(names: Sequence[str], matrix: DistanceMatrix) -> str:
    rows = [
        ("pair", f"{names[0]}, {names[1]}"),
        ("t", _time(matrix)),
        ("distance", f"{matrix.values[0][1]:.10g}"),
        ("lower bound", f"{matrix.lower_bounds[0][1]:.10g}"),
        ("gap", f"{100 * matrix.gap:.3g} %"),
        ("alpha", f"{matrix.alphas[0][1]:.8g}"),
    ]
    return "\n".join(f"{name:<11}  {value}" for name, value in rows)


def _table(names: Sequence[str], matrix: DistanceMatrix) -> str:
    width = max(map(len, names))
    rows = [
        f"{name:<{width}}  " + "  ".join(f"{value:10.6g}" for value in row) for name, row in _rows(names, matrix)
    ]
    return "\n".join([f"t = {_time(matrix)}, largest gap {100 * matrix.gap:.3g} %", *rows])


def _rows(names: Sequence[str], matrix: DistanceMatrix) -> list[tuple[str, np.ndarray]]:
    return list(zip(names, matrix.to_numpy(), strict=True))


def _time(matrix: DistanceMatrix) -> str:
    return _LINEAR if matrix.t is None else f"{matrix.t:g}"


def _times(text: str) -> tuple[float | None, ...]:
    try:
        return tuple(None if part == _LINEAR else float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be numbers or {_LINEAR}, commas between, not {text!r}") from None


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="prolong distance",
        description="Graph diffusion distances of all pairs of graphs, each with a proven lower bound.",
    )
    parser.add_argument("first", metavar="A", help="a graph, in shorthand (path:32, tree:2,5) or a file")
    parser.add_argument("second", metavar="B", help="another one, of any size")
    parser.add_argument("others", metavar="C", nargs="*", help="more")
    parser.add_argument(
        "--t", type=_times, default=(1.0,), metavar="T[,T...]", help=f"times, or {_LINEAR} (default 1)"
    )
    parser.add_argument("--url", help="of a service that is to find them; else it is done here")
    parser.add_argument("--max-seconds", type=float, default=600.0, metavar="X", help="at a service (default 600)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
