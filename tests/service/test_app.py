"""The composition root: nothing happens before the application starts."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType
from typing import Any

from prolong_service.app import create_app
from prolong_service.settings import ServiceSettings


class Janitor:
    """Notes when it is entered and left."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def __enter__(self) -> Janitor:
        self.notes.append("in")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.notes.append("out")


async def test_the_janitor_works_while_the_application_lives(store: Any, jobs: Any) -> None:
    janitor = Janitor()
    app = create_app(ServiceSettings(), store, jobs, janitor)
    assert janitor.notes == []
    async with app.router.lifespan_context(app):
        assert janitor.notes == ["in"]
    assert janitor.notes == ["in", "out"]
    assert app.state.services.watch.closed


def test_importing_the_service_loads_no_numerics() -> None:
    code = (
        "import sys, prolong_service.__main__, logging; "
        "bad = {'scipy', 'pymanopt', 'torch', 'matplotlib', 'prolong_worker.solve'} & set(sys.modules); "
        "assert not bad, bad; assert not logging.root.handlers"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
