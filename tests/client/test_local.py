"""Solving in this process."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import prolong
from prolong.wire import Progress


def test_solve_gives_an_operator_with_its_certificate_and_reports_progress() -> None:
    seen: list[Progress] = []
    problem = prolong.Problem(coarse=prolong.graphs.path(3), fine=prolong.graphs.path(5), locality=0.5)
    operator = prolong.solve(problem, on_progress=seen.append)
    assert operator.shape == (5, 3)
    assert operator.certificate is not None
    assert operator.certificate.seconds > 0
    np.testing.assert_allclose(operator.to_dense().T @ operator.to_dense(), np.eye(3), atol=1e-10)
    assert all(isinstance(progress, Progress) for progress in seen)


def test_without_the_solver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prolong_worker.solve", None)
    with pytest.raises(prolong.MissingExtra, match=r"prolong\[worker\]"):
        prolong.solve(prolong.Problem(coarse=prolong.graphs.path(2), fine=prolong.graphs.path(3)))


def test_a_sweep_is_solved_value_by_value_and_says_which() -> None:
    seen: list[Progress] = []
    pair = {"coarse": prolong.graphs.path(3), "fine": prolong.graphs.path(5)}
    problem = prolong.Problem(**pair, locality=[0, 0.5, 1], starts=1)
    operators = prolong.solve_sweep(problem, on_progress=seen.append)
    assert [operator.shape for operator in operators] == [(5, 3)] * 3
    assert {progress.stage.partition(",")[0] for progress in seen} <= {"s = 0.5 (2 of 3)"}


def test_one_operator_is_not_solved_for_several_values() -> None:
    problem = prolong.Problem(coarse=prolong.graphs.path(3), fine=prolong.graphs.path(5), locality=[0, 1])
    with pytest.raises(prolong.InvalidInput, match="/locality: is a sweep of 2 values"):
        prolong.solve(problem)
