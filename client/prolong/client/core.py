"""All that the clients do, as flows (see `prolong.client.effects`): ask, ask again, wait, check, keep."""

from __future__ import annotations

import math
import random
import re
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import httpx

from prolong import formats
from prolong.client import answers, calls
from prolong.client.effects import Call, Flow, Pause, Send, Work
from prolong.client.faults import failure, is_passing, translated
from prolong.client.progress import Watch, describe, watching
from prolong.client.retries import RETRIED_STATUSES, retry_after
from prolong.client.settings import Settings
from prolong.client.waiting import Deadline, Waiting
from prolong.diffusion import DistanceProblem, Distances
from prolong.errors import (
    CorruptOperator,
    InvalidInput,
    JobCancelled,
    JobFailed,
    ProlongError,
    ServiceUnavailable,
    UnexpectedResponse,
    UnknownKey,
)
from prolong.keys import KEY_PATTERN
from prolong.operators import Operator
from prolong.problem import Problem
from prolong.wire import PageView, ProlongationView, Status, SweepPart

__all__ = ["Core", "OnProgress"]

OnProgress = Callable[[ProlongationView], None]

#: A search that ends within this time is answered by the request that asked for it.
_SHORT_SECONDS = 1.0

#: So long a service holds back the answer about distances, and so long it is left alone then.
_HELD_SECONDS = 20.0
_LOOK_SECONDS = 0.2

_DOWNLOADS = 3


