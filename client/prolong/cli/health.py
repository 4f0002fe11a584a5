"""`prolong health`: whether a service, and all that it needs, is there."""

from __future__ import annotations

from collections.abc import Sequence

from prolong.cli.arguments import OneLineParser
from prolong.cli.terminal import say
from prolong.client import Client

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Say how the service's dependencies stand. **Returns:** 0.

    **Raises:** `ServiceUnavailable` where the service, or something that it needs, is missing.
    """
    parser = OneLineParser(prog="prolong health", description="Say whether problems posted now will be solved.")
    parser.add_argument("--url", help="of the service (default PROLONG_URL, else http://127.0.0.1:8000)")
    options = parser.parse_args(arguments)
    with Client(options.url, cache="off") as client:
        report = client.health()
    parts = [f"{item['name']} {item['detail']}" for item in report.get("dependencies", [])]
    say(f"ready: {', '.join(parts)}")
    return 0
