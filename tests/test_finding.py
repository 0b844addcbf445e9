"""The z of a picture, found again: how close it comes, when it stops, what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from ganmodel.data import load_data
from ganmodel.latents import noise
from ganmodel.sampling import SHIPPED, Found, Sampler, find, finding
from ganmodel.weights import load_weights, save_weights
from tests.support import bits, grown_trainer, tiny_images

FAR = 600.0  # seconds: time never runs out, however busy the machine


@pytest.fixture(scope="module")
def shipped() -> Sampler:
    return Sampler.load(SHIPPED / "mnist.safetensors")


def _tiny(folder: Path, **chosen: Any) -> Sampler:
    trainer = grown_trainer(**chosen)
    path = folder / "pair.safetensors"
    save_weights(path, trainer.networks(), trainer.spec, {})
    return Sampler(load_weights(path))


def _target(sampler: Sampler, z: Tensor, labels: Tensor | None = None) -> Tensor:
    """What a sampler draws of one z, as a target: uint8 `(C, S, S)`."""
    return torch.from_numpy(sampler.draw(z[None], labels)[0]).permute(2, 0, 1)


def _likely(seed: int) -> Tensor:
    """A z of 4 coordinates with the norm that is asked of what is found."""
    z = noise([seed], 4)[0]
    return 2 * z / z.norm()


def _apart(picture: np.ndarray, target: Tensor) -> float:
    """Mean absolute difference in grey levels."""
    return float(np.abs(picture.astype(float) - target.permute(1, 2, 0).numpy()).mean())


def _norm(found: Found) -> float:
    """In units of what noise has."""
    return float(found.z.norm()) / len(found.z) ** 0.5


def _last(steps: Iterator[Found]) -> Found:
    return list(steps)[-1]


@pytest.mark.parametrize("seed", [1])
def test_a_picture_of_the_generators_own_is_found_again(shipped: Sampler, seed: int) -> None:
    """Within 4 of 255 grey levels, where the usual random picture is over 20 away.

    Twelve such pictures ended within 2; z itself is not found again, since many z draw the same.
    """
    target = _target(shipped, noise([1000 + seed], 64)[0])
    found = _last(find(shipped, target, seconds=FAR, seed=seed))
    others = [_apart(picture, target) for picture in shipped.sample(range(50))]
    assert found.done
    assert _apart(found.picture, target) < 4
    assert np.median(others) > 20
    assert found.explained > 0.97
    assert np.array_equal(found.picture, shipped.draw(found.z[None])[0])
    assert _norm(found) == pytest.approx(1, abs=0.05)


@pytest.mark.slow
def test_a_real_digit_is_explained_and_what_is_no_digit_is_not(
    shipped: Sampler, data_dir: Path
) -> None:
    """So that a page can say of a drawing that this generator draws nothing like it."""
    digit = load_data("mnist", data_dir, train=False).images[0]
    found = _last(find(shipped, digit, seconds=FAR))
    assert found.explained > 0.9
    assert _norm(found) == pytest.approx(1, abs=0.05)
    found = _last(find(shipped, tiny_images(1)[0], seconds=FAR))
    assert found.explained < 0.1
    assert _norm(found) == pytest.approx(1, abs=0.2)


def test_losses_never_rise_progress_never_falls_and_all_is_told(tmp_path: Path) -> None:
    sampler = _tiny(tmp_path)
    target = _target(sampler, _likely(7))
    steps = list(find(sampler, target, seconds=FAR))
    losses, shares = [s.loss for s in steps], [s.share_done for s in steps]
    assert len(steps) > 50
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 4
    assert shares == sorted(shares)
    assert shares[0] < 0.1
    assert shares[-1] == 1
    assert [s.done for s in steps] == [False] * (len(steps) - 1) + [True]
    assert [s.step for s in steps] == sorted(s.step for s in steps)
    for found in steps:  # 1 − error / variance, the latter being the error of the best grey
        wanted = target[0].double().numpy()
        error = np.mean((found.picture[..., 0] - wanted) ** 2)
        assert found.explained == pytest.approx(max(0, 1 - error / np.var(wanted)), abs=1e-9)
        assert found.picture.shape == (28, 28, 1)
        assert found.picture.dtype == np.uint8


def test_a_plain_target_can_be_asked_for(tmp_path: Path) -> None:
    """It has no variance to explain, which must not divide by 0."""
    steps = find(_tiny(tmp_path), torch.zeros(1, 28, 28, dtype=torch.uint8), seconds=FAR)
    assert next(steps).explained == 0


def test_the_same_seed_finds_the_same(tmp_path: Path) -> None:
    sampler = _tiny(tmp_path)
    before = torch.get_rng_state()
    target = tiny_images(1)[0]
    runs = [list(islice(find(sampler, target, seconds=FAR, seed=3), 30)) for _ in range(2)]
    assert runs[0][-1].step > 50
    told = [[(bits(s.z), s.picture.tobytes(), s.loss, s.step) for s in steps] for steps in runs]
    assert told[0] == told[1]
    assert not torch.equal(next(find(sampler, target, seconds=FAR, seed=4)).z, runs[0][0].z)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_generator_stays_as_it_is_and_gradients_may_be_off(tmp_path: Path) -> None:
    sampler = _tiny(tmp_path)
    before = [bits(tensor) for tensor in sampler.G.state_dict().values()]
    with torch.no_grad():
        *_, found = islice(find(sampler, tiny_images(1)[0], seconds=FAR), 20)
    assert found.step > 10
    assert not found.z.requires_grad
    assert [bits(tensor) for tensor in sampler.G.state_dict().values()] == before
    assert all(p.grad is None for p in sampler.G.parameters())


# --- time ------------------------------------------------------------------------------------


def test_closing_it_stops_the_work(tmp_path: Path) -> None:
    """Whether it waits among the random vectors or between two steps."""
    sampler = _tiny(tmp_path)
    for yields in (1, 30):
        calls = []
        hook = sampler.G.register_forward_hook(lambda *_, calls=calls: calls.append(1))
        steps = find(sampler, tiny_images(1)[0], seconds=FAR)
        for _ in range(yields):
            next(steps)
        so_far = len(calls)
        steps.close()
        assert list(steps) == []
        assert len(calls) == so_far
        hook.remove()


def test_nothing_is_done_before_it_is_asked_for(tmp_path: Path) -> None:
    sampler, calls = _tiny(tmp_path), []
    sampler.G.register_forward_hook(lambda *_: calls.append(1))
    find(sampler, tiny_images(1)[0])
    assert calls == []


@pytest.mark.parametrize("seconds", [0.0, 0.1])
def test_it_ends_when_the_time_is_over_with_the_best_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """By a clock that goes on by 20 ms with each pass through the generator, as a slow one's."""
    sampler, passes = _tiny(tmp_path), []
    sampler.G.register_forward_pre_hook(lambda *_: passes.append(1))
    clock = SimpleNamespace(monotonic=lambda: 0.02 * len(passes))
    monkeypatch.setattr(finding, "time", clock)
    steps = list(find(sampler, tiny_images(1)[0], seconds=seconds))
    assert clock.monotonic() < seconds + 0.2  # the whole work takes at least 6
    assert steps[-1].done
    assert steps[-1].share_done == 1
    assert steps[-1].loss == min(s.loss for s in steps)
    assert len(steps) >= 2


