"""`prolong solve COARSE FINE`: in this process, or through a service with --url."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, get_args

from prolong.cli.arguments import OneLineParser, add_results
from prolong.cli.graph_arguments import parsed_graph
from prolong.cli.localities import localities
from prolong.cli.results import deliver
from prolong.cli.sweeps import deliver_sweep
from prolong.client import Client
from prolong.client.progress import describe_search, watching
from prolong.errors import FieldError, InvalidInput
from prolong.local import solve, solve_sweep
from prolong.operators import Operator
from prolong.problem import Method, Problem, Structure
from prolong.wire import Progress

__all__ = ["run"]

_GRAPHS = "path:32, cycle:64, grid:8x8, torus:8x8, tree:2,5, hypercube:5, box(path:8,cycle:8), or a graph file"
_SETTINGS = tuple(name for name in Problem.model_fields if name not in {"coarse", "fine"})


def run(arguments: Sequence[str]) -> int:
    """Find the operator and say what is proved about it. **Returns:** the exit status."""
    options = _parser().parse_args(arguments)
    coarse, fine = parsed_graph("COARSE", options.coarse), parsed_graph("FINE", options.fine)
    settings: dict[str, Any] = {name: getattr(options, name) for name in _SETTINGS if name in options}
    with _in_terms_of_arguments():
        problem = Problem(coarse=coarse, fine=fine, **settings)
        operators = _solve_here(problem) if options.url is None else _solve_there(problem, options.url)
    title = f"{_short(options.coarse)} → {_short(options.fine)}"
    if problem.is_sweep:
        deliver_sweep(operators, options, problem=problem, title=title)
    else:
        deliver(operators[0], options, key=problem.key, title=f"{title}, s = {problem.s:g}")
    return 0


def _solve_here(problem: Problem) -> Sequence[Operator]:
    with watching(None, label="searching") as watch:

        def report(progress: Progress) -> None:
            watch.say(describe_search(progress))

        if problem.is_sweep:
            return solve_sweep(problem, on_progress=report)
        return [solve(problem, on_progress=report)]


def _solve_there(problem: Problem, url: str) -> Sequence[Operator]:
    with Client(url) as client:
        return client.sweep(problem)


@contextmanager
def _in_terms_of_arguments() -> Iterator[None]:
    """What is wrong with the problem, here or by the service's limits, is told in the names of the arguments."""
    try:
        yield
    except InvalidInput as error:
        raise type(error)(*map(_renamed, error.errors)) from error


def _renamed(field: FieldError) -> FieldError:
    """A fault of the problem as one of the command line: `/max_seconds` is `--max-seconds`."""
    name = field.pointer.split("/")[1] if field.pointer else ""
    known = {"coarse": "COARSE", "fine": "FINE", **{entry: _option(entry) for entry in _SETTINGS}}
    return FieldError(known.get(name, field.pointer), field.detail, field.code)


def _option(setting: str) -> str:
    return "--" + setting.replace("_", "-")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def _process(text: str) -> Any:
    name, colon, time = text.partition(":")
    if name != "heat" or not colon:
        return text
    try:
        return {"kind": "heat", "t": float(time)}
    except ValueError:
        raise argparse.ArgumentTypeError(f"must have a time as in heat:1.0, not {text!r}") from None


def _scale(text: str) -> float | str:
    try:
        return text if text in {"auto", "joint"} else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, auto or joint, not {text!r}") from None


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="prolong solve",
        description="Find the orthonormal matrix that best carries a process from COARSE to FINE.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("coarse", metavar="COARSE", help=f"the smaller graph: {_GRAPHS}")
    parser.add_argument("fine", metavar="FINE", help="the larger graph, written likewise")
    parser.add_argument("--url", default=None, help="of a service that is to search; else it is done here")
    _add_settings(parser)
    add_results(parser)
    parser.set_defaults(out=None, plot=None, json=False)
    return parser


def _add_settings(parser: OneLineParser) -> None:
    group = parser.add_argument_group("settings of the search")
    group.add_argument(
        "--locality",
        type=localities,
        metavar="S",
        help="0 fully diffuse ... 1 fully local (default 1); a sweep: 0:1:0.1 (both ends included) or 0,0.5,1",
    )
    group.add_argument(
        "--process", type=_process, metavar="X", help="laplacian (default), normalized_laplacian or heat:T"
    )
    for name in ("alpha", "beta"):
        group.add_argument(f"--{name}", type=_scale, metavar="X", help="a number, auto or joint (default auto)")
    group.add_argument("--method", choices=get_args(Method), help="default auto")
    group.add_argument("--structure", choices=get_args(Structure), help="default dense")
    group.add_argument("--starts", type=int, metavar="N", help="points to search from (default 4)")
    group.add_argument("--seed", type=int, metavar="N", help="of the random ones among them (default 0)")
    group.add_argument("--tolerance", type=float, metavar="X", help="relative, of the search (default 1e-6)")
    group.add_argument("--max-seconds", type=float, metavar="X", help="take the best after so long (default 600)")
