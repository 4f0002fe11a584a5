from __future__ import annotations

import torch
from torch import nn

from prolong.train.flat import FlatParameters


def test_a_step_on_the_vector_moves_the_module():
    torch.manual_seed(0)
    module, twin = nn.Linear(3, 2), nn.Linear(3, 2)
    twin.load_state_dict(module.state_dict())
    flat = FlatParameters.adopt(module)
    one, many = torch.optim.Adam([flat.vector], lr=0.1), torch.optim.Adam(twin.parameters(), lr=0.1)
    rows = torch.rand(4, 3)
    for _ in range(3):
        flat.gradient.zero_()
        many.zero_grad()
        module(rows).square().sum().backward()
        twin(rows).square().sum().backward()
        one.step()
        many.step()
    for ours, theirs in zip(module.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_split_names_the_pieces():
    flat = FlatParameters({"a": torch.zeros(2, 2), "b": torch.ones(3)})
    pieces = flat.split(torch.arange(7.0))
    assert pieces["a"].tolist() == [[0, 1], [2, 3]]
    assert pieces["b"].tolist() == [4, 5, 6]
