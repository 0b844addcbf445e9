"""From a weights file to pictures, alone or many at once, and the cache in between."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganmodel.latents import noise
from ganmodel.networks import NetworkSpec
from ganmodel.sampling import Sampler, SamplerCache
from ganmodel.sampling.samplers import MOST_AT_ONCE
from ganmodel.weights import WeightsError, load_weights, save_weights
from tests.support import grown_trainer, run_through, tiny_config, tiny_images


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _save(tmp_path_factory.mktemp("weights") / "w.safetensors", seed=0)


def _save(path: Path, seed: int, channels: int = 1, size: int = 28, **chosen: Any) -> Path:
    """Trained a little from grown weights: a fresh small G draws the same grey everywhere."""
    images = tiny_images(channels=channels, size=size)
    config = tiny_config(seed=seed, images=64, **chosen)
    start = grown_trainer(images, seed=seed, **chosen).networks()
    tensors = run_through(config, images, start=start)[-1].weights
    spec = NetworkSpec.of(config, channels, size, classes=4)
    save_weights(path, tensors, spec, {"classes": list("abcd")} if spec.classes else {})
    return path


@pytest.fixture(scope="module")
def by_class(tmp_path_factory: pytest.TempPathFactory) -> Sampler:
    folder = tmp_path_factory.mktemp("weights")
    return Sampler.load(_save(folder / "w.safetensors", seed=0, conditional=True))


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


@pytest.mark.parametrize("network", ["small", "article", "residual"])
def test_pictures_of_32_pixels_come_from_every_network(tmp_path: Path, network: str) -> None:
    path = _save(tmp_path / "w.safetensors", 0, size=32, network=network)
    drawn = Sampler.load(path).sample([0, 1])
    assert drawn.shape == (2, 32, 32, 1)
    assert drawn.std() > 0


# --- classes ---------------------------------------------------------------------------------


def _reference(sampler: Sampler, z: torch.Tensor, labels: list[int]) -> np.ndarray:
    """What the generator draws of these classes, one at a time."""
    parts = []
    with torch.no_grad():
        for vector, label in zip(z, labels, strict=True):
            picture = sampler.G(vector[None], torch.tensor([label]))[0].double()
            parts.append(((picture + 1) * 127.5).round().permute(1, 2, 0).numpy())
    return np.stack(parts)


def _close(drawn: np.ndarray, expected: np.ndarray) -> bool:
    return bool(np.abs(drawn.astype(int) - expected).max() <= 1)


def test_a_class_asked_for_is_the_class_drawn(by_class: Sampler) -> None:
    z = noise([5, 5, 5, 6], 4)
    drawn = by_class.draw(z, torch.tensor([2, 0, 2, 3]))
    assert _close(drawn, _reference(by_class, z, [2, 0, 2, 3]))
    assert np.array_equal(drawn[0], drawn[2])
    assert not np.array_equal(drawn[0], drawn[1])  # the same noise, another class
    assert by_class.classes == ["a", "b", "c", "d"]


def test_without_labels_the_classes_come_in_turn(by_class: Sampler) -> None:
    z = noise(range(6), 4)
    assert _close(by_class.draw(z), _reference(by_class, z, [0, 1, 2, 3, 0, 1]))


def test_a_start_numbers_class_is_its_remainder_unless_one_is_named(by_class: Sampler) -> None:
    """So that a start number alone names a picture, whatever stands beside it."""
    z = noise([9, 4, 7], 4)
    assert _close(by_class.sample([9, 4, 7]), _reference(by_class, z, [1, 0, 3]))
    assert _close(by_class.sample([9, 4, 7], label=2), _reference(by_class, z, [2, 2, 2]))


@pytest.mark.parametrize("labels", [[0], [0, 4], [0, -1], [[0, 1]]], ids=str)
def test_labels_that_are_no_classes_are_refused(by_class: Sampler, labels: list[int]) -> None:
    with pytest.raises(ValueError, match="labels must be 2 numbers from 0 to 3"):
        by_class.draw(noise([0, 1], 4), torch.tensor(labels))


def test_class_weights_draw_a_blend_and_a_class_where_all_weight_is_on_it(
    by_class: Sampler,
) -> None:
    z = noise([5, 6, 7], 4)
    weights = torch.tensor([[0, 0, 1, 0], [0.5, 0, 0, 0.5], [0.1, 0.2, 0.3, 0.4]])
    with torch.no_grad():
        vectors = torch.stack([w @ by_class.G.embed.weight for w in weights])
        blended = by_class.G.layers(torch.cat([z, vectors], 1)).double()
    drawn = by_class.draw(z, weights)
    assert _close(drawn, ((blended + 1) * 127.5).round().permute(0, 2, 3, 1).numpy())
    assert _close(drawn[:1], _reference(by_class, z[:1], [2]))
    for label in (0, 3):
        assert not _close(drawn[1:2], by_class.draw(z[1:2], torch.tensor([label])))


@pytest.mark.parametrize(
    "weights",
    [
        [1.0, 0.0],
        [[1.0, 0, 0]] * 2,
        [[1.0, 0, 0, 0]],
        [[0.5, 0.4, 0, 0]] * 2,
        [[1.5, -0.5, 0, 0]] * 2,
        [[1, 0, 0, 0], [float("nan"), 1, 0, 0]],
        [[1, 0, 0, 0], [float("inf"), 0, 0, 0]],
    ],
    ids=str,
)
def test_weights_that_are_no_shares_of_the_classes_are_refused(
    by_class: Sampler, weights: list[Any]
) -> None:
    with pytest.raises(ValueError, match="labels must be weights of 4 classes for each of 2"):
        by_class.draw(noise([0, 1], 4), torch.tensor(weights))


def test_weights_that_were_rounded_are_taken(by_class: Sampler) -> None:
    by_class.draw(noise([0], 4), torch.tensor([[0.3333, 0.3333, 0.3333, 0]]))


def test_a_generator_without_classes_takes_no_notice_of_labels(trained: Path) -> None:
    sampler, z = Sampler.load(trained), noise([0, 1], 4)
    assert sampler.classes == []
    assert np.array_equal(sampler.draw(z, torch.tensor([70, -1])), sampler.draw(z))
    assert np.array_equal(sampler.sample([0, 1], label=9), sampler.sample([0, 1]))


# --- what is refused, and the cache ----------------------------------------------------------


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
    with pytest.raises(WeightsError, match="cannot be read"):
        SamplerCache().sha256(tmp_path / "none.safetensors")


def test_a_loaded_sampler_knows_its_files_bytes_by_their_sha256(trained: Path) -> None:
    """So that a picture can say which weights drew it."""
    expected = hashlib.sha256(trained.read_bytes()).hexdigest()
    assert Sampler.load(trained).sha256 == SamplerCache().sha256(trained) == expected
    assert Sampler(load_weights(trained)).sha256 == ""


def test_the_cache_hashes_a_file_again_when_it_changed(tmp_path: Path) -> None:
    cache, path = SamplerCache(), tmp_path / "w.safetensors"
    for moment, content in enumerate((b"a", b"b")):
        path.write_bytes(content)
        os.utime(path, ns=(moment, moment))
        assert cache.sha256(path) == hashlib.sha256(content).hexdigest()


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
