"""Images to train on, from the best source at hand."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
from numpy.typing import NDArray

from prolong.errors import InvalidInput
from prolong.extras import optional
from prolong.train.mnist import FILES, MIRRORS, PublishedFile, download, read_folder

__all__ = ["SIDE", "DataSettings", "ImageRows", "digits", "load_images"]

#: Pixels along each side of the prepared images.
SIDE = 32

#: Beside the current folder, and beside a source checkout.
_NEIGHBOURS = (
    Path("../shared/data/mnist"),
    Path(__file__).resolve().parents[4] / "shared/data/mnist",
)
_DIGITS_TRAINING = 1500


@dataclass(frozen=True)
class DataSettings:
    """Where images may come from.

    **Arguments:** `folder`, looked at first, and filled by a download; `neighbours`, other folders to look at;
    `mirrors`, base URLs to download from, none to stay offline; `files`, what counts as MNIST.
    """

    folder: Path | None = None
    neighbours: tuple[Path, ...] = _NEIGHBOURS
    mirrors: tuple[str, ...] = MIRRORS
    files: Mapping[str, PublishedFile] = field(default_factory=lambda: FILES)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> DataSettings:
        """`PROLONG_DATA` is the folder; `PROLONG_MNIST_URL` the only mirror (empty: none)."""
        folder = environment.get("PROLONG_DATA")
        url = environment.get("PROLONG_MNIST_URL")
        mirrors = MIRRORS if url is None else tuple(part for part in (url,) if part)
        return cls(folder=Path(folder) if folder else None, mirrors=mirrors)


@dataclass(frozen=True, eq=False)
class ImageRows:
    """Images as rows of `SIDE * SIDE` pixels in [0, 1], row-major.

    **Arguments:** `train`, `test`, float32 of shape `(n, 1024)`; `name`, of the data set ("mnist", "digits");
    `source`, a sentence that says where they came from, and why from there.
    """

    train: NDArray[np.float32]
    test: NDArray[np.float32]
    name: str
    source: str


def load_images(
    settings: DataSettings | None = None, *, transport: httpx.BaseTransport | None = None
) -> ImageRows:
    """The first of: MNIST in `folder`, in a neighbour, from a mirror; else scikit-learn's bundled digits.

    **Raises:** `InvalidInput` when a file in a folder is there but not what was published.
    """
    settings = settings or DataSettings.from_environment()
    for folder in (settings.folder, *settings.neighbours):
        images = None if folder is None else read_folder(folder, settings.files)
        if images is not None:
            return _padded(images, f"MNIST from the folder {folder}")
    reasons: list[str] = []
    for mirror in settings.mirrors:
        try:
            images = download(mirror, keep_in=settings.folder, files=settings.files, transport=transport)
        except (httpx.HTTPError, httpx.InvalidURL, InvalidInput) as error:
            reasons.append(f"{mirror}: {error or type(error).__name__}")
        else:
            return _padded(images, f"MNIST downloaded from {mirror}")
    return digits("; ".join(reasons) or "no folder has MNIST and downloads are switched off")


def digits(reason: str = "asked for") -> ImageRows:
    """Scikit-learn's 1,797 bundled digits, 8 x 8, resized bilinearly; the last 297 are for tests.

    **Raises:** `MissingExtra` without scikit-learn.
    """
    datasets = optional("sklearn.datasets", extra="train", needed_for="the bundled digits")
    small = np.asarray(datasets.load_digits().images, np.float64) / 16.0
    stretch = _linear_interpolation(small.shape[1], SIDE)
    rows = (stretch @ small @ stretch.T).reshape(len(small), -1).astype(np.float32)
    source = f"scikit-learn's bundled digits, resized to {SIDE} x {SIDE} ({reason})"
    return ImageRows(rows[:_DIGITS_TRAINING], rows[_DIGITS_TRAINING:], "digits", source)


def _padded(images: Mapping[str, NDArray[np.uint8]], source: str) -> ImageRows:
    train, test = (_rows(images[part]) for part in ("train", "test"))
    return ImageRows(train, test, "mnist", source)


def _rows(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    margin = (SIDE - images.shape[1]) // 2
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    return padded.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def _linear_interpolation(n_coarse: int, n_fine: int) -> NDArray[np.float64]:
    """Shape `(n_fine, n_coarse)`: cell-centred linear interpolation, constant beyond the outer centres."""
    centres = (np.arange(n_fine) + 0.5) * n_coarse / n_fine - 0.5
    columns = [np.interp(centres, np.arange(n_coarse), unit) for unit in np.eye(n_coarse)]
    return np.stack(columns, axis=1)
