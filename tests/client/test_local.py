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
