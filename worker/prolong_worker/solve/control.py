"""What a search hears from and tells to the outside: time, cancellation, progress.

The search itself has no clock and does no I/O; its owner injects all three.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from prolong.certificate import Outcome
from prolong.wire import Progress


def _no_clock() -> float:
    return 0.0


def _go_on() -> bool:
    return False


def _discard(progress: Progress) -> None:
    del progress


@dataclass(frozen=True)
class Control:
    """The three callables of a search. The default never stops and reports to nobody.

    Arguments:
        clock: monotonic seconds; only differences matter.
        should_stop: true once the search is cancelled. Called with every evaluation, so it must be cheap.
        report: told the progress after every round. What it raises ends the search and is passed on.
    """

    clock: Callable[[], float] = _no_clock
    should_stop: Callable[[], bool] = _go_on
    report: Callable[[Progress], None] = _discard


class Interrupted(Exception):
    """Carries the outcome of a search that has to end now. Never leaves `prolong_worker.solve`."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


@dataclass(frozen=True)
class Watch:
    """A control together with the start and the limit of one search."""

    control: Control
    max_seconds: float
    started: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "started", self.control.clock())

    @property
    def seconds(self) -> float:
        """Since the start."""
        return self.control.clock() - self.started

    @property
    def share_used(self) -> float:
        """Of the allowed time, 0 at the start and 1 at the limit."""
        return self.seconds / self.max_seconds

    def check(self) -> None:
        """Raises `Interrupted` if the search is cancelled or out of time."""
        if self.control.should_stop():
            raise Interrupted(Outcome.CANCELLED)
        if self.seconds >= self.max_seconds:
            raise Interrupted(Outcome.TIME_LIMIT)

    def report(self, stage: str, iteration: int, *, objective: float | None, lower_bound: float) -> None:
        """Tells the control how far the search is."""
        progress = Progress(
            stage=stage, iteration=iteration, objective=objective, lower_bound=lower_bound, seconds=self.seconds
        )
        self.control.report(progress)
