"""The training half of the demo: one network, all scales against the finest alone."""

from __future__ import annotations

import dataclasses

import operators
import report

from prolong.train import Comparison, ComparisonSettings, Evaluation, compare, load_images


def run(found: list[operators.Found], *, quick: bool) -> Comparison:
    """Train every arm on the same budget of cost."""
    images = load_images()
    report.say(f"Data: {images.source}; {len(images.train):,} training images.")
    settings = ComparisonSettings()
    if quick:
        settings = dataclasses.replace(settings, cost=settings.cost / 10)
    report.say(
        f"Autoencoder {'-'.join(map(str, settings.widths))}, sigmoid, mean squared error; batch {settings.batch}, "
        f"seed {settings.seed}, one thread; each arm may spend a cost of {settings.cost:,.0f} "
        f"({settings.cost / settings.batch:,.0f} fine steps)."
    )
    with report.training_bar(settings.cost) as bar:

        def advance(arm: str, seen: Evaluation) -> None:
            bar.show(arm, level=seen.level, loss=seen.loss, cost=seen.work.cost)

        return compare(images, operators.by_fine_size(found), settings=settings, on_evaluation=advance)