# --- classes, colours, and what is refused ---------------------------------------------------


def test_without_a_class_given_the_class_is_found_too(tmp_path: Path) -> None:
    """Each class draws its own; both of two classes of four are found by chance in 1 of 16."""
    sampler = _tiny(tmp_path, conditional=True)
    sampler.G.embed.weight *= 3
    for label in (1, 2):
        target = _target(sampler, _likely(label), torch.tensor([label]))
        found = _last(find(sampler, target, seconds=FAR))
        assert found.label == label
        assert (
            _apart(found.picture, target) < 6
        )  # of another class, the same point is at 15 or more
        again = sampler.draw(found.z[None], torch.tensor([found.label]))[0]
        assert np.array_equal(again, found.picture)


def test_class_weights_that_are_given_are_kept(tmp_path: Path) -> None:
    sampler = _tiny(tmp_path, conditional=True)
    blend = torch.tensor([0.5, 0, 0.5, 0])
    target = _target(sampler, _likely(3), blend[None])
    found = _last(find(sampler, target, labels=blend, seconds=FAR))
    assert found.label is None
    assert np.array_equal(found.picture, sampler.draw(found.z[None], blend[None])[0])
    assert _apart(found.picture, target) < 3


def test_colours_are_found(tmp_path: Path) -> None:
    sampler = _tiny(tmp_path, images=tiny_images(channels=3, size=32))
    target = _target(sampler, _likely(3))
    found = _last(find(sampler, target, seconds=FAR))
    assert found.picture.shape == (32, 32, 3)
    assert found.label is None
    assert _apart(found.picture, target) < 3


@pytest.mark.parametrize(
    "target",
    [torch.zeros(1, 28, 28), *(torch.zeros(s, dtype=torch.uint8) for s in ((28, 28), (3, 28, 28)))],
    ids=["float", "no channel", "colour"],
)
def test_a_target_of_another_kind_is_refused_at_once(tmp_path: Path, target: Tensor) -> None:
    with pytest.raises(ValueError, match=r"must be uint8 \(1, 28, 28\), but it is"):
        find(_tiny(tmp_path), target)


def test_labels_that_are_no_weights_are_refused_at_once(tmp_path: Path) -> None:
    sampler = _tiny(tmp_path, conditional=True)
    with pytest.raises(ValueError, match="weights of 4 classes"):
        find(sampler, tiny_images(1)[0], labels=torch.tensor([0.5, 0.2, 0.0, 0.0]))