class Core:
    """The flows of one client.

    **Arguments:** `clock`: seconds, monotonic; `chance`: uniform in [0, 1), for the pauses between attempts.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._chance = chance

    def ask(self, call: Call) -> Flow[httpx.Response]:
        """Send a call until it is answered with success, or until the retries are used up."""
        began, attempt = self._clock(), 0
        while True:
            trouble, asked, passing = yield from self._attempt(call)
            if isinstance(trouble, httpx.Response):
                return trouble
            spent, chance = self._clock() - began, self._chance()
            pause = self.settings.retries.pause(attempt, chance=chance, asked=asked, spent=spent)
            if pause is None or not passing:
                raise trouble
            yield Pause(pause)
            attempt += 1

    def _attempt(self, call: Call) -> Flow[tuple[httpx.Response | ProlongError, float | None, bool]]:
        """One attempt: the answer or what went wrong, the pause asked for, and whether a retry may help."""
        url = self.settings.shown_url
        try:
            response: httpx.Response = yield Send(call)
        except httpx.RequestError as fault:
            error = translated(fault, url)
            error.__cause__ = fault
            return error, None, is_passing(fault)
        if response.is_success:
            return response, None, False
        return failure(response, url), retry_after(response), response.status_code in RETRIED_STATUSES

    def submit(self, problem: Problem, *, wait_seconds: float = 0.0) -> Flow[ProlongationView]:
        return answers.view((yield from self.ask(calls.submit(problem, wait_seconds=wait_seconds))))

    def submit_many(self, problems: Sequence[Problem]) -> Flow[list[ProlongationView]]:
        views: list[ProlongationView] = []
        for call in calls.submit_many(problems):
            views += answers.batch((yield from self.ask(call)))
        if len(views) != len(problems):
            raise UnexpectedResponse(f"{len(problems)} problems were answered with {len(views)} prolongations")
        return views

    def get(self, key: str) -> Flow[ProlongationView]:
        return answers.view((yield from self.ask(calls.get(checked(key)))))

    def page(self, filters: dict[str, str | int | None], cursor: str | None) -> Flow[PageView]:
        return answers.page((yield from self.ask(calls.page(filters, cursor))))

    def cancel(self, key: str) -> Flow[ProlongationView | None]:
        response = yield from self.ask(calls.cancel(checked(key)))
        return None if response.status_code == httpx.codes.NO_CONTENT else answers.view(response)

    def health(self) -> Flow[dict[str, object]]:
        trouble, _, _ = yield from self._attempt(calls.health())
        if isinstance(trouble, ProlongError):
            raise trouble
        return answers.document(trouble)

    def wait(self, key: str, *, timeout: float | None, on_progress: OnProgress | None) -> Flow[ProlongationView]:
        deadline = Deadline(self._clock, timeout)
        with self._watch(key) as watch:
            return (yield from self._wait(key, deadline, self._reporter(watch, on_progress), met=False))

    def fetch(self, key: str, *, timeout: float | None, on_progress: OnProgress | None) -> Flow[Operator]:
        kept = yield from self._kept(checked(key))
        if kept is not None:
            return kept
        return (yield from self._download((yield from self.wait(key, timeout=timeout, on_progress=on_progress))))

    def prolongation(
        self, problem: Problem, *, timeout: float | None, on_progress: OnProgress | None
    ) -> Flow[Operator]:
        _check_single(problem)
        kept = yield from self._kept(problem.key)
        if kept is not None:
            return kept
        return (yield from self._download((yield from self._found(problem, timeout, on_progress))))

    def sweep(
        self, problem: Problem, *, timeout: float | None, on_progress: OnProgress | None
    ) -> Flow[list[Operator]]:
        if not problem.is_sweep:
            return [(yield from self.prolongation(problem, timeout=timeout, on_progress=on_progress))]
        operators: dict[float, Operator] = {}
        for part in problem.parts:
            kept = yield from self._kept(part.key)
            if kept is not None:
                operators[part.s] = kept
        if len(operators) < len(problem.localities):
            view = yield from self._found(problem, timeout, on_progress)
            for found in answers.parts(view, problem):
                if found.locality not in operators:
                    operators[found.locality] = yield from self._part(found, problem.at(found.locality))
        return [operators[value] for value in problem.localities]

    def _part(self, found: SweepPart, alone: Problem) -> Flow[Operator]:
        """The operator of one value of a finished sweep."""
        kept = yield from self._kept(found.key)
        if kept is not None:
            return kept
        view = ProlongationView(key=found.key, status=Status.DONE, operator=found.operator)
        try:
            return (yield from self._download(view))
        except (UnknownKey, JobCancelled, JobFailed):
            # Forgotten since the sweep was found.
            return (yield from self.prolongation(alone, timeout=None, on_progress=None))

    def _found(
        self, problem: Problem, timeout: float | None, on_progress: OnProgress | None
    ) -> Flow[ProlongationView]:
        """The view of the problem's job, asked for and waited for."""
        deadline = Deadline(self._clock, timeout)
        with self._watch(problem.key) as watch:
            report = self._reporter(watch, on_progress)
            view = yield from self.submit(problem, wait_seconds=min(_SHORT_SECONDS, deadline.left()))
            report(view)
            if not view.status.is_final:
                view = yield from self._wait(view.key, deadline, report)
            return answers.finished(view)

    def prolongations(self, problems: Sequence[Problem], *, timeout: float | None) -> Flow[list[Operator]]:
        deadline, operators, missing = Deadline(self._clock, timeout), {}, {}
        for problem in problems:
            _check_single(problem)
            if problem.key not in operators and problem.key not in missing:
                kept = yield from self._kept(problem.key)
                if kept is None:
                    missing[problem.key] = problem
                else:
                    operators[problem.key] = kept
        if missing:
            operators |= yield from self._search(missing, deadline)
        return [operators[problem.key] for problem in problems]

    def _search(self, problems: dict[str, Problem], deadline: Deadline) -> Flow[dict[str, Operator]]:
        """The operators of problems that are not kept, by key."""
        found: dict[str, Operator] = {}
        with watching(self.settings.show_progress, label="prolongations", total=len(problems)) as watch:
            for view in (yield from self.submit_many(list(problems.values()))):
                report = self._reporter(watch, None)
                done = view if view.status.is_final else (yield from self._wait(view.key, deadline, report))
                found[view.key] = yield from self._download(answers.finished(done))
                watch.advance()
        return found

    def distances(self, problem: DistanceProblem, *, timeout: float | None) -> Flow[Distances]:
        deadline = Deadline(self._clock, timeout)

        def patience() -> int:
            return math.ceil(min(_HELD_SECONDS, deadline.left()))

        view = answers.comparison((yield from self.ask(calls.compare(problem, wait_seconds=patience()))))
        while not view.status.is_final:
            deadline.check(view)
            # A service that holds no answer back is not to be asked without end.
            yield Pause(_LOOK_SECONDS)
            view = answers.comparison((yield from self.ask(calls.comparison(view.key, wait_seconds=patience()))))
        return answers.distances(view, problem)

    def _watch(self, key: str) -> AbstractContextManager[Watch]:
        return watching(self.settings.show_progress, label=f"prolongation {key[:12]}")

    @staticmethod
    def _reporter(watch: Watch, on_progress: OnProgress | None) -> OnProgress:
        def report(view: ProlongationView) -> None:
            watch.say(describe(view))
            if on_progress is not None:
                on_progress(view)

        return report

    def _wait(
        self, key: str, deadline: Deadline, report: OnProgress, *, met: bool = True
    ) -> Flow[ProlongationView]:
        """The view of a job that is done. A service that was `met` and goes away is put up with for a while."""
        waiting, lenience = Waiting(key, deadline, report), self.settings.retries.patience_seconds
        patience = Deadline(self._clock, lenience if met else 0.0)
        while True:
            try:
                view = yield from self.get(key)
            except ServiceUnavailable:
                if not patience.left() or not deadline.left():
                    raise
            else:
                patience = Deadline(self._clock, lenience)
                report(view)
                if view.status.is_final:
                    return answers.finished(view)
                deadline.check(view)
            yield from waiting.until_news()

    def _kept(self, key: str) -> Flow[Operator | None]:
        operator: Operator | None = yield Work(lambda: self.settings.cache.load(key))
        return operator

    def _download(self, view: ProlongationView) -> Flow[Operator]:
        """The operator of a finished job, its digest checked, kept on disk."""
        if view.sweep is not None:
            detail = f"{view.key} is a sweep of {len(view.sweep)} operators: its view names the key of each"
            raise InvalidInput.at("", detail, code="sweep")
        for _ in range(_DOWNLOADS):
            response = yield from self.ask(calls.operator(view.key))
            operator: Operator | None = yield Work(lambda: self._accepted(view, response.content))  # noqa: B023
            if operator is not None:
                return operator
            # Forgotten and computed anew meanwhile, or damaged on the way: a fresh view settles which.
            view = answers.finished((yield from self.get(view.key)))
        raise CorruptOperator(f"the operator {view.key} from {self.settings.shown_url} does not have its digest")

    def _accepted(self, view: ProlongationView, data: bytes) -> Operator | None:
        if view.operator is None or formats.digest(data) != view.operator.sha256:
            return None
        operator = formats.from_bytes(data)
        self.settings.cache.store(view.key, data)
        return operator


def _check_single(problem: Problem) -> None:
    if problem.is_sweep:
        detail = f"is a sweep of {len(problem.localities)} operators where one is asked for: use 'sweep'"
        raise InvalidInput.at("/locality", detail, code="sweep")


def checked(key: str) -> str:
    """`key`, if it can be one."""
    if not re.fullmatch(KEY_PATTERN, key):
        raise InvalidInput.at("", f"{key!r} is no key: keys have 64 hexadecimal digits", code="bad_key")
    return key
