"""Sweeps: every value as good as alone, shared matrices, shared time, values held before."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest

from prolong import Problem, graphs
from prolong.certificate import Outcome, Proof
from prolong.errors import InvalidInput
from prolong.operators import DenseOperator, Operator
from prolong.wire import Progress
from prolong_worker.solve import Control, solve, solve_sweep, sweep

VALUES = (0.0, 0.2, 0.5, 0.9, 1.0)


def paths(locality: object = VALUES, **settings: object) -> Problem:
    given = {"alpha": 1.0, "beta": 0.25, "starts": 2, **settings}
    return Problem(coarse=graphs.path(6), fine=graphs.path(12), locality=locality, **given)


def objectives(problem: Problem, **options: object) -> list[float]:
    return [objective(found.operator) for found in solve_sweep(problem, **options)]


def objective(operator: Operator) -> float:
    assert operator.certificate is not None
    return operator.certificate.objective


@pytest.mark.parametrize(
    "problem",
    [
        paths(),
        Problem(coarse=graphs.tree(2, 2), fine=graphs.tree(2, 3), locality=VALUES, starts=1),
        Problem(
            coarse=graphs.star(5), fine=graphs.wheel(9), locality=VALUES, alpha="joint", beta="joint", starts=1
        ),
        Problem(coarse=graphs.cycle(6), fine=graphs.cycle(12), locality=VALUES),
        paths(method="munkres"),
        paths(structure="aggregation"),
    ],
    ids=["paths", "trees", "joint", "cycles", "munkres", "aggregation"],
)
def test_no_value_is_worse_than_alone(problem: Problem) -> None:
    alone = [objective(solve(part).operator) for part in problem.parts]
    assert all(found <= cold * (1 + 1e-6) + 1e-12 for found, cold in zip(objectives(problem), alone, strict=True))


def test_each_operator_s_certificate_is_of_its_own_locality() -> None:
    for value, solution in zip(VALUES, solve_sweep(paths()), strict=True):
        certificate = solution.operator.certificate
        assert certificate is not None
        assert certificate.diffusion is not None
        assert certificate.locality is not None
        total = (1 - value) * certificate.diffusion + value * certificate.locality
        assert certificate.objective == pytest.approx(total, rel=1e-12)
        assert certificate.lower_bound <= certificate.objective
        assert solution.operator.orthonormality_error() < 1e-10


def test_both_ends_are_exact() -> None:
    found = [solution.operator.certificate for solution in solve_sweep(paths((0.0, 1.0)))]
    assert [(item.outcome, item.proof) for item in found if item] == [(Outcome.OPTIMAL, Proof.EXACT)] * 2


def test_matrices_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = sweep.setting_of
    monkeypatch.setattr(sweep, "setting_of", lambda problem: made.append(problem.s) or real(problem))
    objectives(paths((0.2, 0.4, 0.6)))
    assert made == [0.2]


def test_what_is_held_is_given_back_and_not_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = paths((0.2, 0.5, 0.9))
    held = {value: solve(problem.at(value)).operator for value in (0.2, 0.9)}
    searched = []
    real = sweep.solve_in
    monkeypatch.setattr(
        sweep, "solve_in", lambda part, *rest, **more: searched.append(part.s) or real(part, *rest, **more)
    )
    found = [solution.operator for solution in solve_sweep(problem, held=held)]
    assert searched == [0.5]
    assert found[0] is held[0.2]
    assert found[2] is held[0.9]
    everything = dict(zip(problem.localities, found, strict=True))
    assert objectives(problem, held=everything) == [objective(operator) for operator in found]
    assert searched == [0.5]


def test_neighbours_found_and_held_and_the_way_down_are_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    starts: dict[float, list[np.ndarray]] = {}
    real = sweep.solve_in

    def watched(part, *rest, warm):
        starts[part.s] = [start() for start in warm]
        return real(part, *rest, warm=warm)

    monkeypatch.setattr(sweep, "solve_in", watched)
    problem = paths((0.2, 0.5, 0.9))
    above = solve(problem.at(0.9)).operator
    below, found, _ = (solution.operator for solution in solve_sweep(problem, held={0.9: above}))
    assert [len(points) for points in starts.values()] == [2, 3]
    assert np.array_equal(starts[0.5][0], below.to_dense())
    assert np.array_equal(starts[0.5][1], above.to_dense())
    for points in starts.values():
        assert all(np.allclose(point.T @ point, np.eye(6), atol=1e-10) for point in points)
    assert found.certificate is not None


def test_a_disconnected_pair_has_the_diffuse_end() -> None:
    parts = graphs.edges(4, [(0, 1), (2, 3)])
    problem = Problem(coarse=graphs.path(2), fine=parts, locality=[0])
    assert objectives(problem) == [objective(solve(problem.at(0.0)).operator)]


def test_values_share_the_time() -> None:
    """By a clock that moves with every question, many values end at the limit with an answer for each."""
    ticks = count()
    control = Control(clock=lambda: next(ticks) * 0.01)
    problem = paths(tuple(np.linspace(0.05, 0.95, 10)), max_seconds=20.0)
    found = [solution.operator.certificate for solution in solve_sweep(problem, control=control)]
    assert next(ticks) * 0.01 < 22.0
    outcomes = [item.outcome for item in found if item]
    assert len(outcomes) == 10
    assert Outcome.TIME_LIMIT in outcomes
    # The first did not eat the time of the last: each had about its tenth.
    assert all(0.8 < item.seconds < 4.0 for item in found if item)


def test_no_time_at_all_still_gives_an_operator_for_each_value() -> None:
    ticks = count()
    control = Control(clock=lambda: float(next(ticks)))
    found = [item.operator for item in solve_sweep(paths(max_seconds=1e-3), control=control)]
    assert [operator.shape for operator in found] == [(12, 6)] * len(VALUES)
    assert all(operator.orthonormality_error() < 1e-10 for operator in found)


def test_a_cancelled_sweep_says_so_for_what_is_left() -> None:
    stopped: list[bool] = []
    solutions = solve_sweep(paths((0.2, 0.5)), control=Control(should_stop=lambda: bool(stopped)))
    first = next(solutions).operator.certificate
    stopped.append(True)
    second = next(solutions).operator.certificate
    assert first is not None
    assert second is not None
    assert first.outcome is not Outcome.CANCELLED
    assert second.outcome is Outcome.CANCELLED


def test_the_progress_names_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Progress] = []
    ticks = count()
    control = Control(clock=lambda: next(ticks) * 1e-3, report=told.append)
    objectives(paths((0.2, 0.5)), control=control)
    names = [progress.stage.partition(",")[0] for progress in told]
    assert list(dict.fromkeys(names)) == ["s = 0.2 (1 of 2)", "s = 0.5 (2 of 2)"]
    seconds = [progress.seconds for progress in told]
    assert seconds == sorted(seconds)


def test_large_pairs_do_without_the_way_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_DOWN_BYTES", 0)
    monkeypatch.setattr(sweep, "sprint", None)
    assert len(objectives(paths((0.2, 0.5)))) == 2


def test_a_method_that_does_not_fit_is_told_after_what_it_can_do() -> None:
    solutions: Iterator = solve_sweep(paths((0.0, 0.5), method="spectral"))
    assert isinstance(next(solutions).operator, DenseOperator)
    with pytest.raises(InvalidInput, match="/method: 'spectral' is exact for"):
        next(solutions)
