"""What a search hears from and tells to the outside: time, cancellation, progress.

The search itself has no clock and does no I/O; its owner injects all three.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from prolong.certificate import Outcome
from prolong.wire import Progress

# The next evaluation and the one that measures the final point, with the arithmetic of the certificate beside it.
_STEPS_TO_THE_END = 2.5
# Of the allowed time, kept back for what follows the last step of a large pair and is no step itself.
_CLOSING_SHARE = 0.02


def _no_clock() -> float:
    return 0.0


def _go_on() -> bool:
    return False


def _discard(progress: Progress) -> None:
    del progress


def _unobserved(value: float) -> None:
    del value


@dataclass(frozen=True)
class Control:
    """The callables of a search. The default never stops and reports to nobody.

    Arguments:
        clock: monotonic seconds; only differences matter.
        should_stop: true once the search is cancelled. Called with every evaluation, so it must be cheap.
        report: told the progress after every round. What it raises ends the search and is passed on.
        observe: told every new best value of the objective, from inside the evaluation, so it must be cheap.
    """

    clock: Callable[[], float] = _no_clock
    should_stop: Callable[[], bool] = _go_on
    report: Callable[[Progress], None] = _discard
    observe: Callable[[float], None] = _unobserved


class Interrupted(Exception):
    """Carries the outcome of a search that has to end now. Never leaves `prolong_worker.solve`."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


@dataclass
class Watch:
    """A control together with the start and the limit of one search.

    On large pairs a single evaluation takes seconds. So that the best point is measured and handed over before
    the limit, the search ends when the next step, taken to be as long as the longest so far, and that
    measurement would no longer fit. A small share is kept back for the certificate.
    """

    control: Control
    max_seconds: float
    _started: float = field(init=False)
    _checked: float | None = field(init=False, default=None)
    _longest: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._started = self.control.clock()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return self.control.clock() - self._started

    @property
    def share_used(self) -> float:
        """Of the allowed time, 0 at the start and 1 at the limit."""
        return self.seconds / self.max_seconds

    def check(self) -> None:
        """Raises `Interrupted` if the search is cancelled or out of time. Called after every evaluation."""
        if self.control.should_stop():
            raise Interrupted(Outcome.CANCELLED)
        now = self.seconds
        if self._checked is not None:
            self._longest = max(self._longest, now - self._checked)
        self._checked = now
        if now + _STEPS_TO_THE_END * self._longest >= (1 - _CLOSING_SHARE) * self.max_seconds:
            raise Interrupted(Outcome.TIME_LIMIT)

    def report(self, stage: str, iteration: int, *, objective: float | None, lower_bound: float) -> None:
        """Tells the control how far the search is."""
        progress = Progress(
            stage=stage, iteration=iteration, objective=objective, lower_bound=lower_bound, seconds=self.seconds
        )
        self.control.report(progress)
