import numpy as np
import pytest

from prolong import Problem, graphs
from prolong.certificate import Outcome
from prolong_worker.solve import aggregation_certificate, solve, solve_sweep
from prolong_worker.solve.certify import evidence_of
from prolong_worker.solve.setting import setting_of
from prolong_worker.solve.solution import Found

PAIRS = [
    (graphs.path(5), graphs.path(15)),
    (graphs.path(4), graphs.path(4)),
    (graphs.path(1), graphs.path(6)),
    (graphs.cycle(5), graphs.cycle(10)),
    (graphs.cycle(3), graphs.cycle(12)),
    (graphs.grid(2, 3), graphs.grid(4, 9)),
    (graphs.grid(3, 4, periodic=True), graphs.grid(6, 8, periodic=True)),
    (graphs.grid(2, 1, 2), graphs.grid(4, 3, 2)),
]


@pytest.mark.parametrize(("coarse", "fine"), PAIRS, ids=str)
@pytest.mark.parametrize("scale", [0.7, "auto", "joint"])
def test_equals_the_dense_certificate(coarse, fine, scale):
    problem = Problem(coarse=coarse, fine=fine, locality=0.3, alpha=scale, beta=scale, structure="aggregation")
    operator = solve(problem).operator
    dense = evidence_of(setting_of(problem), Found(operator.to_dense(), Outcome.CLOSED_FORM, "", 0))
    certificate = operator.certificate
    assert certificate.diffusion == pytest.approx(dense.diffusion.norm, rel=1e-9, abs=1e-9)
    assert certificate.locality == pytest.approx(dense.locality.norm, rel=1e-9, abs=1e-9)
    assert certificate.objective == pytest.approx(dense.objective, rel=1e-9, abs=1e-9)
    assert certificate.alpha == pytest.approx(dense.diffusion.scale, rel=1e-9)
    assert certificate.beta == pytest.approx(dense.locality.scale, rel=1e-9)
    if not dense.is_exact:
        assert certificate.lower_bound == pytest.approx(dense.lower_bound, rel=1e-6, abs=1e-6)


def test_twenty_thousand_vertices():
    problem = Problem(
        coarse=graphs.path(10_000),
        fine=graphs.path(20_000),
        structure="aggregation",
        locality=0.5,
        alpha=1.0,
        beta=0.25,
    )
    certificate = solve(problem).operator.certificate
    # Neighbouring pairs differ by L-entries 1/2 and 1 only: D grows like the square root of the size.
    assert certificate.diffusion == pytest.approx(np.sqrt(2) * 100, rel=1e-3)
    assert certificate.locality == pytest.approx(5000, rel=1e-3)
    assert 0 < certificate.lower_bound < certificate.objective
    assert certificate.outcome == Outcome.CLOSED_FORM


def test_the_values_of_a_sweep_share_the_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = []
    real = aggregation_certificate.resolve_scale
    monkeypatch.setattr(
        aggregation_certificate, "resolve_scale", lambda *given: resolved.append(given) or real(*given)
    )
    pair = {"coarse": graphs.path(11), "fine": graphs.path(33), "alpha": 0.123}
    problem = Problem(**pair, locality=[0.2, 0.4, 0.6], structure="aggregation")
    assert len(list(solve_sweep(problem))) == 3
    assert len(resolved) == 2
