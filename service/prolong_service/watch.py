"""Waiting for problems to end, for any number of callers at the price of one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Sequence

from anyio import CapacityLimiter, to_thread
from redis.exceptions import RedisError

from prolong_worker.store import AbstractOperatorStore

__all__ = ["Watch"]

_log = logging.getLogger(__name__)


class Watch:
    """Asks the store, while anybody waits, which problems are still pending, and wakes who waits for others.

    One question at a time answers for all callers; no thread is held by a caller that waits. Questions follow
    at `interval_seconds`, or slower where a question itself takes long. Belongs to one event loop.
    """

    def __init__(self, store: AbstractOperatorStore, *, interval_seconds: float = 0.05) -> None:
        self._store = store
        self._interval_seconds = interval_seconds
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}
        self._poller: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nobody is to wait any more, because the service stops."""
        return self._closed

    async def ended(self, keys: Collection[str], seconds: float) -> None:
        """Return when all problems have ended, when `seconds` are over, or when the watch is closed.

        The problems were accepted before the call.
        """
        if self._closed or not keys:
            return
        futures = {key: asyncio.get_running_loop().create_future() for key in keys}
        for key, future in futures.items():
            self._waiting.setdefault(key, set()).add(future)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            await asyncio.wait(futures.values(), timeout=seconds)
        finally:
            for key, future in futures.items():
                self._leave(key, future)

    def close(self) -> None:
        """Wake everybody, and let nobody wait again."""
        self._closed = True
        self._wake(list(self._waiting))

    async def aclose(self) -> None:
        """Close, and end the polling."""
        self.close()
        if self._poller is not None:
            self._poller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._poller

    def _leave(self, key: str, future: asyncio.Future[None]) -> None:
        others = self._waiting.get(key, set())
        others.discard(future)
        if not others:
            self._waiting.pop(key, None)

    async def _poll(self) -> None:
        clock, limiter = asyncio.get_running_loop().time, CapacityLimiter(1)
        while self._waiting:
            # A problem that is accepted while the store answers is not in the answer, and must not count as ended.
            asked, began = list(self._waiting), clock()
            try:
                pending = set(await to_thread.run_sync(self._store.pending, limiter=limiter))
                self._wake([key for key in asked if key not in pending])
            except RedisError as error:
                _log.warning("the store cannot be asked for pending problems: %s", error)
            await asyncio.sleep(max(self._interval_seconds, 4 * (clock() - began)))

    def _wake(self, keys: Sequence[str]) -> None:
        for key in keys:
            for future in self._waiting.get(key, ()):
                if not future.done():
                    future.set_result(None)
