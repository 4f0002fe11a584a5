"""Operators kept on disk, by key.

A file is named `<key>.<sha256 of its content>.safetensors` and appears complete or not at all: it is written
under a name of its own and then renamed. So no lock is needed, and none is taken: locks lie on network file
systems. What a crash or a bad disk leaves behind fails the digest and is removed.
"""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prolong import formats
from prolong.errors import CorruptOperator
from prolong.operators import Operator

__all__ = ["OperatorCache"]

_TEMPORARY = ".unfinished-"
_ABANDONED_SECONDS = 86_400.0


class OperatorCache:
    """A folder of operators; `directory` None keeps nothing. Safe for any number of processes and threads."""

    def __init__(self, directory: Path | None) -> None:
        self.directory = directory
        self._warned = False

    def load(self, key: str) -> Operator | None:
        """The operator kept under `key`, or None. A damaged file is removed."""
        for path in self._files(key):
            with suppress(OSError):
                data = path.read_bytes()
                if path.name == _name(key, data):
                    with suppress(CorruptOperator):
                        return formats.from_bytes(data)
                else:
                    path.unlink()
        return None

    def store(self, key: str, data: bytes) -> None:
        """Keep operator bytes. A folder that cannot be written is told once, as a warning, and is no error."""
        if self.directory is None:
            return
        try:
            self._write(self._folder(key), _name(key, data), data)
        except OSError as error:
            self._warn(error)

    def _folder(self, key: str) -> Path:
        return (self.directory or Path()) / key[:2]

    def _files(self, key: str) -> list[Path]:
        if self.directory is None:
            return []
        with suppress(OSError):
            return sorted(self._folder(key).glob(f"{key}.*.safetensors"))
        return []

    def _write(self, folder: Path, name: str, data: bytes) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        with _unfinished(folder) as (descriptor, temporary):
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), 0o444)
            temporary.replace(folder / name)

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            text = f"operators are not kept: {self.directory} cannot be written ({error}); set PROLONG_CACHE"
            warnings.warn(text, RuntimeWarning, stacklevel=2)


def _name(key: str, data: bytes) -> str:
    return f"{key}.{formats.digest(data)}.safetensors"


@contextmanager
def _unfinished(folder: Path) -> Iterator[tuple[int, Path]]:
    """A new file in `folder`, gone afterwards unless it was renamed."""
    descriptor, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=folder)
    try:
        yield descriptor, Path(name)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _sweep(folder: Path) -> None:
    """Remove what processes that were killed in the middle of a write left a day ago or earlier."""
    for path in folder.glob(f"{_TEMPORARY}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink()
