"""DiffAugment: how far pictures move, what is hidden, and that gradients pass through."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from ganmodel.augment import augment, cut_out, translate
from ganmodel.config.settings import AUGMENTS

SIZES = pytest.mark.parametrize("size", [28, 32])
CHANGES = [kinds for kinds in AUGMENTS if kinds != "none"]


def _random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _images(count: int = 64, channels: int = 1, size: int = 28) -> Tensor:
    """Without a zero anywhere, so that what was moved in or hidden can be told."""
    shape = (count, channels, size, size)
    return torch.rand(shape, generator=_random(9), dtype=torch.float64) + 0.5


def _shifted(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """`image (C, S, S)` moved by whole pixels, with zeros moved in; a plain loop."""
    moved = np.zeros_like(image)
    size = image.shape[1]
    for row in range(size):
        for column in range(size):
            if 0 <= row - down < size and 0 <= column - right < size:
                moved[:, row, column] = image[:, row - down, column - right]
    return moved


def _shift_of(before: np.ndarray, after: np.ndarray, furthest: int) -> tuple[int, int]:
    """The one shift within `furthest` pixels that makes `after` of `before`, exactly."""
    reach = range(-furthest, furthest + 1)
    found = [
        (down, right)
        for down in reach
        for right in reach
        if np.array_equal(_shifted(before, down, right), after)
    ]
    assert len(found) == 1, found
    return found[0]


@SIZES
def test_a_translation_is_an_exact_shift_of_at_most_an_eighth(size: int) -> None:
    """Whole pixels (an eighth of 28 is rounded to 4), zeros moved in, each image its own."""
    furthest = int(size / 8 + 0.5)
    images = _images(24, channels=3, size=size)
    moved = translate(images, _random())
    shifts = [
        _shift_of(before, after, furthest)
        for before, after in zip(images.numpy(), moved.numpy(), strict=True)
    ]
    assert len(set(shifts)) > 12
    assert moved.dtype == images.dtype


@SIZES
def test_every_shift_up_to_an_eighth_is_as_likely(size: int) -> None:
    """Found by where a single lit row and column end up, in 4,000 images."""
    count, middle, furthest = 4000, size // 2, int(size / 8 + 0.5)
    images = torch.zeros(count, 1, size, size)
    images[:, :, middle, middle] = 1
    lit = translate(images, _random()).nonzero()[:, 2:] - middle
    assert len(lit) == count
    for axis in (0, 1):
        values, counts = lit[:, axis].unique(return_counts=True)
        assert values.tolist() == list(range(-furthest, furthest + 1))
        expected = count / len(values)
        assert (counts - expected).abs().max() < 5 * expected**0.5
    correlation = torch.corrcoef(lit.double().T)[0, 1]
    assert abs(correlation) < 5 / count**0.5  # the two directions do not follow each other


@SIZES
def test_a_cutout_hides_one_square_of_half_the_size_and_nothing_else(size: int) -> None:
    """Cut off where it reaches over the edge, so smaller there; the rest is as it was."""
    images = _images(256, channels=3, size=size)
    cut = cut_out(images, _random())
    heights, widths, places = [], [], set()
    for before, after in zip(images, cut, strict=True):
        hidden = after == 0
        assert torch.equal(hidden[0], hidden[1])  # the same place in every channel
        assert torch.equal(hidden[0], hidden[2])
        rows, columns = hidden[0].any(1).nonzero()[:, 0], hidden[0].any(0).nonzero()[:, 0]
        height, width = len(rows), len(columns)
        assert hidden[0].sum() == height * width  # a rectangle without holes …
        assert rows.tolist() == list(range(rows[0], rows[0] + height))  # … in one piece
        assert columns.tolist() == list(range(columns[0], columns[0] + width))
        assert torch.equal(after[~hidden], before[~hidden])
        for start, length in ((rows[0], height), (columns[0], width)):
            assert length == size // 2 or start == 0 or start + length == size
        heights.append(height)
        widths.append(width)
        places.add((rows[0].item(), columns[0].item()))
    assert max(heights) == max(widths) == size // 2
    assert min(heights) >= size // 4
    assert min(widths) >= size // 4
    assert len(places) > 64


@pytest.mark.parametrize("kinds", CHANGES)
def test_each_image_has_a_change_of_its_own(kinds: str) -> None:
    same = _images(1).expand(32, -1, -1, -1)
    changed = augment(same, kinds, _random())
    assert len({image.numpy().tobytes() for image in changed}) > 16


@pytest.mark.parametrize("kinds", CHANGES)
def test_a_change_follows_from_the_generator_alone(kinds: str) -> None:
    images = _images()
    before = torch.get_rng_state()
    first, again, other = (augment(images, kinds, _random(seed)) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("kinds", CHANGES)
def test_two_changes_after_each_other_differ(kinds: str) -> None:
    generator, images = _random(), _images()
    assert not torch.equal(augment(images, kinds, generator), augment(images, kinds, generator))


def test_none_changes_nothing_and_takes_no_random_number() -> None:
    """A run without augmentation must give the same numbers as before there was any."""
    generator, images = _random(), _images()
    before = generator.get_state()
    assert augment(images, "none", generator) is images
    assert torch.equal(generator.get_state(), before)


def test_both_kinds_together_are_one_after_the_other() -> None:
    images = _images()
    both = augment(images, "translation+cutout", _random())
    generator = _random()
    assert torch.equal(both, cut_out(translate(images, generator), generator))


@pytest.mark.parametrize("kinds", CHANGES)
def test_gradients_pass_through_to_where_each_pixel_came_from(kinds: str) -> None:
    """Against finite differences in float64: DiffAugment's whole point is that G learns through
    the change."""
    images = _images(3, channels=2, size=8).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: augment(x, kinds, _random(5)), images)
    weights = torch.rand(images.shape, generator=_random(2), dtype=torch.float64)
    changed = augment(images, kinds, _random(5))
    (gradient,) = torch.autograd.grad((changed * weights).sum(), images)
    # Linear, so the gradient times the image is the output again.
    assert (gradient * images).sum().item() == pytest.approx((changed * weights).sum().item())
    assert (gradient == 0).any()  # what was moved out or hidden
    assert (gradient != 0).any()


@pytest.mark.parametrize("kinds", CHANGES)
def test_second_derivatives_pass_through_too(kinds: str) -> None:
    """A gradient penalty on a changed picture differentiates twice."""
    images = _images(2, channels=1, size=8).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda x: augment(x, kinds, _random(5)).square(), images)
