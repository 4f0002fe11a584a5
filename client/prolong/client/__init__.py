"""The client of the service: ask for operators, follow the search, fetch and keep them."""

from __future__ import annotations

from prolong.client.asynchronous import AsyncClient
from prolong.client.retries import Retries
from prolong.client.synchronous import Client

__all__ = ["AsyncClient", "Client", "Retries"]
