import numpy as np
import pytest

from prolong import Problem, graphs
from prolong.certificate import Outcome, Proof
from prolong_worker.solve import solve
from prolong_worker.solve.matching import spectral_operator
from prolong_worker.solve.setting import setting_of
from prolong_worker.solve.spectral import aligned_operator


def test_aligned_operators_keep_their_own_optimum(small):
    setting = setting_of(small)
    for own, other in (setting.active, setting.active[::-1]):
        point = aligned_operator(own, other)
        np.testing.assert_allclose(point.T @ point, np.eye(point.shape[1]), atol=1e-12)
        assert own.term.at(point).norm == pytest.approx(own.scale.minimum, rel=1e-10)


PAIRS = [
    (graphs.cycle(8), graphs.cycle(16)),
    (graphs.grid(3, 3), graphs.grid(6, 6)),
    (graphs.tree(2, 2), graphs.grid(3, 5)),
    (graphs.path(1), graphs.path(1)),
]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0].kind}-{pair[1].n}")
@pytest.mark.parametrize("scale", ["auto", "joint", 0.7])
@pytest.mark.parametrize("locality", [0.0, 1.0])
def test_one_term_is_optimal_and_the_other_no_worse_than_by_chance(pair, scale, locality):
    problem = Problem(coarse=pair[0], fine=pair[1], locality=locality, alpha=scale, beta=scale, method="spectral")
    setting = setting_of(problem)
    (own,) = setting.active
    plain = spectral_operator(own.coarse, own.fine, own.scale.start)
    certificate = solve(problem).operator.certificate
    assert (certificate.outcome, certificate.proof, certificate.gap) == (Outcome.OPTIMAL, Proof.EXACT, 0)
    assert certificate.objective == pytest.approx(own.scale.minimum, rel=1e-12, abs=1e-10)
    assert certificate.diffusion <= setting.diffusion.term.at(plain).norm * (1 + 1e-6) + 1e-9
    assert certificate.locality <= setting.locality.term.at(plain).norm * (1 + 1e-6) + 1e-9
