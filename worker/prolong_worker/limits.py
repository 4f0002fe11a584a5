"""What keeps one job in bounds: its life, its time, its memory, its threads. All act on the calling process."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal
import sys
import threading
import time

from threadpoolctl import threadpool_limits

__all__ = ["die_with_parent", "limit_memory", "limit_seconds", "limit_threads"]

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 1.0


def die_with_parent(parent: int) -> None:
    """See that this process is killed when its parent, process `parent`, ends for whatever reason."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    # The parent may have ended before the kernel was told.
    _check(parent)


def limit_seconds(seconds: float) -> None:
    """End this process after `seconds` from now, with its stacks on standard error and exit status 1.

    Works inside any foreign code, LAPACK included. A later call replaces the limit.
    """
    faulthandler.dump_traceback_later(seconds, exit=True)


def limit_memory(n_bytes: int) -> None:
    """Let allocations beyond `n_bytes` of address space fail with `MemoryError`; 0 for no limit."""
    if n_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (n_bytes, n_bytes))


def limit_threads(count: int) -> None:
    """Let every loaded BLAS and OpenMP use at most `count` threads, here and in processes forked later."""
    threadpool_limits(limits=count)


def _watch(parent: int) -> None:
    while True:
        time.sleep(_POLL_SECONDS)
        _check(parent)


def _check(parent: int) -> None:
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
