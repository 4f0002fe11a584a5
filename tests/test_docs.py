"""The documents name everything that users can name."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from prolong import Operator, Outcome, Problem, Proof, solve
from prolong.certificate import Certificate
from prolong.cli.entry import COMMANDS
from prolong.graphs import GraphSpec
from prolong.problem import Method, Structure
from prolong.wire import ProlongationView, Status
from prolong_service.errors import KINDS
from prolong_service.routes import ROUTERS
from prolong_service.settings import ServiceSettings
from prolong_worker.settings import WorkerSettings

ROOT = Path(__file__).resolve().parents[1]
API, CLI, DEPLOYMENT = ((ROOT / "docs" / f"{name}.md").read_text() for name in ("api", "cli", "deployment"))


def test_every_route_is_documented() -> None:
    routes = {route.path for router in ROUTERS for route in router.routes}  # type: ignore[attr-defined]
    assert len(routes) >= 7
    assert [path for path in routes if path not in API] == []


def test_every_field_and_choice_is_documented() -> None:
    kinds = {get_args(spec.model_fields["kind"].annotation)[0] for spec in get_args(get_args(GraphSpec)[0])}
    words = [
        *Problem.model_fields, *Certificate.model_fields, *ProlongationView.model_fields,
        *get_args(Method), *get_args(Structure), *Outcome, *Proof, *Status, *kinds,
    ]  # fmt: skip
    assert [word for word in words if not re.search(rf"[`\"]{word}\b", API)] == []


def test_every_error_is_documented() -> None:
    assert [kind.name for kind in KINDS.values() if f"`{kind.name}`" not in API] == []
    assert [kind.status for kind in KINDS.values() if f"| {kind.status} |" not in API] == []


def test_every_command_is_documented() -> None:
    assert [name for name in COMMANDS if f"`prolong {name}" not in CLI] == []


@pytest.mark.parametrize("settings", [ServiceSettings, WorkerSettings])
def test_every_setting_is_documented(settings: type[ServiceSettings | WorkerSettings]) -> None:
    names = [f"PROLONG_{entry.name.upper()}" for entry in dataclasses.fields(settings)]
    assert [name for name in names if f"`{name}`" not in DEPLOYMENT] == []


def test_links_between_documents_lead_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    assert len(documents) >= 8
    for document in documents:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_the_training_example_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    section = (ROOT / "docs" / "training.md").read_text().partition("## An autoencoder")[2].partition("\n## ")[0]
    code = "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROLONG_MNIST_URL", "")
    monkeypatch.setattr("prolong.Client", LocalClient)
    names: dict[str, Any] = {}
    exec(code.replace("cost=100_000", "cost=4_000"), names)
    losses = [seen.loss for seen in names["history"].evaluations]
    assert losses[-1] < 0.6 * losses[0]
    assert names["network"].state_dict().keys() == names["scheme"].merge().keys()


class LocalClient:
    """Answers as the service would, in this process."""

    def prolongations(self, problems: list[Problem]) -> list[Operator]:
        return [solve(problem) for problem in problems]
