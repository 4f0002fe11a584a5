from __future__ import annotations

import numpy as np
import torch
from torch import nn

from prolong.train import ReferenceRMSProp, adam, reference_rmsprop


def test_reference_rmsprop_is_tensorflow_s_update():
    start, gradients = np.array([1.0, -2.0]), [np.array([0.5, 1e-6]), np.array([-0.25, 1e-6])]
    vector = nn.Parameter(torch.tensor(start))
    optimizer = ReferenceRMSProp([vector], lr=0.1)
    mean_square, expected = np.ones(2), start.copy()
    for gradient in gradients:
        vector.grad = torch.tensor(gradient)
        optimizer.step()
        mean_square = 0.9 * mean_square + 0.1 * gradient**2
        expected -= 0.1 * gradient / np.sqrt(mean_square + 1e-10)
    np.testing.assert_allclose(vector.detach().numpy(), expected, rtol=1e-12)


def test_reference_rmsprop_leaves_what_has_no_gradient_and_calls_closures():
    vector = nn.Parameter(torch.ones(2))
    assert ReferenceRMSProp([vector]).step(lambda: 3.0) == 3.0
    assert torch.equal(vector, torch.ones(2))


def test_learning_rates_grow_by_level():
    vector = nn.Parameter(torch.ones(2))
    rates = [adam(0.01, coarse_factor=1.5)(vector, level).param_groups[0]["lr"] for level in (0, 1, 2)]
    np.testing.assert_allclose(rates, [0.01, 0.015, 0.0225])
    assert reference_rmsprop(0.02)(vector, 3).param_groups[0]["lr"] == 0.02
