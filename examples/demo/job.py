"""The three parts of the demo in order."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import operators
import report
import training

from prolong import Client, ProlongError
from prolong_service.stack import Stack


def run(out: Path, data: Path, *, quick: bool) -> int:
    """Operators, training, report. **Returns:** 0, or 1 with a sentence where something is missing or fails."""
    start = time.perf_counter()
    try:
        found = _operators(data)
        report.operators(found, out)
        report.say("\n2. Training")
        comparison = training.run(found, quick=quick)
    except ProlongError as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1
    report.training(comparison, out)
    report.numbers(found, comparison, out)
    report.say(f"\nPictures and numbers are in {out}. Took {time.perf_counter() - start:.0f} s.")
    return 0


def _operators(data: Path) -> list[operators.Found]:
    report.say("Starting a private server, the service and two workers ...")
    with Stack(data, workers=2) as stack, Client(stack.url, cache=data / "cache") as client:
        report.say(f"The service answers at {stack.url}.\n\n1. Operators")
        asked = time.perf_counter()
        found = operators.obtain(client)
        report.held(found, time.perf_counter() - asked)
    return found
