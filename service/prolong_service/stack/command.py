"""`prolong up`: the whole stack in the foreground."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from prolong.cli.arguments import OneLineParser
from prolong_service.stack.errors import StackError
from prolong_service.stack.supervisor import Stack

__all__ = ["run"]

_FAILED = 1


def run(arguments: Sequence[str]) -> int:
    """Start everything, say where it is, and run until Ctrl-C or SIGTERM.

    **Returns:** the exit status: 0 after a stop, 1 if the stack cannot be started.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.WARNING)
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    try:
        with Stack(options.data, workers=options.workers, port=options.port) as stack:
            _say(
                f"prolong is up at {stack.url} with {options.workers} workers and its data in {options.data}; "
                "Ctrl-C stops it"
            )
            ending.wait()
            _say("stopping")
    except StackError as error:
        sys.stderr.write(f"prolong up: {error}\n")
        return _FAILED
    return 0


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="prolong up",
        description="Start service and workers and, without PROLONG_REDIS_URL, a private Redis-compatible server.",
    )
    parser.add_argument("--port", type=int, default=8000, help="of the service on 127.0.0.1; 0 for any free one")
    parser.add_argument("--workers", type=_count, default=os.cpu_count() or 1, help="how many searches at a time")
    parser.add_argument("--data", type=Path, default=Path(".prolong"), help="folder of data and logs")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
