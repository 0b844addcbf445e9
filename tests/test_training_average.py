"""Averaged G, computed by hand, and the grids of samples that are drawn from it."""

from __future__ import annotations

import copy

import pytest
import torch

from ganmodel.latents import noise
from ganmodel.networks import NetworkSpec
from ganmodel.training import sample_images
from ganmodel.weights import Weights
from tests.support import differing, run_through, tiny_config, tiny_pair


def test_averaged_g_is_the_average_computed_by_hand() -> None:
    """BatchNorm's statistics included: without them its pictures would be washed out."""
    pair = tiny_pair(ema_half_life=64)
    average = {n: t.double().clone() for n, t in pair.G.state_dict().items()}
    for step in range(1, 101):
        pair.step(measure=False)
        half_life = min(64, 8 * step / 10)  # warms up
        decay = 2 ** (-8 / half_life)
        for name, tensor in pair.G.state_dict().items():
            if tensor.is_floating_point():
                average[name] = decay * average[name] + (1 - decay) * tensor.double()
            else:
                average[name] = tensor.double()
    averaged = pair.G_ema.state_dict()
    assert any("running_var" in name for name in averaged)
    for name, tensor in averaged.items():
        torch.testing.assert_close(tensor.double(), average[name], rtol=1e-4, atol=1e-6)
        if tensor.is_floating_point():
            assert not torch.equal(tensor, pair.G.state_dict()[name]), name


def test_without_averaging_averaged_g_is_g() -> None:
    pair = tiny_pair(ema_half_life=0)
    pair.step(measure=False)
    assert differing(pair.G.state_dict(), pair.G_ema.state_dict()) == []


@pytest.mark.parametrize("start_from", ["", "weights.safetensors"])
def test_the_average_warms_up_unless_the_start_was_trained(start_from: str) -> None:
    """Fresh networks are soon forgotten; trained ones count from the first step on. One step of 8
    images, by hand: half-lives of 0.8 and of 640 images."""
    pair = tiny_pair(ema_half_life=640, start_from=start_from)
    before = {n: t.double().clone() for n, t in pair.G_ema.state_dict().items()}
    pair.step(measure=False)
    decay = 2 ** (-8 / (640 if start_from else 0.8))
    for name, tensor in pair.G.state_dict().items():
        if tensor.is_floating_point():
            expected = decay * before[name] + (1 - decay) * tensor.double()
            averaged = pair.G_ema.state_dict()[name].double()
            torch.testing.assert_close(averaged, expected, rtol=1e-5, atol=1e-7)


def test_samples_are_drawn_in_evaluation_mode_and_change_nothing() -> None:
    pair = tiny_pair()
    pair.step(measure=False)
    before = copy.deepcopy(pair.G.state_dict())
    z = noise(range(3), 4)
    together, alone = sample_images(pair.G, z), sample_images(pair.G, z[:1])
    assert together.dtype == torch.uint8
    assert (together[:1].int() - alone.int()).abs().max() <= 1  # no look at the neighbours
    assert differing(before, pair.G.state_dict()) == []
    assert pair.G.training


def test_every_grid_is_averaged_g_on_the_same_noise_and_its_twin_raw_g() -> None:
    for snapshot in run_through(tiny_config(sample_count=5)):
        if snapshot.samples is None or snapshot.weights is None:
            continue
        spec = NetworkSpec("small", 4, 4, 1)
        weights = Weights("w", spec, {}, snapshot.weights)  # type: ignore[arg-type]
        G_ema, G = weights.generator(), weights.generator(raw=True)
        assert torch.equal(snapshot.samples, sample_images(G_ema, noise(range(5), 4)))
        assert torch.equal(snapshot.samples_raw, sample_images(G, noise(range(5), 4)))


def test_without_averaging_there_is_no_second_grid() -> None:
    assert all(s.samples_raw is None for s in run_through(tiny_config(ema_half_life=0)))


def test_a_conditional_runs_grid_shows_the_classes_in_turn() -> None:
    last = run_through(tiny_config(conditional=True, sample_count=6, images=64))[-1]
    spec = NetworkSpec("small", 4, 4, 1, classes=4)
    G = Weights("w", spec, {}, last.weights).generator()  # type: ignore[arg-type]
    labels = torch.tensor([0, 1, 2, 3, 0, 1])
    assert torch.equal(last.samples, sample_images(G, noise(range(6), 4), labels))
