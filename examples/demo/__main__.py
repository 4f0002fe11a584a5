"""The main job, end to end: operators from a service, their proofs, and a network trained with them.

Starts a private server, the HTTP service and two workers, does everything through them as a user would, writes
pictures and numbers to `demo/`, and stops what it started. `make demo` runs it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

# Folders that are not given stay inside the clone.
ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("PROLONG_CACHE", str(ROOT / ".prolong" / "cache"))

import operators  # noqa: E402 - a folder that is run finds its own files
import report  # noqa: E402
import training  # noqa: E402

from prolong import Client, ProlongError  # noqa: E402
from prolong_service.stack import Stack  # noqa: E402


def main() -> int:
    """Run the demo. **Returns:** 0, 1 where something is missing or fails, 130 after Ctrl-C."""
    options = _parser().parse_args()
    try:
        _demo(options.out, options.data, quick=options.quick)
    except ProlongError as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("demo: stopped\n")
        return 130
    return 0


def _demo(out: Path, data: Path, *, quick: bool) -> None:
    start = time.perf_counter()
    report.say("Starting a private server, the service and two workers ...")
    with Stack(data, workers=2) as stack, Client(stack.url) as client:
        report.say(f"The service answers at {stack.url}.\n\n1. Operators")
        found = operators.obtain(client)
    report.operators(found, out)
    report.say("\n2. Training")
    comparison = training.run(found, quick=quick)
    report.training(comparison, out)
    report.numbers(found, comparison, out)
    report.say(f"\nPictures and numbers are in {out}. Took {time.perf_counter() - start:.0f} s.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="demo", description="The main job of prolong, end to end.")
    parser.add_argument("--out", type=Path, default=ROOT / "demo", help="folder of pictures and numbers")
    parser.add_argument("--data", type=Path, default=ROOT / ".prolong" / "demo", help="folder of the server")
    parser.add_argument("--quick", action="store_true", help="train on a tenth of the budget")
    return parser


if __name__ == "__main__":
    sys.exit(main())
