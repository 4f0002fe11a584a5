"""The whole of prolong on one machine: a private Redis-compatible server, the service and its workers."""

from __future__ import annotations

from prolong_service.stack.errors import StackError
from prolong_service.stack.redis_server import RedisServer
from prolong_service.stack.supervisor import Stack

__all__ = ["RedisServer", "Stack", "StackError"]
