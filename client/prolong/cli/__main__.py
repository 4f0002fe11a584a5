"""`python -m prolong.cli`, where the `prolong` script is not on the path."""

from __future__ import annotations

import sys

from prolong.cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
