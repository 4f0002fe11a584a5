"""What the commands' arguments have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from prolong.errors import InvalidInput

__all__ = ["OneLineParser", "add_results", "output_path"]

_OPERATOR_SUFFIXES = (".safetensors", ".npz")


class OneLineParser(argparse.ArgumentParser):
    """A parser that raises its complaints, so that they become one line like all others."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, exit_on_error=True, **options
        )

    def error(self, message: str) -> NoReturn:
        raise InvalidInput.at("", f"{message} (see {self.prog} --help)", code="usage")


def output_path(*suffixes: str) -> Callable[[str], Path]:
    """The type of an argument that names a file to be written: its ending and its folder are checked at once."""

    def check(text: str) -> Path:
        path = Path(text)
        if path.suffix.lower() not in suffixes:
            raise argparse.ArgumentTypeError(f"{text!r} must end in {' or '.join(suffixes)}")
        if path.is_dir() or not path.parent.is_dir():
            reason = "is a folder" if path.is_dir() else f"lies in no folder: {str(path.parent)!r} does not exist"
            raise argparse.ArgumentTypeError(f"{text!r} {reason}")
        return path

    return check


def add_results(parser: argparse.ArgumentParser) -> None:
    """The arguments that say where the operator goes."""
    group = parser.add_argument_group("results")
    group.add_argument(
        "--out",
        type=output_path(*_OPERATOR_SUFFIXES),
        metavar="FILE",
        help="write the operator: .safetensors with its certificate, .npz for numpy and scipy",
    )
    group.add_argument(
        "--plot", type=output_path(".png"), metavar="FILE.png", help="draw the operator as a heat map"
    )
    group.add_argument("--json", action="store_true", help="print the certificate as JSON")
