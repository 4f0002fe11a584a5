"""The routes, one small file a resource."""

from __future__ import annotations

from prolong_service.routes import distances, events, health, operators, prolongations

__all__ = ["ROUTERS"]

ROUTERS = (prolongations.router, operators.router, events.router, distances.router, health.router)
