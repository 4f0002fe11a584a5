"""The proof of a lower bound of E: quadratics are bounded where the polygon of what is possible is weakest.

1. The first weights are those of the quadratic that touches E at the best point.
2. Each quadratic is descended from the known point that is best for it, its dual is ascended, and the bound
   becomes a half-plane: proven by a Cholesky factorisation where `n_coarse * n_fine` is at most 4,000, else as
   good as the eigenvalue method. Every point found on the way is a candidate for E.
3. The next weights are normal to the edge, between points found, that the polygon's weakest corner lies deepest
   below; or those that touch E at that corner.

It ends when the bound is within the tolerance, when its time is spent, or when there are no new weights.
"""

from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np

from prolong.certificate import Outcome, Proof
from prolong_worker.solve.control import Interrupted
from prolong_worker.solve.descent import sprint
from prolong_worker.solve.dual.allowance import Allowance, Spent
from prolong_worker.solve.dual.ascent import MOST_BLOCKS, Ascended, ascend, start_at
from prolong_worker.solve.dual.eigenvalue import lowest
from prolong_worker.solve.dual.low_rank import Relaxed
from prolong_worker.solve.dual.polygon import Concave, HalfPlane, Pair, Polygon, lower_left_hull
from prolong_worker.solve.dual.quadratic import Quadratic
from prolong_worker.solve.dual.rigorous import factorising_work, proven_eigenvalue
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.quadratic import minimise_quadratic
from prolong_worker.solve.search import Search
from prolong_worker.solve.setting import Setting
from prolong_worker.solve.spectral import aligned_operator

_DENSE_ORDER = 4000
# Without time for so many factorisations, the proof is a numerical one.
_FEWEST_FACTORISATIONS = 3
_MOST_WEIGHTS, _MOST_ROUNDS = 24, 12
_IDLE_ROUNDS = 2
_SETTLED = 1e-2
_LEAST_GAIN = 0.3
_FINEST_ACCURACY = 3e-4
_SHARE_OF_GAP = 0.03
_SAME_WEIGHTS = 1e-3
_PROMISING, _EQUAL = 1.02, 1e-6
_DESCENT_ITERATIONS = 200
_FINAL_STEPS = 200
_FIRST_STEP = 0.01


class LowerBound(NamedTuple):
    """A bound of E over all orthonormal matrices.

    Arguments:
        value: the bound.
        proof: its kind.
    """

    value: float
    proof: Proof


def spectral_bound(setting: Setting) -> LowerBound:
    """The sum of both terms' own minima."""
    value = setting.lower_bound
    return LowerBound(value, Proof.SPECTRAL if value > 0 else Proof.NONE)


class Proven(NamedTuple):
    """What became of a proof.

    Arguments:
        bound: the best one.
        outcome: `OPTIMAL` if the point is proven optimal within the tolerance, `CANCELLED` if the proof was
            cancelled, else None.
    """

    bound: LowerBound
    outcome: Outcome | None


def prove(setting: Setting, search: Search, *, tolerance: float, seed: int = 0) -> Proven:
    """The best lower bound of E that the allowance is enough for, never below the spectral one.

    Better points that the proof meets are left in the search, and its lower bound is raised as the proof goes
    on. With a free scale, or one term only, nothing is added to the spectral bound.

    Arguments:
        setting: of the problem.
        search: with a point found.
        tolerance: of E, relative, at which the proof ends.
        seed: of everything random.
    """
    allowance = Allowance.after(search.watch, setting.shape, MOST_BLOCKS)
    fixed = all(term.scale.allowed.is_point for term in setting.active)
    if len(setting.active) != 2 or not fixed or not allowance.is_worth_it:
        return Proven(spectral_bound(setting), None)
    prover = _Prover(setting, search, allowance, tolerance, np.random.default_rng(seed))
    outcome = prover.run()
    bound = prover.bound
    if search.found.value - bound.value <= tolerance * search.found.value:
        outcome = Outcome.OPTIMAL
    return Proven(bound, outcome)


