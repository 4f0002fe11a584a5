"""How long a proof may take."""

from dataclasses import dataclass

from prolong_worker.solve.control import Watch

# A proof may take this many times as long as the search before it, and these seconds at least.
_TIMES_THE_SEARCH = 2.0
_LEAST_SECONDS = 3.0
# Of the allowed time of the whole, so that what was reached is still certified.
_LAST_SHARE = 0.9
# Evaluations of the relaxation, which bound the proof where there is no clock, and the arithmetic of all of them.
_MOST_EVALUATIONS = 3000
_MOST_WORK = 2e12
# Fewer evaluations than these bring no bound worth the memory of the relaxation.
_FEWEST_EVALUATIONS = 40
# Multiplications a second of a large factorisation: what a busy core does, so that promises of time are kept.
_FACTORISING_SPEED = 5e9


class Spent(Exception):
    """The proof has used what it was allowed. Never leaves `prolong_worker.solve.dual`."""


@dataclass
class Allowance:
    """Mutable: what is left of time and arithmetic.

    Arguments:
        watch: of the whole search.
        deadline: in the watch's seconds.
        evaluations: left.
    """

    watch: Watch
    deadline: float
    evaluations: int

    @classmethod
    def after(cls, watch: Watch, shape: tuple[int, int], blocks: int) -> "Allowance":
        """What a proof may use after a search that ends now.

        Arguments:
            watch: of the search.
            shape: `(n_fine, n_coarse)`.
            blocks: points of the relaxation's stack.
        """
        n_fine, n_coarse = shape
        work = 6.0 * blocks * n_fine * n_coarse * (n_fine + n_coarse) + 10.0 * n_fine**3
        seconds = max(_TIMES_THE_SEARCH * watch.seconds, _LEAST_SECONDS)
        deadline = min(watch.seconds + seconds, _LAST_SHARE * watch.max_seconds)
        return cls(watch, deadline, int(min(_MOST_EVALUATIONS, _MOST_WORK / work)))

    @property
    def is_worth_it(self) -> bool:
        return self.evaluations >= _FEWEST_EVALUATIONS

    def has_time_for(self, multiplications: float) -> bool:
        """Whether a factorisation of this size, which nothing can interrupt, ends before the deadline."""
        return self.watch.seconds + multiplications / _FACTORISING_SPEED <= self.deadline

    def reserve(self, multiplications: float) -> None:
        """Called before every factorisation.

        Raises:
            Spent: if it might not end within the time that the whole search is allowed.
            Interrupted: if the search is cancelled or out of time.
        """
        self.watch.check()
        if self.watch.seconds + multiplications / _FACTORISING_SPEED > self.watch.max_seconds:
            raise Spent

    def spend(self) -> None:
        """Called before every evaluation.

        Raises:
            Spent: if nothing is left.
            Interrupted: if the whole search is out of time or cancelled.
        """
        self.watch.check()
        self.evaluations -= 1
        if self.evaluations < 0 or self.watch.seconds > self.deadline:
            raise Spent
