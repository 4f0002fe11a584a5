"""Waiting: one question for all, no lost wake-ups, no harm from outages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from prolong_service.watch import Watch


class Pending:
    """A store of which only `pending` is asked; `away` makes it unreachable."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.away = False
        self.questions = 0

    def pending(self) -> list[str]:
        self.questions += 1
        if self.away:
            raise RedisConnectionError("away")
        return sorted(self.keys)


@pytest.fixture
def store() -> Pending:
    return Pending()


@pytest.fixture
async def watch(store: Pending) -> AsyncIterator[Watch]:
    watch = Watch(store, interval_seconds=0.001)  # type: ignore[arg-type]
    yield watch
    await watch.aclose()


async def test_hundreds_of_waiters_share_the_questions(watch: Watch, store: Pending) -> None:
    store.keys = {"a", "b"}
    waits = [asyncio.create_task(watch.ended([key], 30)) for key in ("a", "b") for _ in range(300)]
    await asyncio.sleep(0.05)
    assert not any(wait.done() for wait in waits)
    assert store.questions < 100
    store.keys = {"b"}
    await asyncio.gather(*waits[:300])
    assert not any(wait.done() for wait in waits[300:])
    store.keys = set()
    await asyncio.gather(*waits)


async def test_a_batch_waits_for_all(watch: Watch, store: Pending) -> None:
    store.keys = {"a"}
    wait = asyncio.create_task(watch.ended(["a", "b"], 30))
    await asyncio.sleep(0.02)
    assert not wait.done()
    store.keys = set()
    await wait


async def test_patience_ends(watch: Watch, store: Pending) -> None:
    store.keys = {"a"}
    await watch.ended(["a"], 0.02)
    questions = store.questions
    await asyncio.sleep(0.05)
    assert store.questions <= questions + 2, "nobody waits, yet the store is asked"


async def test_an_outage_ends_nothing(watch: Watch, store: Pending) -> None:
    store.keys, store.away = {"a"}, True
    wait = asyncio.create_task(watch.ended(["a"], 30))
    await asyncio.sleep(0.03)
    assert not wait.done()
    store.away = False
    await asyncio.sleep(0.03)
    assert not wait.done()
    store.keys = set()
    await wait


async def test_closing_wakes_everybody_for_good(watch: Watch, store: Pending) -> None:
    store.keys = {"a"}
    wait = asyncio.create_task(watch.ended(["a"], 30))
    await asyncio.sleep(0.01)
    watch.close()
    await wait
    assert watch.closed
    await watch.ended(["a"], 30)


async def test_a_caller_that_leaves_disturbs_nobody(watch: Watch, store: Pending) -> None:
    store.keys = {"a"}
    stays, leaves = (asyncio.create_task(watch.ended(["a"], 30)) for _ in range(2))
    await asyncio.sleep(0.01)
    leaves.cancel()
    store.keys = set()
    await stays
    assert leaves.cancelled() or leaves.done()
