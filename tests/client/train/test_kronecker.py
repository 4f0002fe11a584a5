from __future__ import annotations

import torch

from prolong.train import Hierarchy, parameter_transfers


def test_weights_go_to_p_v_qt_and_biases_to_p_b(make):
    operators = {12: make.orthonormal(12, 5), 6: make.cells([0, 1, 1, 2, 0, 2])}
    hierarchy = Hierarchy.of({"layer": (12, 6)}, operators, depth=1)
    moves = parameter_transfers(hierarchy, 0, 1, dtype=torch.float64)
    out, inp = (torch.tensor(operators[size].to_dense()) for size in (12, 6))
    weight, bias = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, dtype=torch.float64)
    torch.testing.assert_close(moves["layer.weight"].prolong(weight), out @ weight @ inp.T)
    torch.testing.assert_close(moves["layer.bias"].prolong(bias), out @ bias)
    gradient = torch.randn(12, 6, dtype=torch.float64)
    torch.testing.assert_close(moves["layer.weight"].restrict(gradient), out.T @ gradient @ inp)
    torch.testing.assert_close(moves["layer.weight"].restrict(moves["layer.weight"].prolong(weight)), weight)


def test_two_levels_are_the_product_of_single_levels(make):
    hierarchy = Hierarchy.of({"layer": (16, 8)}, make.pairs(16, 8, 4), depth=2)
    value = torch.randn(4, 2)
    at_once, lower, upper = (
        parameter_transfers(hierarchy, finer, coarser)["layer.weight"]
        for finer, coarser in ((0, 2), (1, 2), (0, 1))
    )
    torch.testing.assert_close(at_once.prolong(value), upper.prolong(lower.prolong(value)))
