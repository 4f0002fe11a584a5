import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prolong import Problem, graphs
from prolong.certificate import Outcome, Proof
from prolong.errors import InvalidInput
from prolong_worker.solve import Control, solve
from prolong_worker.solve.commuting import commuting_pair
from prolong_worker.solve.control import Watch
from prolong_worker.solve.descent import sprint
from prolong_worker.solve.manifold import orthonormalised
from prolong_worker.solve.search import Search
from prolong_worker.solve.setting import setting_of

TINY = [
    (graphs.cycle(3), graphs.cycle(6)),
    (graphs.cycle(4), graphs.cycle(8)),
    (graphs.hypercube(2), graphs.hypercube(3)),
    (graphs.complete(3), graphs.complete(5)),
    (graphs.complete(3), graphs.cycle(7)),
    (graphs.path(2), graphs.cycle(5)),
    (graphs.path(1), graphs.complete(4)),
]
LARGER = [
    (graphs.cycle(12), graphs.cycle(24)),
    (graphs.cycle(9), graphs.cycle(31)),
    (graphs.grid(3, 3, periodic=True), graphs.grid(3, 6, periodic=True)),
    (graphs.grid(4, 5, periodic=True), graphs.grid(8, 5, periodic=True)),
    (graphs.hypercube(4), graphs.hypercube(5)),
    (graphs.complete(10), graphs.complete(17)),
    (graphs.cycle(8), graphs.hypercube(4)),
]


def _name(graph):
    return f"{graph.kind}-{graph.n}"


def _problem(pair, s, **fields):
    return Problem(coarse=pair[0], fine=pair[1], locality=s, **fields)


def _optimum(problem):
    """Solves, and demands everything that is promised of an exact answer."""
    certificate = solve(problem).operator.certificate
    assert certificate.outcome == Outcome.OPTIMAL
    assert certificate.proof == Proof.EXACT
    assert certificate.gap == 0
    assert certificate.method == "spectral"
    assert certificate.orthonormality_error < 1e-12
    return certificate.objective


@pytest.mark.parametrize(("s", "known"), [(0.1, 1.694943), (0.5, 3.751668), (0.9, 2.947735)])
@pytest.mark.parametrize("method", ["auto", "spectral"])
def test_the_cycle_has_its_known_optima(s, known, method):
    pair = (graphs.cycle(32), graphs.cycle(64))
    problem = _problem(pair, s, alpha=1.0, beta=0.25, method=method)
    assert _optimum(problem) == pytest.approx(known, abs=5e-7)


@pytest.mark.parametrize("pair", TINY, ids=lambda pair: "-".join(map(_name, pair)))
@pytest.mark.parametrize("s", [0.1, 0.5, 0.8])
def test_nothing_is_below_the_claimed_optimum_of_tiny_pairs(pair, s, rng):
    problem = _problem(pair, s)
    claimed, setting = _optimum(problem), setting_of(problem)
    rounding = 1e-10 + setting.rounding
    assert claimed == pytest.approx(_least_partial_permutation(setting), abs=rounding)
    for _ in range(300):
        assert setting.objective.value(orthonormalised(rng.standard_normal(setting.shape))) >= claimed - rounding
    for _ in range(5):
        search = Search(setting.objective, 0.0, -1.0, Watch(Control(), 60.0))
        sprint(search, orthonormalised(rng.standard_normal(setting.shape)), rounds=2)
        assert search.found.value >= claimed - rounding


def _least_partial_permutation(setting):
    """Over all of them, in the common eigenbases, measured on the matrices themselves."""
    pair = commuting_pair(setting)
    n_fine, n_coarse = setting.shape
    return min(
        setting.objective.value(pair.fine.vectors[:, list(chosen)] @ pair.coarse.vectors.T)
        for chosen in itertools.permutations(range(n_fine), n_coarse)
    )


@settings(max_examples=40, deadline=None)
@given(
    st.integers(3, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(n, n + 5))),
    st.tuples(*[st.sampled_from([graphs.cycle, graphs.complete])] * 2),
    st.floats(0.01, 0.99),
    st.floats(0.2, 5.0),
)
def test_random_points_and_other_partial_permutations_are_never_better(sizes, families, s, alpha):
    coarse, fine = (make(n) for make, n in zip(families, sizes, strict=True))
    problem = _problem((coarse, fine), s, alpha=alpha)
    claimed, setting = _optimum(problem), setting_of(problem)
    pair, rng = commuting_pair(setting), np.random.default_rng(fine.n)
    for _ in range(50):
        free = orthonormalised(rng.standard_normal(setting.shape))
        chosen = pair.fine.vectors[:, rng.permutation(fine.n)[: coarse.n]] @ pair.coarse.vectors.T
        for point in (free, chosen):
            assert setting.objective.value(point) >= claimed - 1e-9


