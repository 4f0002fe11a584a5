"""The operators that the demo asks for."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx

from prolong import Certificate, Client, Operator, Problem, graphs
from prolong.wire import Status

#: Sizes of the network's axes, coarsest first: every step doubles.
SIZES = (16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True)
class Found:
    """An operator, the problem it answers, and whether the service held it before the demo asked."""

    name: str
    problem: Problem
    operator: Operator
    held: bool

    @property
    def certificate(self) -> Certificate:
        """What the service proved about it."""
        certificate = self.operator.certificate
        if certificate is None:
            raise AssertionError("every operator of the service has a certificate")
        return certificate


def problems() -> dict[str, Problem]:
    """All problems by name: what the network needs, a searched pair, and a pair that a user would bring."""
    wanted = {
        f"path {coarse} -> {2 * coarse}, aggregation": Problem(
            coarse=graphs.path(coarse), fine=graphs.path(2 * coarse), structure="aggregation"
        )
        for coarse in SIZES[:-1]
    }
    wanted["path 32 -> 64, s = 0.5"] = Problem(
        coarse=graphs.path(32), fine=graphs.path(64), locality=0.5, alpha=1.0, beta=0.25
    )
    wanted["karate club -> Les Misérables, s = 0.5"] = Problem(
        coarse=graphs.from_networkx(nx.karate_club_graph(), weight=None),
        fine=graphs.from_networkx(nx.les_miserables_graph(), weight=None),
        locality=0.5,
        alpha=1.0,
    )
    return wanted


def obtain(client: Client) -> list[Found]:
    """Post all problems at once, follow them, fetch the operators."""
    wanted = problems()
    views = client.submit_many(list(wanted.values()))
    fetched = client.prolongations(list(wanted.values()))
    return [
        Found(name, problem, operator, held=view.status is Status.DONE)
        for (name, problem), operator, view in zip(wanted.items(), fetched, views, strict=True)
    ]


def by_fine_size(found: list[Found]) -> dict[int, Operator]:
    """The aggregation operators, keyed as the trainer wants them."""
    return {item.operator.shape[0]: item.operator for item in found if item.problem.structure == "aggregation"}
