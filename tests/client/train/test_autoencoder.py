from __future__ import annotations

import pytest
import torch

from prolong.errors import InvalidInput
from prolong.train import Autoencoder


def test_forward_is_sigmoid_after_linear():
    module = Autoencoder((4, 2, 4))
    rows = torch.rand(3, 4)
    first, second = module.layers
    hidden = 1 / (1 + torch.exp(-(rows @ first.weight.T + first.bias)))
    expected = 1 / (1 + torch.exp(-(hidden @ second.weight.T + second.bias)))
    torch.testing.assert_close(module(rows), expected)


@pytest.mark.parametrize("widths", [(4,), (4, 2), (4, 0, 4)])
def test_widths_are_checked(widths):
    with pytest.raises(InvalidInput, match="needed two or more positive widths"):
        Autoencoder(widths)
