"""From `argv` to an exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from prolong import __version__
from prolong.cli.arguments import OneLineParser
from prolong.cli.terminal import close_output, complain
from prolong.errors import InvalidInput, JobCancelled, JobFailed, ProlongError, UnknownKey
from prolong.extras import optional

__all__ = ["COMMANDS", "Command", "main"]

BAD_INPUT, FAILED, INTERRUPTED = 2, 1, 130

#: What to blame on the caller: input that cannot be used, and keys under which there is no operator.
_CALLER = (InvalidInput, JobCancelled, JobFailed, UnknownKey)


@dataclass(frozen=True)
class Command:
    """A command: `module` has `run(arguments) -> int`; `extra` brings what it needs beyond the client."""

    module: str
    summary: str
    extra: str | None = None

    def load(self, name: str) -> Callable[[list[str]], int]:
        """Its function. **Raises:** `MissingExtra`."""
        if self.extra is None:
            module = import_module(self.module)
        else:
            module = optional(self.module, extra=self.extra, needed_for=f"prolong {name}")
        run: Callable[[list[str]], int] = module.run
        return run


#: Every command. The modules of the engine and the service are named, not imported: they stand above this package.
COMMANDS = {
    "solve": Command("prolong.cli.solve", "find the operator between two graphs and print its certificate"),
    "distance": Command("prolong.cli.distance", "find the diffusion distances of all pairs of graphs"),
    "fetch": Command("prolong.cli.fetch", "fetch an operator by its key from a service"),
    "health": Command("prolong.cli.health", "say whether a service and all that it needs are there"),
    "up": Command("prolong_service.stack.command", "start store, service and workers on this machine", "service"),
    "serve": Command("prolong_service.__main__", "start the service alone", "service"),
    "worker": Command("prolong_worker.__main__", "start a worker alone", "worker"),
    "bench": Command("prolong_worker.bench.command", "measure this machine and this version", "bench"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    **Returns:** 0; 2 for bad input; 1 where something else failed; 130 after Ctrl-C. Failures are told in one
    line on standard error.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(arguments)
    except _CALLER as error:
        complain(f"error: {error}")
        return BAD_INPUT
    except (ProlongError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            close_output()
        else:
            complain(f"error: {error}")
        return FAILED
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] in COMMANDS:
        return COMMANDS[arguments[0]].load(arguments[0])(arguments[1:])
    parser = OneLineParser(
        prog="prolong",
        usage="prolong [--help] [--version] COMMAND ...",
        description="Prolongation operators between graphs: find them, prove them, serve them.",
        epilog="commands:\n" + "\n".join(f"  {name:<10}{command.summary}" for name, command in COMMANDS.items()),
    )
    parser.add_argument("--version", action="version", version=f"prolong {__version__}")
    _, others = parser.parse_known_args(arguments)
    named = f"{others[0]!r} is no command" if others else "no command is given"
    raise InvalidInput.at("", f"{named}; the commands are {', '.join(COMMANDS)} (see prolong --help)")
