"""From a weights file to pictures, alone or many at once, and the cache in between."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from ganmodel.latents import noise
from ganmodel.networks import NetworkSpec
from ganmodel.sampling import MOST_AT_ONCE, Sampler, SamplerCache
from ganmodel.weights import WeightsError, load_weights, save_weights
from tests.support import run_through, tiny_config, tiny_images


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _save(tmp_path_factory.mktemp("weights") / "w.safetensors", seed=0)


def _save(path: Path, seed: int, channels: int = 1) -> Path:
    images = tiny_images(channels=channels)
    tensors = run_through(tiny_config(seed=seed, images=64), images)[-1].weights
    save_weights(path, tensors, NetworkSpec("small", 4, 4, channels), {})
    return path


@pytest.mark.parametrize("raw", [False, True])
def test_pictures_are_gs_own_output_as_bytes(trained: Path, raw: bool) -> None:
    G, z = load_weights(trained).generator(raw=raw), noise(range(6), 4)
    with torch.no_grad():
        expected = ((G(z).double() + 1) * 127.5).round().permute(0, 2, 3, 1).numpy()
    drawn = Sampler(load_weights(trained), raw=raw).sample(range(6))
    assert drawn.dtype == np.uint8
    assert drawn.shape == (6, 28, 28, 1)
    # A value that lies on the edge between two bytes may round either way.
    assert np.abs(drawn.astype(int) - expected).max() <= 1


def test_averaged_and_raw_g_draw_differently(trained: Path) -> None:
    weights = load_weights(trained)
    averaged, raw = Sampler(weights).sample([0, 1]), Sampler(weights, raw=True).sample([0, 1])
    assert not np.array_equal(averaged, raw)


def test_a_start_number_gives_its_picture_in_any_company(trained: Path) -> None:
    """Evaluation mode: BatchNorm must not look at the neighbours."""
    sampler = Sampler(load_weights(trained))
    alone, together = sampler.sample([7]), sampler.sample([3, 7, 11])
    assert np.abs(alone[0].astype(int) - together[1]).max() <= 1


def test_more_pictures_than_one_pass_holds_come_in_order(trained: Path) -> None:
    sampler, count = Sampler(load_weights(trained)), MOST_AT_ONCE + 9
    many = sampler.sample(range(count))
    assert len(many) == count
    for index in (0, MOST_AT_ONCE - 1, MOST_AT_ONCE, count - 1):
        assert np.abs(many[index].astype(int) - sampler.sample([index])[0]).max() <= 1


def test_three_channels_come_last(tmp_path: Path) -> None:
    drawn = Sampler(load_weights(_save(tmp_path / "w.safetensors", 0, channels=3))).sample([0])
    assert drawn.shape == (1, 28, 28, 3)


@pytest.mark.parametrize("shape", [(4,), (2, 5), (1, 2, 4)])
def test_noise_of_another_shape_is_refused(trained: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"z must be \(N, 4\)"):
        Sampler(load_weights(trained)).draw(torch.zeros(shape))


def test_the_cache_loads_a_file_once_and_again_when_it_changed(tmp_path: Path) -> None:
    cache, path = SamplerCache(), _save(tmp_path / "w.safetensors", seed=0)
    first = cache.get(path)
    assert cache.get(path) is first
    _save(path, seed=1)
    os.utime(path, ns=(1, 1))  # another moment, however coarse the clock of this disk
    assert cache.get(path) is not first
    assert not np.array_equal(cache.get(path).sample([0]), first.sample([0]))


def test_the_cache_lets_the_least_used_go(tmp_path: Path) -> None:
    cache = SamplerCache(size=2)
    paths = [_save(tmp_path / f"{n}.safetensors", seed=n) for n in range(3)]
    first, second = cache.get(paths[0]), cache.get(paths[1])
    cache.get(paths[0])
    cache.get(paths[2])
    assert cache.get(paths[0]) is first
    assert cache.get(paths[1]) is not second


def test_the_cache_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="There is no file"):
        SamplerCache().get(tmp_path / "none.safetensors")


def test_threads_share_one_sampler(trained: Path) -> None:
    cache, start, drawn = SamplerCache(), threading.Barrier(4), []

    def draw() -> None:
        start.wait()
        drawn.append(cache.get(trained).sample([0, 1]))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(drawn) == 4
    assert all(np.array_equal(pictures, drawn[0]) for pictures in drawn)
