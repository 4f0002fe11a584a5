"""The interactive documentation works without the internet."""

from __future__ import annotations

import re

import httpx


async def test_all_that_the_page_loads_comes_from_the_service(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
    assert len(loaded) >= 3
    for place in loaded:
        assert place.startswith("/")
        answer = await client.get(place)
        assert answer.status_code == 200
        assert answer.content
