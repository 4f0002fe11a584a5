"""The autoencoder of MsANN: fully connected, sigmoid after every layer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from prolong.errors import InvalidInput

__all__ = ["MSANN_WIDTHS", "Autoencoder"]

#: The widths of the published experiments on 1,024 pixels.
MSANN_WIDTHS = (1024, 256, 128, 256, 1024)


class Autoencoder(nn.Module):
    """Linear layers between `widths`, each followed by a sigmoid; in and out have shape `(batch, widths[0])`.

    **Raises:** `InvalidInput` for fewer than two widths, or different ends.
    """

    def __init__(self, widths: Sequence[int] = MSANN_WIDTHS) -> None:
        super().__init__()
        if len(widths) < 2 or widths[0] != widths[-1] or min(widths) < 1:
            detail = f"got {tuple(widths)}, needed two or more positive widths, the last equal to the first"
            raise InvalidInput.at("/widths", detail, code="widths")
        self.layers = nn.ModuleList(nn.Linear(inp, out) for inp, out in pairwise(widths))

    def forward(self, rows: Tensor) -> Tensor:
        """The reconstruction of `rows`."""
        for layer in self.layers:
            rows = layer(rows).sigmoid()
        return rows
