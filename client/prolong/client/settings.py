"""What a client is told, and what it reads from the environment when it is made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from prolong.client.cache import OperatorCache
from prolong.client.retries import Retries
from prolong.errors import InvalidInput

__all__ = ["DEFAULT_URL", "Settings"]

#: Where `prolong up` listens unless it is told otherwise.
DEFAULT_URL = "http://127.0.0.1:8000"

_TIMEOUT = httpx.Timeout(60.0, connect=5.0, pool=5.0)


@dataclass(frozen=True)
class Settings:
    """The settings of one client; `show_progress` None shows a bar on terminals only."""

    url: httpx.URL
    timeout: httpx.Timeout
    retries: Retries
    cache: OperatorCache
    show_progress: bool | None

    @classmethod
    def gather(
        cls,
        url: str | None,
        *,
        timeout: float | httpx.Timeout | None,
        retries: Retries | None,
        cache: str | os.PathLike[str] | None,
        show_progress: bool | None,
        environment: Mapping[str, str] | None = None,
    ) -> Settings:
        """Arguments first, then `PROLONG_URL` and `PROLONG_CACHE`, then defaults.

        **Raises:** `InvalidInput` for an address that is no HTTP address.
        """
        variables = os.environ if environment is None else environment
        return cls(
            url=_address(url or variables.get("PROLONG_URL") or DEFAULT_URL),
            timeout=_TIMEOUT if timeout is None else httpx.Timeout(timeout),
            retries=retries or Retries(),
            cache=OperatorCache(_folder(cache, variables)),
            show_progress=show_progress,
        )

    @property
    def shown_url(self) -> str:
        """The address as messages show it: without a password."""
        return str(self.url.copy_with(userinfo=b"")).rstrip("/")

    @property
    def is_local(self) -> bool:
        """Whether the service is on this machine, where no proxy leads."""
        return self.url.host in {"localhost", "127.0.0.1", "::1"}


def _address(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise InvalidInput.at("", f"{text!r} is no address: {error}", code="bad_url") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise InvalidInput.at("", f"{text!r} is no address like {DEFAULT_URL}", code="bad_url")
    return url


def _folder(cache: str | os.PathLike[str] | None, variables: Mapping[str, str]) -> Path | None:
    chosen = cache if cache is not None else variables.get("PROLONG_CACHE") or None
    if chosen == "off":
        return None
    try:
        if chosen is not None:
            return Path(chosen).expanduser()
        base = variables.get("XDG_CACHE_HOME", "")
        # The XDG specification says to ignore relative paths there.
        return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "prolong"
    except RuntimeError:
        # No home: containers run under user numbers that nobody has named.
        return None
