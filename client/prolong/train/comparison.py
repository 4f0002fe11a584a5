"""The same autoencoder trained on all scales and on the finest alone, side by side in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import torch

from prolong.errors import InvalidInput
from prolong.operators import Operator
from prolong.train.arms import Arms, ComparisonSettings
from prolong.train.cycles import Visit
from prolong.train.data import SIDE, ImageRows
from prolong.train.history import Evaluation, History
from prolong.train.results import Comparison
from prolong.train.stopping import Budget
from prolong.train.trainer import Trainer

__all__ = ["TARGETS", "compare", "one_thread"]

#: Held-out mean squared errors to reach, by data set; those of MNIST are the usual protocol's.
TARGETS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {"mnist": (0.0421, 0.024, 0.0129, 0.0102), "digits": (0.05, 0.035, 0.02, 0.012)}
)

OnEvaluation = Callable[[str, Evaluation], None]


def compare(
    images: ImageRows,
    operators: Mapping[int, Operator],
    *,
    settings: ComparisonSettings | None = None,
    on_evaluation: OnEvaluation | None = None,
) -> Comparison:
    """Train every arm from scratch on one thread; pooling the data is on the clock, evaluations are off it.

    The arms: `nested`, on all scales; `fine`, the finest level only with the same start and optimiser;
    `fine_glorot`, that with Glorot's plain start, as published experiments have it; `msann`, if asked for.

    **Arguments:** `operators`, by fine size, aggregations for all axes that are coarsened; `on_evaluation` gets
    the arm's name and the evaluation, off the clock.

    **Raises:** `InvalidInput` for a missing operator, or widths that do not fit the images.
    """
    settings = settings or ComparisonSettings()
    if settings.widths[0] != SIDE * SIDE:
        detail = f"got {settings.widths[0]} inputs for images of {SIDE} x {SIDE} pixels"
        raise InvalidInput.at("/widths/0", detail, code="widths")
    arms = Arms(images, operators, settings)
    with one_thread():
        _warm_up(arms, settings)
        histories = {name: _run(arms, name, on_evaluation) for name in arms.names}
    return Comparison(images.name, images.source, TARGETS[images.name], histories)


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch computes on one thread inside."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _run(arms: Arms, name: str, on_evaluation: OnEvaluation | None) -> History:
    arm = arms.build(name)
    report = None if on_evaluation is None else lambda seen: on_evaluation(name, seen)
    trainer = Trainer(Budget(cost=arm.cost), on_evaluation=report)
    return trainer.run(arm.scheme, arm.schedule, label=name, settings=arm.described)


def _warm_up(arms: Arms, settings: ComparisonSettings) -> None:
    """Two steps a level: torch loads parts of itself, for seconds, when it is first asked to train."""
    arm = arms.build("nested", rows=2 * settings.batch)
    visits = (Visit(level, 2) for level in range(settings.depth, -1, -1))
    Trainer(Budget()).run(arm.scheme, visits, label="warm-up")
