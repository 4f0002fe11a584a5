from __future__ import annotations

import pytest
import torch
from torch import nn

from prolong.errors import InvalidInput
from prolong.train import (
    Autoencoder,
    Budget,
    Hierarchy,
    Iterations,
    NestedScheme,
    NestedSettings,
    Samples,
    Trainer,
    adam,
    fine_only,
    linear_shapes,
    nested,
)

UNEVEN = {
    32: [
        0,
        0,
        1,
        1,
        1,
        2,
        3,
        3,
        4,
        5,
        5,
        5,
        6,
        7,
        7,
        8,
        9,
        9,
        10,
        10,
        11,
        12,
        12,
        13,
        14,
        14,
        15,
        15,
        15,
        3,
        0,
        8,
    ],
    16: [0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 7, 7, 0, 1],
    8: [0, 0, 0, 1, 1, 2, 3, 3],
    4: [0, 1, 1, 0],
}


@pytest.fixture(params=["pairs", "uneven", "semi"])
def scheme(request, make, small_module):
    """A scheme without noise, on level 2, trained a little there."""
    operators = (
        {size: make.cells(index) for size, index in UNEVEN.items()}
        if request.param == "uneven"
        else make.pairs(32, 16, 8, 4)
    )
    keep = {16: 1, 8: 1} if request.param == "semi" else None
    rows = torch.rand(64, 32, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    data = Samples.autoencoding(rows)
    built = NestedScheme(
        small_module,
        make.hierarchy(small_module, operators, 2, keep),
        data=data,
        held_out=data,
        settings=NestedSettings(batch=16, noise=0.0),
    )
    built.enter(2)
    for _ in range(20):
        built.step()
    return built


def test_the_merged_fine_network_has_the_coarse_network_s_loss(scheme, small_module):
    """The heart of it: the small network on pooled data *is* a fine one."""
    plain = Autoencoder((32, 16, 8, 16, 32)).double()
    plain.load_state_dict(scheme.merge())
    rows = torch.rand(64, 32, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    fine_loss = float((plain(rows) - rows).square().mean().detach())
    assert scheme.evaluate() == pytest.approx(fine_loss, rel=1e-9)


def test_outputs_prolonged_are_the_fine_outputs(make, small_module):
    hierarchy = make.hierarchy(small_module, make.pairs(32, 16, 8, 4), 1)
    rows = torch.rand(6, 32, dtype=torch.float64)
    data = Samples.autoencoding(rows)
    scheme = NestedScheme(small_module, hierarchy, data=data, held_out=data, settings=NestedSettings(batch=6))
    scheme.enter(1)
    pooled = rows.view(6, 16, 2).mean(2)
    coarse = scheme.level_module(pooled)
    plain = Autoencoder((32, 16, 8, 16, 32)).double()
    plain.load_state_dict(scheme.merge())
    torch.testing.assert_close(plain(rows), coarse.repeat_interleave(2, dim=1), rtol=0, atol=1e-12)


def test_refining_without_noise_preserves_the_function(scheme):
    for level in (1, 0):
        before = scheme.evaluate()
        scheme.enter(level)
        assert scheme.evaluate() == pytest.approx(before, rel=1e-9)


def test_refining_carries_the_optimiser_s_moments(make, small_module):
    """Copies share the gradient: first moments halve per doubled output axis, second moments quarter."""
    rows = torch.rand(64, 32, dtype=torch.float64)
    data = Samples.autoencoding(rows)
    hierarchy = make.hierarchy(small_module, make.pairs(32, 16, 8, 4), 1)
    scheme = NestedScheme(
        small_module, hierarchy, data=data, held_out=data, settings=NestedSettings(batch=64, noise=0.0)
    )
    scheme.enter(1)
    for _ in range(3):
        scheme.step()
    coarse = _moments(scheme)
    scheme.enter(0)
    fine = _moments(scheme)
    assert fine["step"] == coarse["step"] == 3
    for name, power in (("exp_avg", 1), ("exp_avg_sq", 2)):
        blocks = coarse[name]["layers.0.weight"].repeat_interleave(2, 0).repeat_interleave(2, 1)
        torch.testing.assert_close(fine[name]["layers.0.weight"], blocks / 2**power)
        copied = coarse[name]["layers.0.bias"].repeat_interleave(2, 0)
        torch.testing.assert_close(fine[name]["layers.0.bias"], copied / 2**power)


def _moments(scheme):
    current = scheme._current
    state = current.optimizer.state[current.flat.vector]
    split = {name: current.flat.split(state[name].clone()) for name in ("exp_avg", "exp_avg_sq")}
    return {**split, "step": float(state["step"])}


def test_prolonged_first_moments_are_the_fine_network_s_gradients(make, small_module):
    """With one step from zero, Adam's first moment is a tenth of the gradient: it must be so on both levels."""
    rows = torch.rand(16, 32, dtype=torch.float64)
    data = Samples.autoencoding(rows)
    hierarchy = make.hierarchy(small_module, make.pairs(32, 16, 8, 4), 1)
    still = NestedSettings(batch=16, noise=0.0, optimizer=adam(0.0))
    scheme = NestedScheme(small_module, hierarchy, data=data, held_out=data, settings=still)
    scheme.enter(1)
    scheme.step()
    scheme.enter(0)
    moment = _moments(scheme)["exp_avg"]
    torch.autograd.backward((small_module(rows) - rows).square().mean())
    for name, parameter in small_module.named_parameters():
        pooled = _pooled(parameter.grad, name)
        torch.testing.assert_close(moment[name], 0.1 * pooled, rtol=1e-6, atol=1e-12)


def _pooled(gradient, name):
    """The gradient's part that copied units share: averaged over pairs of each axis and spread again."""
    for dim in range(gradient.ndim):
        mean = gradient.unflatten(dim, (-1, 2)).mean(dim + 1)
        gradient = mean.repeat_interleave(2, dim)
    return gradient


def test_noise_separates_units_and_cancels_to_first_order(make, blobs):
    """Half the noise changes the loss by a quarter, though it separates copied units by half."""

    def refined(noise):
        module = Autoencoder((32, 16, 8, 16, 32)).double()
        data = Samples.autoencoding(blobs.inputs.double())
        hierarchy = make.hierarchy(module, make.pairs(32, 16, 8), 1)
        settings = NestedSettings(batch=32, noise=noise)
        scheme = NestedScheme(module, hierarchy, data=data, held_out=data, settings=settings)
        scheme.enter(1)
        for _ in range(100):
            scheme.step()
        before = scheme.evaluate()
        scheme.enter(0)
        hidden = module.layers[0].weight.detach()
        return scheme.evaluate() - before, float((hidden[0::2] - hidden[1::2]).abs().mean())

    (whole, apart), (half, half_apart) = refined(0.02), refined(0.01)
    assert half_apart == pytest.approx(apart / 2, rel=1e-6)
    assert half == pytest.approx(whole / 4, rel=0.1)
    assert half != 0


def test_equal_seeds_give_equal_curves(make, blobs):
    def losses(seed):
        module = Autoencoder((32, 16, 32))
        hierarchy = make.hierarchy(module, make.pairs(32, 16, 8, 4), 2)
        scheme = NestedScheme(
            module, hierarchy, data=blobs, held_out=blobs, settings=NestedSettings(batch=32, seed=seed)
        )
        history = Trainer(Budget(cost=1000), stopping=Iterations(20)).run(scheme, nested(2), label="")
        return [seen.loss for seen in history.evaluations]

    assert losses(0) == losses(0)
    assert losses(0) != losses(1)


def test_nested_reaches_a_loss_at_a_fraction_of_the_fine_level_s_cost(make, blobs):
    """The cost metric is deterministic; seconds are not asserted."""

    def cost(depth):
        module = Autoencoder((32, 16, 8, 16, 32))
        hierarchy = make.hierarchy(module, make.pairs(32, 16, 8, 4), depth)
        scheme = NestedScheme(module, hierarchy, data=blobs, held_out=blobs, settings=NestedSettings(batch=32))
        trainer = Trainer(Budget(cost=20_000, target=0.02), first=16)
        schedule = nested(depth) if depth else fine_only()
        return trainer.run(scheme, schedule, label="").first_below(0.02).work.cost

    assert cost(2) < 0.5 * cost(0)


def test_operators_that_are_no_aggregation_are_refused(make):
    module = Autoencoder((8, 8))
    hierarchy = Hierarchy.of(linear_shapes(module), {8: make.orthonormal(8, 4)}, depth=1)
    data = Samples.autoencoding(torch.rand(8, 8))
    with pytest.raises(InvalidInput, match="no aggregation"):
        NestedScheme(module, hierarchy, data=data, held_out=data, settings=NestedSettings(batch=4))


def test_modules_that_mix_units_are_refused(make):
    module = nn.Sequential(nn.Linear(8, 8), nn.Softmax(dim=1), nn.Linear(8, 8))
    hierarchy = make.hierarchy(module, make.pairs(8), 1)
    data = Samples.autoencoding(torch.rand(8, 8))
    with pytest.raises(InvalidInput, match="Sequential does not commute with aggregation"):
        NestedScheme(module, hierarchy, data=data, held_out=data, settings=NestedSettings(batch=4))


def test_going_back_to_a_coarser_level_is_refused(make, small_module, blobs):
    data = Samples.autoencoding(blobs.inputs.double())
    hierarchy = make.hierarchy(small_module, make.pairs(32, 16, 8, 4), 1)
    scheme = NestedScheme(small_module, hierarchy, data=data, held_out=data)
    with pytest.raises(InvalidInput, match="no level has been entered"):
        scheme.evaluate()
    scheme.enter(0)
    with pytest.raises(InvalidInput, match="cannot go from level 0 back to level 1"):
        scheme.enter(1)


def test_an_optimiser_state_that_cannot_be_carried_is_named(make, small_module, blobs):
    data = Samples.autoencoding(blobs.inputs.double())
    hierarchy = make.hierarchy(small_module, make.pairs(32, 16, 8, 4), 1)
    strange = NestedSettings(batch=32, optimizer=lambda vector, level: torch.optim.Rprop([vector]))
    scheme = NestedScheme(small_module, hierarchy, data=data, held_out=data, settings=strange)
    scheme.enter(1)
    scheme.step()
    with pytest.raises(InvalidInput, match="cannot carry its state 'prev'"):
        scheme.enter(0)
