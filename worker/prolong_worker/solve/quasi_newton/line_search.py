"""Backtracking with interpolation, to the sufficient decrease of Armijo.

The first trial of a quasi-Newton step has length 1. Each failure is followed by the minimiser of the parabola,
then of the cubic, through what is known, safeguarded to a tenth and a half of the last trial.

Near convergence the decrease that is asked for falls below the rounding errors of the cost. A trial is accepted
there if its cost is equal within rounding; the caller judges it by the gradient.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

_SUFFICIENT_DECREASE = 1e-4
_SHORTEST, _LONGEST = 0.1, 0.5
_ROUNDING = 256 * float(np.finfo(np.float64).eps)


class Trial(NamedTuple):
    """A step length, and the point and the cost there."""

    length: float
    point: Any
    cost: float


@dataclass(frozen=True)
class Backtracking:
    """The line search.

    Arguments:
        max_trials: after so many the search has failed.
    """

    max_trials: int = 25

    def search(
        self, trial_at: Callable[[float], Trial], cost: float, slope: float, *, first: float = 1.0
    ) -> tuple[Trial | None, int]:
        """The first trial that decreases the cost enough, or None; and the number of trials made.

        Arguments:
            trial_at: evaluates a step length.
            cost: at length 0.
            slope: derivative of the cost at length 0, negative.
            first: length of the first trial.
        """
        length, previous = first, None
        rounding = _ROUNDING * abs(cost)
        for count in range(1, self.max_trials + 1):
            trial = trial_at(length)
            expected = -length * slope
            allowed = rounding if expected <= rounding else -_SUFFICIENT_DECREASE * expected
            if trial.cost <= cost + allowed:
                return trial, count
            length, previous = _shorter(trial, previous, cost, slope), trial
        return None, self.max_trials


def _shorter(trial: Trial, previous: Trial | None, cost: float, slope: float) -> float:
    guess = _parabola(trial, cost, slope) if previous is None else _cubic(trial, previous, cost, slope)
    if not np.isfinite(guess):
        guess = _LONGEST * trial.length
    return min(max(guess, _SHORTEST * trial.length), _LONGEST * trial.length)


def _parabola(trial: Trial, cost: float, slope: float) -> float:
    excess = trial.cost - cost - slope * trial.length
    return -slope * trial.length**2 / (2 * excess) if excess > 0 else np.inf


def _cubic(trial: Trial, previous: Trial, cost: float, slope: float) -> float:
    # cost + slope t + b t^2 + a t^3 through both trials.
    one, two = ((known.cost - cost - slope * known.length) / known.length**2 for known in (trial, previous))
    a = (one - two) / (trial.length - previous.length)
    b = one - a * trial.length
    if a == 0:
        return -slope / (2 * b) if b != 0 else np.inf
    inside = b * b - 3 * a * slope
    return float((-b + np.sqrt(inside)) / (3 * a)) if inside >= 0 else np.inf
