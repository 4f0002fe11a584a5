from __future__ import annotations

from itertools import islice

import pytest
import torch

from prolong.errors import InvalidInput
from prolong.train import LevelSamples, Samples, transfer
from prolong.train.samples import batches, coarsen


def test_shapes_are_checked():
    for inputs, targets in (((3, 4), (2, 4)), ((0, 4), (0, 4)), ((3,), (3,))):
        with pytest.raises(InvalidInput, match="needed"):
            Samples(torch.zeros(inputs), torch.zeros(targets))


@pytest.mark.parametrize("cells", [[0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 1, 0]])
def test_the_fine_error_is_the_coarse_one_plus_the_floor(make, cells):
    rows = torch.rand(7, 6, dtype=torch.float64)
    axis = transfer(make.cells(cells), dtype=torch.float64)
    seen = coarsen(LevelSamples(Samples.autoencoding(rows)), axis, axis)
    output = torch.rand(7, 3, dtype=torch.float64)
    fine = (output[:, cells] - rows).square().mean()
    assert float(seen.loss(output, seen.samples.targets)) + seen.floor == pytest.approx(float(fine), rel=1e-12)


def test_two_uneven_steps_still_add_up(make):
    rows = torch.rand(5, 6, dtype=torch.float64)
    first, second = [0, 1, 1, 2, 1, 0], [0, 1, 1]
    seen = LevelSamples(Samples.autoencoding(rows))
    for cells in (first, second):
        axis = transfer(make.cells(cells), dtype=torch.float64)
        seen = coarsen(seen, axis, axis)
    output = torch.rand(5, 2, dtype=torch.float64)
    fine = (output[:, torch.tensor(second)[first]] - rows).square().mean()
    assert float(seen.loss(output, seen.samples.targets)) + seen.floor == pytest.approx(float(fine), rel=1e-12)


def test_inputs_and_targets_may_differ(make):
    samples = Samples(torch.rand(4, 8), torch.rand(4, 2))
    seen = coarsen(LevelSamples(samples), transfer(make.pair(4)), transfer(make.pair(1)))
    torch.testing.assert_close(seen.samples.inputs, samples.inputs.view(4, 4, 2).mean(2))
    torch.testing.assert_close(seen.samples.targets, samples.targets.mean(1, keepdim=True))


def test_equal_cells_pool_an_autoencoder_s_data_once(make):
    axis = transfer(make.pair(4))
    seen = coarsen(LevelSamples(Samples.autoencoding(torch.rand(3, 8))), axis, axis)
    assert seen.samples.inputs is seen.samples.targets
    assert seen.mass is None


def test_a_pass_shows_every_sample_once():
    rows = torch.arange(12.0).view(6, 2)
    stream = batches(Samples(rows, 2 * rows), 2, torch.Generator().manual_seed(0))
    seen = list(islice(stream, 3))
    assert sorted(torch.cat([inputs for inputs, _ in seen])[:, 0].tolist()) == [0, 2, 4, 6, 8, 10]
    assert all(torch.equal(targets, 2 * inputs) for inputs, targets in seen)
    with pytest.raises(InvalidInput, match="got 0, needed 1 to 6"):
        batches(Samples(rows, rows), 0, torch.Generator())
