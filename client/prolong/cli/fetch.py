"""`prolong fetch KEY`: an operator that a service holds, or that is kept on disk."""

from __future__ import annotations

from collections.abc import Sequence

from prolong.cli.arguments import OneLineParser, add_results
from prolong.cli.results import deliver
from prolong.client import Client

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Fetch the operator and say what is proved about it. **Returns:** the exit status."""
    options = _parser().parse_args(arguments)
    with Client(options.url) as client:
        operator = client.fetch(options.key, timeout=options.timeout)
    deliver(operator, options, key=options.key)
    return 0


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="prolong fetch",
        description="Fetch an operator by its key; a search that is not over is waited for.",
    )
    parser.add_argument("key", metavar="KEY", help="64 hexadecimal digits, as 'prolong solve' prints them")
    parser.add_argument("--url", help="of the service (default PROLONG_URL, else http://127.0.0.1:8000)")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="how long to wait (default: to the end)")
    add_results(parser)
    return parser
