"""What docker-compose.yml and Dockerfile promise, kept by processes with the same commands and environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from prolong import Client, Problem, graphs
from prolong_service.stack.redis_server import find_binary, free_port

ROOT = Path(__file__).resolve().parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@dataclass(frozen=True)
class Place:
    """Where a container's world lies on this machine."""

    redis_port: int
    http_port: int
    folder: Path

    def localised(self, text: str) -> str:
        """Text of the compose file with this machine's addresses and programs."""
        text = re.sub(r"\bredis:6379\b", f"127.0.0.1:{self.redis_port}", text)
        text = re.sub(r"\b8000\b", str(self.http_port), text)
        programs = {"prolong": str(Path(sys.executable).parent / "prolong"), "redis-server": find_binary()}
        return programs.get(text, text)

    def environment(self, service: str) -> dict[str, str]:
        """The service's own environment, over what the machine needs to run anything."""
        given = {
            name: self.localised(str(value)) for name, value in SERVICES[service].get("environment", {}).items()
        }
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), **given}

    def command(self, service: str) -> list[str]:
        """The service's command; a server also gets the port and folder that a container would give it."""
        words = [self.localised(word) for word in SERVICES[service]["command"]]
        if service == "redis":
            words += ["--port", str(self.redis_port), "--dir", str(self.folder)]
        return words

    def healthy(self, service: str) -> bool:
        """Whether the service's own health check passes."""
        kind, *words = SERVICES[service]["healthcheck"]["test"]
        assert kind == "CMD"
        check = subprocess.run(
            [self.localised(word) for word in words],
            env=self.environment(service),
            capture_output=True,
            check=False,
        )
        return check.returncode == 0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    here = Place(free_port(), free_port(), tmp_path_factory.mktemp("compose"))
    with ExitStack() as running:
        for service in ("redis", "service", "worker"):
            for number in range(SERVICES[service].get("deploy", {}).get("replicas", 1)):
                log = running.enter_context((here.folder / f"{service}-{number}.log").open("wb"))
                process = subprocess.Popen(
                    here.command(service), env=here.environment(service), cwd=here.folder, stdout=log, stderr=log
                )
                running.callback(process.wait)
                running.callback(process.terminate)
        await_health(here, "service", "worker")
        yield here


def await_health(here: Place, *services: str) -> None:
    deadline = time.monotonic() + 60
    while not all(here.healthy(service) for service in services):
        logs = {log.name: log.read_text()[-1500:] for log in here.folder.glob("*.log")}
        assert time.monotonic() < deadline, json.dumps(logs, indent=1)
        time.sleep(0.3)


def test_the_composed_system_answers_with_a_certified_operator(place: Place) -> None:
    problem = Problem(coarse=graphs.path(8), fine=graphs.path(16), locality=0.5, alpha=1.0, beta=0.25)
    with Client(f"http://127.0.0.1:{place.http_port}", cache="off") as client:
        assert client.health()
        operator = client.prolongation(problem, timeout=60)
        assert client.get(problem.key).status == "done"
    assert operator.shape == (16, 8)
    assert operator.orthonormality_error() < 1e-12
    assert operator.certificate is not None
    assert operator.certificate.lower_bound <= operator.certificate.objective


def test_the_health_checks_fail_where_nothing_runs(place: Place) -> None:
    nowhere = Place(free_port(), free_port(), place.folder)
    assert not nowhere.healthy("service")
    assert not nowhere.healthy("worker")


def test_the_server_persists_and_never_evicts() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert any(str(volume).endswith(":/data") for volume in SERVICES["redis"]["volumes"])


def test_workers_can_be_replicated() -> None:
    assert SERVICES["worker"]["deploy"]["replicas"] >= 1
    assert "container_name" not in SERVICES["worker"]
    assert "ports" not in SERVICES["worker"]


@pytest.mark.parametrize("target", ["service", "worker"])
def test_images_and_compose_file_agree(target: str) -> None:
    assert SERVICES[target]["build"] == {"context": ".", "target": target}
    stage = re.search(rf"^FROM base AS {target}\n(.*?)(?=^FROM |\Z)", DOCKERFILE, re.DOTALL | re.MULTILINE)
    assert stage is not None
    commands = [json.loads(found) for found in re.findall(r"CMD (\[.*\])", stage[1])]
    check, command = commands
    assert command == SERVICES[target]["command"]
    assert ["CMD", *check] == SERVICES[target]["healthcheck"]["test"]


def test_images_run_as_an_ordinary_user_and_copy_what_exists() -> None:
    base = DOCKERFILE.partition(" AS base")[2].partition("\nFROM ")[0]
    assert "USER prolong" in base
    for line in re.findall(r"^COPY (?!--)(.*)$", DOCKERFILE, re.MULTILINE):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources)