@pytest.mark.parametrize("pair", LARGER, ids=lambda pair: "-".join(map(_name, pair)))
@pytest.mark.parametrize("s", [0.3, 0.7])
def test_the_search_finds_nothing_better(pair, s):
    exact = _optimum(_problem(pair, s))
    searched = solve(_problem(pair, s, method="stiefel", starts=1, max_seconds=5.0)).operator.certificate
    assert exact <= searched.objective * (1 + 1e-9)


@pytest.mark.parametrize("pair", [LARGER[0], LARGER[2], LARGER[4], LARGER[5]], ids=lambda pair: _name(pair[1]))
def test_the_optimum_is_concave_in_locality(pair):
    # A minimum of functions that are linear in s.
    fields = {"alpha": 1.0, "beta": 0.5}
    values = [_optimum(_problem(pair, s, **fields)) for s in np.linspace(0.1, 0.9, 9)]
    assert np.all(np.diff(values, 2) <= 1e-9)


@pytest.mark.parametrize(
    "pair",
    [
        (graphs.path(4), graphs.path(8)),
        (graphs.tree(2, 2), graphs.cycle(9)),
        (graphs.cycle(5), graphs.tree(2, 2)),
        (graphs.cycle(5), graphs.grid(2, 3)),
    ],
    ids=lambda pair: "-".join(map(_name, pair)),
)
def test_spectral_says_what_is_missing(pair):
    assert commuting_pair(setting_of(_problem(pair, 0.5))) is None
    with pytest.raises(InvalidInput, match="must commute") as caught:
        solve(_problem(pair, 0.5, method="spectral"))
    assert [error.pointer for error in caught.value.errors] == ["/method"]


def test_free_scales_are_searched():
    pair = (graphs.cycle(4), graphs.cycle(6))
    with pytest.raises(InvalidInput, match="numbers or 'auto'"):
        solve(_problem(pair, 0.5, beta="joint", method="spectral"))
    joint = solve(_problem(pair, 0.5, beta="joint")).operator.certificate
    assert joint.method == "stiefel"
    assert joint.objective <= _optimum(_problem(pair, 0.5)) * (1 + 1e-6)


@pytest.mark.parametrize("after", [0, 1, 3])
def test_cancellation_returns_the_best_assignment_so_far_with_a_valid_bound(after):
    calls = itertools.count()
    problem = _problem((graphs.cycle(32), graphs.cycle(64)), 0.5, alpha=1.0, beta=0.25)
    certificate = solve(problem, control=Control(should_stop=lambda: next(calls) >= after)).operator.certificate
    assert certificate.outcome == Outcome.CANCELLED
    assert certificate.lower_bound <= 3.7516679 <= certificate.objective + 1e-6
    assert certificate.proof == Proof.SPECTRAL


def test_progress_tells_bounds_that_close():
    told = []
    problem = _problem((graphs.cycle(32), graphs.cycle(64)), 0.5, alpha=1.0, beta=0.25)
    best = solve(problem, control=Control(report=told.append)).operator.certificate.objective
    assert [progress.objective for progress in told] == sorted((p.objective for p in told), reverse=True)
    assert all(progress.lower_bound <= best * (1 + 1e-12) for progress in told)


@pytest.mark.parametrize("seed", range(6))
def test_weighted_circulants_are_solved_exactly_too(seed):
    rng = np.random.default_rng(seed)
    n_coarse, n_fine = sorted(rng.integers(3, 25, size=2).tolist())
    problem = _problem((_circulant(n_coarse, rng), _circulant(n_fine, rng)), float(rng.uniform(0.05, 0.95)))
    claimed, setting = _optimum(problem), setting_of(problem)
    for _ in range(50):
        assert setting.objective.value(orthonormalised(rng.standard_normal(setting.shape))) >= claimed * (
            1 - 1e-12
        )


def _circulant(n, rng):
    """A cycle and the chords of one length, with conductances over six orders of magnitude."""
    weights = {step: float(10 ** rng.uniform(-3, 3)) for step in (1, int(rng.integers(1, n // 2 + 1)))}
    pairs = {tuple(sorted((k, (k + step) % n))): weight for step, weight in weights.items() for k in range(n)}
    return graphs.edges(n, [(*pair, weight) for pair, weight in sorted(pairs.items())])
