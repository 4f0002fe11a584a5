"""The main job, end to end: operators from a service, their proofs, and a network trained with them.

Starts a private server, the HTTP service and two workers, does everything through them as a user would, writes
pictures and numbers to `demo/`, and stops what it started. `make demo` runs it.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

# Folders that are not given stay inside the clone.
ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the demo. **Returns:** 0, 1 where something is missing or fails, 130 after Ctrl-C."""
    options = _parser().parse_args()
    try:
        # Loading torch takes seconds, in which Ctrl-C should stop the demo as readily as later.
        status: int = import_module("job").run(options.out, options.data, quick=options.quick)
    except ImportError as error:
        sys.stderr.write(f"demo: {error}; `make demo` installs what is needed\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("demo: stopped\n")
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="demo", description="The main job of prolong, end to end.")
    parser.add_argument("--out", type=Path, default=ROOT / "demo", help="folder of pictures and numbers")
    parser.add_argument("--data", type=Path, default=ROOT / ".prolong" / "demo", help="folder of server and cache")
    parser.add_argument("--quick", action="store_true", help="train on a tenth of the budget")
    return parser


if __name__ == "__main__":
    sys.exit(main())
