"""Averaged G, computed by hand, and the grids of samples that are drawn from it."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from ganmodel.data import Data
from ganmodel.latents import noise
from ganmodel.networks import NetworkSpec
from ganmodel.training import Trainer, sample_images
from ganmodel.training.averaging import even_noise
from ganmodel.weights import Weights
from tests.support import (
    differing,
    grown_trainer,
    inputs_of,
    run_through,
    tiny_config,
    tiny_images,
    tiny_trainer,
    weights_in,
)


def test_averaged_g_is_the_average_computed_by_hand() -> None:
    """In the first edition, in which BatchNorm's statistics are averaged, too."""
    trainer = tiny_trainer(ema_half_life=64, edition=1)
    average = {n: t.double().clone() for n, t in trainer.G.state_dict().items()}
    for step in range(1, 101):
        trainer.step(measure=False)
        half_life = min(64, 8 * step / 10)  # warms up
        decay = 2 ** (-8 / half_life)
        for name, tensor in trainer.G.state_dict().items():
            if tensor.is_floating_point():
                average[name] = decay * average[name] + (1 - decay) * tensor.double()
            else:
                average[name] = tensor.double()
    averaged = trainer.G_ema.state_dict()
    assert any("running_var" in name for name in averaged)
    for name, tensor in averaged.items():
        torch.testing.assert_close(tensor.double(), average[name], rtol=1e-4, atol=1e-6)
        if tensor.is_floating_point():
            assert not torch.equal(tensor, trainer.G.state_dict()[name]), name


def test_without_averaging_averaged_g_is_g() -> None:
    trainer = tiny_trainer(ema_half_life=0)
    trainer.step(measure=False)
    assert differing(trainer.G.state_dict(), trainer.G_ema.state_dict()) == []


@pytest.mark.parametrize("start_from", ["", "weights.safetensors"])
def test_the_average_warms_up_unless_the_start_was_trained(start_from: str) -> None:
    """Fresh networks are soon forgotten; trained ones count from the first step on. One step of 8
    images, by hand: half-lives of 0.8 and of 640 images."""
    trainer = tiny_trainer(ema_half_life=640, start_from=start_from)
    before = weights_in(trainer.G_ema)
    trainer.step(measure=False)
    decay = 2 ** (-8 / (640 if start_from else 0.8))
    averaged = weights_in(trainer.G_ema)
    for name, tensor in weights_in(trainer.G).items():
        expected = decay * before[name].double() + (1 - decay) * tensor.double()
        torch.testing.assert_close(averaged[name].double(), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("n_critic", "lr_g", "g_steps"), [(1, 1e-3, 1), (3, 1e-3, 1), (3, 0.0, 4)])
def test_a_half_life_is_one_of_images_however_many_steps_of_d_or_g_there_are(
    n_critic: int, lr_g: float, g_steps: int
) -> None:
    """One step with 8 images for each of D's: by hand, with the half-life of a trained start. Of
    several steps of G, where G stands still meanwhile, elsewhere than its average."""
    chosen = {"n_critic": n_critic, "lr_g": lr_g, "g_steps": g_steps}
    trainer = tiny_trainer(ema_half_life=64, start_from="weights.safetensors", **chosen)
    with torch.no_grad():
        for parameter in trainer.G.parameters():
            parameter.add_(0.25)
    before = weights_in(trainer.G_ema)
    trainer.step(measure=False)
    decay = 2 ** (-8 * n_critic / 64)
    averaged = weights_in(trainer.G_ema)
    for name, tensor in weights_in(trainer.G).items():
        expected = decay * before[name].double() + (1 - decay) * tensor.double()
        torch.testing.assert_close(averaged[name].double(), expected, rtol=1e-5, atol=1e-7)


# --- statistics of its own --------------------------------------------------------------------


def _norms(G: nn.Module) -> list[nn.BatchNorm2d]:
    return [layer for layer in G.modules() if isinstance(layer, nn.BatchNorm2d)]


