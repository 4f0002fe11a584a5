"""Every method stays feasible, goes down from the source's start, and is measured alike."""

from __future__ import annotations

import json
import time
import warnings
from dataclasses import replace

import numpy as np
import pytest

from prolong import Problem, graphs
from prolong_worker.bench.solver.arms import ARMS, OURS, Arm, tried
from prolong_worker.bench.solver.start import munkres_start
from prolong_worker.bench.solver.trial import Trial

PROBLEM = Problem(coarse=graphs.path(5), fine=graphs.tree(2, 3), locality=0.3, alpha=1.0, beta=0.3)


@pytest.fixture(autouse=True, scope="module")
def libraries() -> None:
    with warnings.catch_warnings():
        # geoopt compiles with a part of torch that is going away.
        warnings.simplefilter("ignore")
        for arm in ARMS.values():
            arm.prepare()


def trial(seconds: float = 0.15) -> Trial:
    return Trial(PROBLEM, seconds, time.process_time)


def start_value() -> float:
    attempt = trial()
    munkres_start(attempt)
    return attempt.value


@pytest.mark.parametrize("name", ARMS)
def test_every_method_stays_feasible_and_goes_down(name):
    record = json.loads(json.dumps(tried(ARMS[name], trial())))
    assert record["failure"] is None
    assert record["orthonormality_error"] < 1e-9
    assert record["objective"] < start_value()
    values = [value for _, value in record["curve"]]
    assert values == sorted(values, reverse=True)
    assert values[-1] == record["objective"]
    assert all(0 < seconds <= record["seconds"] for seconds, _ in record["curve"])
    assert ("lower_bound" in record) is (ARMS[name].library is None)


@pytest.mark.parametrize("name", [name for name, arm in ARMS.items() if arm.library is not None])
def test_what_a_method_claims_is_the_objective_at_its_point(name):
    attempt = trial(0.05)
    tried(ARMS[name], attempt)
    fresh = Trial(PROBLEM, 10.0, time.process_time)
    objective, _ = munkres_start(fresh)
    assert attempt.value == pytest.approx(objective.value(np.array(attempt.best.point)), rel=1e-12)


def test_ours_are_no_worse_than_any_other():
    ours = tried(ARMS[OURS], trial(1.0))
    assert all(tried(arm, trial())["objective"] >= ours["objective"] * (1 - 1e-9) for arm in ARMS.values())
    assert ours["lower_bound"] <= ours["objective"]


def test_a_method_that_breaks_down_keeps_what_it_had():
    def broken(attempt: Trial) -> None:
        munkres_start(attempt)
        raise np.linalg.LinAlgError("SVD did not converge")

    record = tried(Arm(broken, "numpy"), trial())
    assert record["failure"] == "SVD did not converge"
    assert record["objective"] == pytest.approx(start_value())


def test_versions_tell_methods_apart_by_their_source():
    assert ARMS["pymanopt CG"].version.startswith("pymanopt ")
    assert ARMS[OURS].version.startswith("prolong ")
    assert ARMS[OURS].version == replace(ARMS[OURS]).version


def test_large_pairs_are_not_for_every_method():
    assert ARMS["Nelder-Mead"].takes(15, 34)
    assert not ARMS["Nelder-Mead"].takes(128, 256)
    assert ARMS[OURS].takes(1024, 2048)
