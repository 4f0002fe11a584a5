from __future__ import annotations

import pytest
import torch
from torch import nn

from prolong.errors import InvalidInput
from prolong.train import (
    AdditiveScheme,
    AdditiveSettings,
    Autoencoder,
    Budget,
    Hierarchy,
    Multiscale,
    Samples,
    Trainer,
    recursive,
    reference_rmsprop,
)

WIDTHS = (16, 8, 16)


@pytest.fixture(params=["pairs", "dense"])
def problem(request, make):
    """A module, its hierarchy of two levels more, and the dense operator matrices by fine size."""
    module = Autoencoder(WIDTHS).double()
    pairs = make.pairs(16, 8, 4)
    dense = {
        16: make.orthonormal(16, 9),
        9: make.orthonormal(9, 4),
        8: make.orthonormal(8, 6),
        6: make.orthonormal(6, 3),
    }
    operators = pairs if request.param == "pairs" else dense
    return module, make.hierarchy(module, operators, 2), operators


def _dense_sum(values, operators, name):
    """`sum_l P_l V_l Q_l^T` by dense products, for autograd."""
    total = 0
    for level, tensors in enumerate(values):
        value = tensors[name]
        size_chain = [_products(operators, size, level) for size in _axes(name)]
        value = size_chain[0] @ value
        total = total + (value @ size_chain[1].T if len(size_chain) == 2 else value)
    return total


def _axes(name):
    layer, kind = name.rsplit(".", 1)
    out, inp = {"layers.0": (8, 16), "layers.1": (16, 8)}[layer]
    return (out, inp) if kind == "weight" else (out,)


def _products(operators, size, level):
    matrix = torch.eye(size, dtype=torch.float64)
    for _ in range(level):
        step = torch.tensor(operators[matrix.shape[1]].to_dense())
        matrix = matrix @ step
    return matrix


def test_restricted_gradients_are_those_of_dense_autograd(problem):
    module, hierarchy, operators = problem
    scale = Multiscale(module, hierarchy, generator=torch.Generator().manual_seed(1))
    rows = torch.rand(5, 16, dtype=torch.float64)
    values = [
        {name: tensor.clone().requires_grad_() for name, tensor in level.tensors.items()} for level in scale.levels
    ]
    summed = {name: _dense_sum(values, operators, name) for name in values[0]}
    for name, tensor in module.named_parameters():
        torch.testing.assert_close(tensor.detach(), summed[name].detach())
    output = torch.func.functional_call(module, summed, (rows,))
    expected = torch.autograd.grad(
        (output - rows).square().mean(), [tensor for level in values for tensor in level.values()]
    )
    torch.autograd.backward((module(rows) - rows).square().mean())
    found = []
    for level in range(3):
        scale.focus(level)
        scale.restrict_gradient()
        found += [gradient.clone() for gradient in scale.levels[level].gradients.values()]
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


def test_moving_one_level_moves_the_sum_by_its_prolongation(problem):
    module, hierarchy, operators = problem
    scale = Multiscale(module, hierarchy, generator=torch.Generator().manual_seed(1))
    before = scale.merge()
    scale.focus(2)
    scale.levels[2].tensors["layers.0.weight"].add_(1.0)
    scale.refresh()
    out, inp = _products(operators, 8, 2), _products(operators, 16, 2)
    change = scale.merge()["layers.0.weight"] - before["layers.0.weight"]
    torch.testing.assert_close(change, out.sum(1, keepdim=True) * inp.sum(1))


def test_merge_is_a_plain_state_dict(problem):
    module, hierarchy, _ = problem
    scale = Multiscale(module, hierarchy, generator=torch.Generator().manual_seed(1))
    plain = Autoencoder(WIDTHS).double()
    plain.load_state_dict(scale.merge())
    rows = torch.rand(3, 16, dtype=torch.float64)
    torch.testing.assert_close(plain(rows), module(rows))


def test_refresh_before_focus_is_refused(problem):
    module, hierarchy, _ = problem
    with pytest.raises(InvalidInput, match="call focus first"):
        Multiscale(module, hierarchy, generator=torch.Generator()).refresh()


def test_layers_without_lineage_are_named(make):
    module = nn.Sequential(nn.Linear(8, 8), nn.LayerNorm(8))
    hierarchy = Hierarchy.of({"0": (8, 8)}, make.pairs(8), depth=1)
    with pytest.raises(InvalidInput, match=r"'1\.weight' belongs to a LayerNorm without lineages"):
        Multiscale(module, hierarchy, generator=torch.Generator())


def test_the_published_cycle_trains_and_repeats_by_seed(make, blobs):
    def losses(seed):
        module = Autoencoder((32, 16, 32))
        hierarchy = make.hierarchy(module, make.pairs(32, 16, 8), 2)
        scheme = AdditiveScheme(
            module, hierarchy, data=blobs, held_out=blobs, settings=AdditiveSettings(batch=32, seed=seed)
        )
        visits = (visit for _ in range(8) for visit in recursive(2, gamma=2, k=1))
        history = Trainer(Budget()).run(scheme, visits, label="cycle")
        return [seen.loss for seen in history.evaluations]

    first = losses(0)
    assert first[-1] < 0.8 * first[0]
    assert first == losses(0)
    assert first != losses(1)


def test_the_reference_optimiser_can_drive_it(make, blobs):
    module = Autoencoder((32, 16, 32))
    hierarchy = make.hierarchy(module, make.pairs(32, 16), 1)
    settings = AdditiveSettings(batch=32, optimizer=reference_rmsprop())
    scheme = AdditiveScheme(module, hierarchy, data=blobs, held_out=blobs, settings=settings)
    with pytest.raises(InvalidInput, match="no level has been entered"):
        scheme.step()
    scheme.enter(1)
    before = scheme.evaluate()
    for _ in range(30):
        scheme.step()
    assert scheme.evaluate() < before
    assert set(scheme.merge()) == set(module.state_dict())


def test_batches_larger_than_the_data_are_refused(make):
    module = Autoencoder((8, 8))
    few = Samples.autoencoding(torch.rand(4, 8))
    with pytest.raises(InvalidInput, match="got 128, needed 1 to 4"):
        AdditiveScheme(module, make.hierarchy(module, make.pairs(8), 1), data=few, held_out=few)


def test_many_visits_do_not_let_rounding_build_up(problem):
    module, hierarchy, operators = problem
    scale = Multiscale(module, hierarchy, generator=torch.Generator().manual_seed(1))
    for visit in range(600):
        level = visit % 3
        scale.focus(level)
        for tensor in scale.levels[level].tensors.values():
            tensor.mul_(-1.0)
        scale.refresh()
    values = [level.tensors for level in scale.levels]
    for name, tensor in scale.merge().items():
        torch.testing.assert_close(tensor, _dense_sum(values, operators, name), rtol=0, atol=1e-13)
