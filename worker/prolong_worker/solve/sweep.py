"""`solve_sweep`: one problem at several localities (Scott & Mjolsness, arXiv 1806.05703, figure 2).

The matrices, their spectra and the scales are the same for all values and computed once. Where an exact method
answers, it answers each value. Otherwise the optima continue along s, from both ends: before anything is final,
the exact optimum at s = 1 is descended from value to value downwards; then the values are searched upwards, each
from the operator of the value before, from the point that came down, and from all starts of a search of its own.
So no value has fewer chances than alone, each is final as soon as it is found, and none waits for the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

from prolong.operators import Operator
from prolong.problem import Problem
from prolong.wire import Progress
from prolong_worker.solve.control import Control, Interrupted, Watch
from prolong_worker.solve.descent import sprint
from prolong_worker.solve.dispatch import solve_in
from prolong_worker.solve.graph_matrices import FloatArray
from prolong_worker.solve.search import Search
from prolong_worker.solve.setting import Setting, setting_of
from prolong_worker.solve.solution import Solution
from prolong_worker.solve.spectral import aligned_operator
from prolong_worker.solve.starts import Start

_ROUNDS = 1
# Of the time that one value may take, for the way down.
_DOWN_SHARE = 0.5
# What the points of the way down may take together; large pairs do without them.
_DOWN_BYTES = 2**28


def solve_sweep(
    problem: Problem, *, control: Control | None = None, held: Mapping[float, Operator] | None = None
) -> Iterator[Solution]:
    """The solution of each value of a sweep, in the order of the values, each as soon as it is found.

    A value that begins with little time left, or after a cancellation, gives the best point so far; its outcome
    says so. What one value leaves of its share of `max_seconds` is for the others.

    Arguments:
        problem: what is asked; a single problem is a sweep of one.
        control: clock, cancellation and progress; the progress says which value is searched.
        held: operators of some values, found before; they are given back, and started from.

    Raises:
        InvalidInput: from the iterator, as `solve`.
    """
    sweep = _Sweep(problem, control or Control(), dict(held or {}))
    return (sweep.solution(number) for number in range(len(problem.localities)))


@dataclass
class _Sweep:
    problem: Problem
    control: Control
    held: dict[float, Operator]
    _watch: Watch = field(init=False)
    _last: Operator | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._watch = Watch(self.control, self.problem.max_seconds)

    def solution(self, number: int) -> Solution:
        """Of value `number`; asked for in order."""
        operator = self.held.get(self._values[number])
        found = self._found(number) if operator is None else Solution(operator)
        self._last = found.operator
        return found

    @property
    def _values(self) -> Sequence[float]:
        return self.problem.localities

    def _found(self, number: int) -> Solution:
        part = self.problem.at(self._values[number])
        watch = Watch(self._labelled(number), self._share(number))
        return solve_in(part, lambda: self._settings[number], watch, warm=self._warm(number))

    def _share(self, number: int) -> float:
        """Seconds for one value: as many as for each that is still to be found, never none at all."""
        missing = sum(value not in self.held for value in self._values[number:])
        left = self.problem.max_seconds - self._watch.seconds
        return max(left, 1e-9 * self.problem.max_seconds) / missing

    def _labelled(self, number: int) -> Control:
        name = f"s = {self._values[number]:g} ({number + 1} of {len(self._values)})"

        def report(progress: Progress) -> None:
            told = {"stage": f"{name}, {progress.stage}", "seconds": self._watch.seconds}
            self.control.report(progress.model_copy(update=told))

        return replace(self.control, report=report)

    @cached_property
    def _settings(self) -> Sequence[Setting]:
        first = setting_of(self.problem.at(self._values[0]))
        return [first.at(value) for value in self._values]

    def _warm(self, number: int) -> Sequence[Start]:
        """Points of neighbouring values; called only by methods that search from somewhere."""
        above = next((self.held[value] for value in self._values[number + 1 :] if value in self.held), None)
        neighbours = [operator.to_dense for operator in (self._last, above) if operator is not None]
        return [*neighbours, *([lambda: self._down[number]] if self._goes_down else [])]

    @property
    def _goes_down(self) -> bool:
        return 8 * self.problem.coarse.n * self.problem.fine.n * len(self._values) <= _DOWN_BYTES

    @cached_property
    def _down(self) -> Sequence[FloatArray]:
        """The optimum at s = 1 continued downwards: a point for each value, shape `(n_fine, n_coarse)`.

        Cut off, it stays where it is.
        """
        watch = Watch(self.control, _DOWN_SHARE * self._share(0))
        ends = self._settings[-1]
        assert ends.locality is not None  # noqa: S101 - nothing is searched without hop distances
        point = aligned_operator(ends.locality, ends.diffusion)
        points = []
        for setting in reversed(self._settings):
            point = _descended(setting, point, watch)
            points.append(point)
        return points[::-1]


def _descended(setting: Setting, point: FloatArray, watch: Watch) -> FloatArray:
    if len(setting.active) == 1:
        return point
    search = Search(setting.objective, setting.lower_bound, setting.rounding, watch)
    with suppress(Interrupted):
        sprint(search, point, rounds=_ROUNDS)
    return search.found.point