class _Weighted(NamedTuple):
    """A quadratic and what is known of its minimum."""

    quadratic: Quadratic
    c: float
    d: float
    target: float
    accuracy: float


@dataclass
class _Prover:
    setting: Setting
    search: Search
    allowance: Allowance
    tolerance: float
    rng: np.random.Generator
    points: list[tuple[Pair, FloatArray]] = field(default_factory=list)
    cuts: list[HalfPlane] = field(default_factory=list)
    states: list[tuple[float, Relaxed]] = field(default_factory=list)

    def __post_init__(self) -> None:
        diffusion, locality = self.setting.active
        self._energy = Concave(diffusion.weight, locality.weight)
        self._least = Pair(diffusion.scale.minimum**2, locality.scale.minimum**2)
        order = self.setting.shape[0] * self.setting.shape[1]
        self._factorising = factorising_work(order)
        rigorous = order <= _DENSE_ORDER and self.allowance.has_time_for(
            _FEWEST_FACTORISATIONS * self._factorising
        )
        self._kind = Proof.DUAL_RIGOROUS if rigorous else Proof.DUAL_NUMERICAL

    def _know_ends(self) -> None:
        diffusion, locality = self.setting.active
        self._know(self.search.found.point)
        self._know(aligned_operator(locality, diffusion))
        self._know(aligned_operator(diffusion, locality))

    @property
    def corner(self) -> Pair:
        return Polygon(self._least, self.cuts).weakest(self._energy)

    @property
    def bound(self) -> LowerBound:
        """The better one of the polygon's and the spectral bound."""
        spectral, value = spectral_bound(self.setting), self._energy(self.corner)
        return LowerBound(value, self._kind) if self.cuts and value > spectral.value else spectral

    def run(self) -> Outcome | None:
        """Cuts as long as it may; the outcome is that of a cancellation, or None."""
        try:
            self._cut_all()
        except Spent:
            return None
        except Interrupted as interruption:
            return Outcome.CANCELLED if interruption.outcome is Outcome.CANCELLED else None
        return None

    def _cut_all(self) -> None:
        self._know_ends()
        weights: tuple[float, float] | None = self._touching(self.points[0][0])
        for _ in range(_MOST_WEIGHTS):
            if weights is None or self._is_enough:
                return
            self._cut(*weights)
            self.search.lower_bound = max(self.search.lower_bound, self.bound.value)
            self.search.report("proof")
            weights = self._next()

    @property
    def _is_enough(self) -> bool:
        value = self.search.found.value
        return value - self.bound.value <= self.tolerance * value

    @property
    def _accuracy(self) -> float:
        """Of the next cut, relative. The first is for good; others need not be finer than the gap asks."""
        finest = max(_FINEST_ACCURACY, self.tolerance)
        gap = 1 - self.bound.value / self.search.found.value
        return max(finest, _SHARE_OF_GAP * gap) if self.cuts else finest

    def _know(self, point: FloatArray) -> Pair:
        diffusion, locality = self.search.visit(point).terms
        pair = Pair(diffusion.norm**2, locality.norm**2)
        self.points.append((pair, point))
        return pair

    def _touching(self, pair: Pair) -> tuple[float, float]:
        """The gradient of E, away from its kinks."""
        first, second = (
            max(square**0.5, 1e7 * term.term.floor) for square, term in zip(pair, self.setting.active, strict=True)
        )
        return self._energy.u / first, self._energy.v / second

    def _next(self) -> tuple[float, float] | None:
        corner = self.corner
        hull = lower_left_hull([pair for pair, _ in self.points])
        normals = [(left.y - right.y, right.x - left.x, left) for left, right in pairwise(hull)]
        depths = [
            ((c * (on.x - corner.x) + d * (on.y - corner.y)) / (c * on.x + d * on.y), (c, d))
            for c, d, on in normals
        ]
        candidates = [weights for depth, weights in sorted(depths, reverse=True)[:1] if depth > 0]
        candidates.append(self._touching(corner))
        return next((weights for weights in candidates if self._is_new(*weights)), None)

    def _is_new(self, c: float, d: float) -> bool:
        return all(abs(np.log(d * cut.c / (c * cut.d))) > _SAME_WEIGHTS for cut in self.cuts)

    def _cut(self, c: float, d: float) -> None:
        best_x, best_y = self.points[0][0]
        size = c * best_x + d * best_y
        c, d = c / size, d / size
        quadratic = Quadratic.of(self.setting, (c, d))
        point = self._descended(c, d, self._start(c, d))
        target = quadratic.value(point)
        weighted = _Weighted(quadratic, c, d, target, self._accuracy * target)
        best = self._ascended(weighted, self._warm(weighted, point))
        if best is None:
            raise Spent
        # Squares are not negative, whatever was proven.
        self.cuts.append(HalfPlane(c, d, max(self._certified(best, weighted.accuracy), 0.0)))

    def _start(self, c: float, d: float) -> FloatArray:
        return min(self.points, key=lambda known: c * known[0].x + d * known[0].y)[1]

    def _descended(self, c: float, d: float, start: FloatArray) -> FloatArray:
        point = minimise_quadratic(
            self.setting, (c, d), start, watch=self.search.watch, max_iterations=_DESCENT_ITERATIONS
        )
        before = self.search.found.value
        self._know(point)
        value = self.search.visit(point).value
        if abs(value - before) > _EQUAL * before and value < _PROMISING * before:
            self._know(sprint(self.search, point, rounds=1))
        return point

    def _warm(self, weighted: _Weighted, point: FloatArray) -> Relaxed:
        fresh = start_at(point, weighted.target, self.rng)
        if not self.states:
            return fresh
        ratio = np.log(weighted.d / weighted.c)
        _, near = min(self.states, key=lambda state: abs(state[0] - ratio))
        return near

    def _ascended(self, weighted: _Weighted, state: Relaxed) -> Ascended | None:
        """The best of some rounds; None if not one fitted into the allowance."""
        best: Ascended | None = None
        idle = 0
        rounds = ascend(
            weighted.quadratic, state, accuracy=weighted.accuracy, check=self.allowance.spend, rng=self.rng
        )
        try:
            for result in islice(rounds, _MOST_ROUNDS):
                gained = np.inf if best is None else result.bound - best.bound
                best = result if best is None or gained > 0 else best
                idle = 0 if gained > _LEAST_GAIN * weighted.accuracy else idle + 1
                if idle == _IDLE_ROUNDS or _is_settled(weighted, result):
                    break
        except Spent:
            return best
        if best is not None:
            self.states.append((float(np.log(weighted.d / weighted.c)), best.state))
        return best

    def _certified(self, best: Ascended, accuracy: float) -> float:
        """What the multipliers prove, of the kind of this proof."""
        multipliers, n_coarse = best.multipliers, self.setting.shape[1]
        if self._kind is Proof.DUAL_RIGOROUS:
            guess = float(best.lowest.values[0])
            step = _FIRST_STEP * accuracy / n_coarse
            proven = proven_eigenvalue(
                multipliers, guess, step=step, check=lambda: self.allowance.reserve(self._factorising)
            )
            return -np.inf if proven is None else multipliers.bound(proven)
        starts = np.concatenate([best.lowest.vectors, self.rng.standard_normal((2, *self.setting.shape))])
        wanted = 0.1 * accuracy / n_coarse
        found = lowest(multipliers, starts, accuracy=wanted, steps=_FINAL_STEPS, check=self.search.watch.check)
        return multipliers.bound(found.guess(multipliers))


def _is_settled(weighted: _Weighted, result: Ascended) -> bool:
    """Whether the bound is near enough to the target, or to what the relaxation can prove at all."""
    if weighted.target - result.bound <= weighted.accuracy:
        return True
    open_part = max(0.5 * weighted.accuracy, 0.1 * (weighted.target - result.ceiling))
    return result.ceiling - result.bound <= open_part and result.state.violation <= _SETTLED
