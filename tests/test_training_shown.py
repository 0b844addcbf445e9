"""What D and G are shown in a step: images in range, changed alike, with the classes they have."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ganmodel.data import Data
from ganmodel.training import Trainer
from tests.support import (
    ONCE,
    bits,
    every_objective,
    inputs_of,
    numbered_images,
    tiny_config,
    tiny_images,
    tiny_trainer,
)


def test_images_reach_d_in_minus_one_to_one() -> None:
    """The article gave D reals in [0, 1] beside fakes in [-1, 1]: told apart at a glance."""
    images = numbered_images(86 - 1)
    images[0], images[1] = 0, 255
    trainer = tiny_trainer(images)
    seen = inputs_of(trainer.D)
    for _ in range(11):  # more than an epoch
        trainer.step(measure=False)
    reals = torch.cat([batch[:8] for batch, _ in seen if len(batch) == 16])
    assert (reals.min(), reals.max()) == (-1, 1)
    expected = (images.double() / 255 * 2 - 1).float()
    levels = torch.unique(expected.flatten())
    distance = (torch.unique(reals.flatten())[:, None] - levels).abs().min(dim=1).values
    assert distance.max() < 1e-6


@pytest.mark.parametrize(("norm_d", "passes"), [("none", 2), ("spectral", 2), ("batch", 3)])
def test_only_batch_norm_has_reals_and_fakes_judged_apart(norm_d: str, passes: int) -> None:
    """In one batch its statistics would tell D what it is to find out. Radford et al. 2016."""
    trainer = tiny_trainer(norm_d=norm_d)
    seen = inputs_of(trainer.D)
    trainer.step(measure=False)
    assert [len(batch) for batch, _ in seen] == ([16, 8] if passes == 2 else [8, 8, 8])


# --- augmentation ----------------------------------------------------------------------------


def _hidden(batch: Tensor) -> tuple[Tensor, Tensor]:
    """Of each image: whether a whole edge row or column is 0, and whether an inner pixel is."""
    zero = (batch == 0).all(1)
    edge = zero[:, 0].all(1) | zero[:, -1].all(1) | zero[:, :, 0].all(1) | zero[:, :, -1].all(1)
    return edge, zero[:, 8:20, 8:20].flatten(1).any(1)


@pytest.mark.parametrize("objective", ["non-saturating", "wgan-gp", "r3gan"])
@pytest.mark.parametrize("kinds", ["none", "translation", "cutout", "translation+cutout"])
def test_d_sees_reals_and_fakes_changed_by_the_same_kinds(objective: str, kinds: str) -> None:
    """White reals and a G of tanh have no zeros of their own. In D's step and in G's; r3gan's reals
    in G's step, too. 32 images of each
    sort, of which most move along an axis and have a square near their middle."""
    white = torch.full((64, 1, 28, 28), 255, dtype=torch.uint8)
    sizes = {"batch_size": 32, "n_critic": 1}
    trainer = tiny_trainer(white, objective=objective, augment=kinds, **sizes, **ONCE)
    seen = inputs_of(trainer.D)
    trainer.step(measure=False)
    batches = [part for batch, _ in seen for part in batch.split(32)]
    if objective == "wgan-gp":
        del batches[2]  # mixtures of both, which hide only what both hide
    assert len(batches) == (4 if objective == "r3gan" else 3)
    for batch in batches:
        moved, hidden = (part.double().mean() for part in _hidden(batch))
        assert moved > 0.7 if "translation" in kinds else moved == 0
        assert hidden > 0.4 if "cutout" in kinds else hidden == 0
        assert kinds != "none" or not (batch == 0).any()
        assert kinds == "none" or len({bits(image == 0) for image in batch}) > 8
    if kinds != "none":
        assert len({bits(batch == 0) for batch in batches}) == len(batches)


# --- classes ---------------------------------------------------------------------------------


@every_objective
def test_fakes_have_the_classes_of_the_reals_beside_them(objective: str) -> None:
    """Each image's grey value is its number and its class the number's remainder, so that D's
    labels can be read off its reals. Every call of D is looked at: both steps and the penalty."""
    numbered = (3 * torch.arange(20)).to(torch.uint8).view(-1, 1, 1, 1).expand(-1, 1, 28, 28)
    trainer = tiny_trainer(numbered.contiguous(), objective=objective, conditional=True, **ONCE)
    to_g, to_d = inputs_of(trainer.G), inputs_of(trainer.D)
    trainer.step(measure=False)
    classes = []
    for batch, labels in to_d:
        if len(batch) == 16:
            numbers = ((batch[:8, 0, 0, 0] + 1) * 127.5 / 3).round().long()
            classes.append(numbers % 4)
            assert torch.equal(labels, torch.cat([numbers % 4, numbers % 4]))
        else:  # a penalty's mixtures, or G's step
            assert torch.equal(labels, classes[-1])
    assert [bits(labels) for _, labels in to_g] == [bits(labels) for labels in classes]
    assert len(classes) == trainer.config.n_critic


def test_only_the_classes_in_the_batch_have_their_vectors_moved() -> None:
    """Data of four classes that holds only two: what the other two are was never shown."""
    labels = torch.tensor([1, 3] * 8)
    data = Data("tiny", tiny_images(16), labels, ("a", "b", "c", "d"))
    trainer = Trainer(tiny_config(conditional=True), data)
    before = {name: getattr(trainer, name).embed.weight.detach().clone() for name in ("G", "D")}
    trainer.step(measure=False)
    for name, old in before.items():
        moved = (getattr(trainer, name).embed.weight != old).any(1)
        assert moved.tolist() == [False, True, False, True], name