def test_averaged_gs_batch_norm_has_the_statistics_of_its_own_pictures() -> None:
    """Of other noise than it was measured on, layer by layer; after one step G's are far off."""
    found = {}
    for edition in (1, 2):
        trainer = grown_trainer(ema_half_life=64, edition=edition)
        trainer.step()
        G, apart = copy.deepcopy(trainer.G_ema).train(), []
        seen = [inputs_of(layer) for layer in _norms(G)]
        G(torch.randn(2000, 4, generator=torch.Generator().manual_seed(77)))
        for layer, [(inputs,)] in zip(_norms(trainer.G_ema), seen, strict=True):
            spread = inputs.std((0, 2, 3))
            apart.append(((layer.running_mean - inputs.mean((0, 2, 3))) / spread).abs().max())
            apart.append((layer.running_var.sqrt() / spread - 1).abs().max())
        found[edition] = float(max(apart))
    assert found[2] < 0.15
    assert found[1] > 0.3


def test_its_own_statistics_change_nothing_that_is_trained_nor_the_random_state() -> None:
    old, new = (tiny_trainer(edition=edition) for edition in (1, 2))
    for _ in range(5):
        old.step()
        new.step()
        new.samples()
        before = torch.get_rng_state()
        new.networks()
        assert torch.equal(before, torch.get_rng_state())
    a, b = old.capture(), new.capture()
    statistics = {f"G_ema.{name}" for name, _ in new.G.named_buffers()}
    assert set(differing(a.tensors, b.tensors)) == statistics
    assert a.progress == b.progress


def test_its_own_statistics_are_measured_once_for_each_moment_and_never_without_batch_norm() -> (
    None
):
    for network, passes in (("small", [1, 1, 2]), ("residual", [0, 0, 0])):
        trainer = tiny_trainer(network=network, conditional=True)
        seen = inputs_of(trainer.averaged._network)
        found = []
        for step in (False, False, True):
            if step:
                trainer.step()
            assert trainer.G_ema is trainer.averaged._network
            found.append(len(seen))
        assert found == passes


@pytest.mark.parametrize("z_dim", [2, 64, 130])
def test_even_noise_has_mean_0_and_covariance_1(z_dim: int) -> None:
    z = even_noise(z_dim)
    assert z.dtype == torch.float32
    assert z.shape[0] == max(128, z_dim + z_dim // 4)
    assert z.mean(0).abs().max() < 1e-5
    assert (z.T.double().cov(correction=0) - torch.eye(z_dim)).abs().max() < 1e-4
    assert torch.equal(z, even_noise(z_dim))


def test_its_own_statistics_are_measured_on_classes_as_frequent_as_the_datas() -> None:
    config = tiny_config(conditional=True)
    labels = torch.tensor([0] * 48 + [1] * 16)
    trainer = Trainer(config, Data("tiny", tiny_images(), labels, ("a", "b", "c")))
    seen = inputs_of(trainer.averaged._network)
    assert not trainer.G_ema.training
    shares = torch.cat([labels for _, labels in seen]).bincount(minlength=3).double()
    assert (shares / shares.sum()).tolist() == [0.75, 0.25, 0]


def test_samples_are_drawn_in_evaluation_mode_and_change_nothing() -> None:
    trainer = tiny_trainer()
    trainer.step(measure=False)
    before = copy.deepcopy(trainer.G.state_dict())
    z = noise(range(3), 4)
    together, alone = sample_images(trainer.G, z), sample_images(trainer.G, z[:1])
    assert together.dtype == torch.uint8
    assert (together[:1].int() - alone.int()).abs().max() <= 1  # no look at the neighbours
    assert differing(before, trainer.G.state_dict()) == []
    assert trainer.G.training


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
    last = run_through(tiny_config(conditional=True, sample_count=9, images=64))[-1]
    spec = NetworkSpec("small", 4, 4, 1, classes=4)
    G = Weights("w", spec, {}, last.weights).generator()  # type: ignore[arg-type]
    labels = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])  # in whole rows
    assert torch.equal(last.samples, sample_images(G, noise(range(8), 4), labels))
