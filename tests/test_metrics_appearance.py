"""The features for pictures of any kind see what goes wrong with pictures, and where."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ganmodel.metrics import Features, Moments, frechet_distance, moments, precision_recall
from ganmodel.words import worded
from tests.planted import FAULTS, Fault, drawn_pictures
from tests.support import differing, tiny_images

COUNT = 200
OF_COLOUR = {"cast", "colour lost"}


class Reals:
    """Drawn pictures: 200 to compare with, and others in which faults are planted."""

    def __init__(self, channels: int, size: int) -> None:
        self.features = Features.appearance(channels)
        pictures, kinds = drawn_pictures(3 * COUNT, channels, size)
        order = torch.randperm(3 * COUNT, generator=torch.Generator().manual_seed(1))
        self.reals, self.kinds = pictures[order[:COUNT]], kinds[order[COUNT:]]
        self.unseen = pictures[order[COUNT:]]
        self.base: Moments = moments(self.features.of(self.reals))
        self.clean = self.distance(self.unseen[:COUNT])

    def distance(self, pictures: Tensor) -> float:
        return frechet_distance(*self.base, *moments(self.features.of(pictures)))

    def faulty(self, fault: Fault, dose: float) -> float:
        """How much farther the faulty pictures are than the clean ones."""
        taken = slice(None if fault.loses else COUNT)
        faulty = fault.plant(self.unseen[taken], self.kinds[taken], dose)
        return self.distance(faulty[:COUNT]) / self.clean


@pytest.fixture(scope="module")
def coloured() -> Reals:
    return Reals(3, size=32)


@pytest.fixture(scope="module")
def grey() -> Reals:
    return Reals(1, size=28)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_raises_the_distance_and_more_of_it_more(fault: Fault, coloured: Reals) -> None:
    """benchmarks/planted.py does the same at length, with every dose and in other data, too."""
    little, much = (coloured.faulty(fault, dose) for dose in (fault.doses[0], fault.doses[-1]))
    assert 1.1 < little < much


@pytest.mark.parametrize(
    "fault", [f for f in FAULTS if f.name not in OF_COLOUR], ids=lambda fault: fault.name
)
def test_a_fault_of_grey_pictures_raises_the_distance(fault: Fault, grey: Reals) -> None:
    assert grey.faulty(fault, fault.doses[-1]) > 1.5


def test_negatives_are_no_real_pictures(coloured: Reals) -> None:
    """Absolute values of filters' responses are the same for both: distance 0, precision 1."""
    of = coloured.features.of
    reals, negatives = of(coloured.reals), of(255 - coloured.reals)
    assert coloured.distance(255 - coloured.reals) > 20 * coloured.clean
    assert precision_recall(reals, negatives).precision < 0.1
    assert precision_recall(reals, of(coloured.unseen[:COUNT])).precision > 0.7


def test_a_cast_is_seen_whichever_the_colour(coloured: Reals) -> None:
    for channel in range(3):
        cast = coloured.unseen[:COUNT].int()
        cast[:, channel] -= 50
        assert coloured.distance(cast.clamp(0, 255).to(torch.uint8)) > 2 * coloured.clean


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [28, 64])
def test_where_something_lies_is_seen(channels: int, size: int) -> None:
    """Averaged over the whole picture, a spot's values would be nearly the same anywhere."""
    spots = torch.full((4, channels, size, size), 40, dtype=torch.uint8)
    quarter, middle = size // 2, slice(size // 4 - 4, size // 4 + 4)
    spots[0, :, middle, middle] = 220
    for index, (down, across) in enumerate([(0, quarter), (quarter, 0), (quarter, quarter)]):
        spots[index + 1] = spots[0].roll((down, across), (1, 2))
    plain = torch.full((1, channels, size, size), 40, dtype=torch.uint8)
    of = Features.appearance(channels).of
    seen = of(spots)
    from_plain = (seen - of(plain)).norm(dim=1)
    between = torch.pdist(seen)
    assert float(between.min()) > float(from_plain.max())


def test_fine_detail_of_a_large_picture_is_seen_at_its_own_size() -> None:
    """Brought to 32 pixels, a picture of 128 with fine detail would equal one without any."""
    plain = torch.full((1, 1, 128, 128), 120, dtype=torch.uint8)
    fine = plain.clone()
    fine[..., ::2, ::2] += 40
    fine[..., 1::2, 1::2] -= 40
    of = Features.appearance(1).of
    shades = of(plain + 40) - of(plain)
    assert float((of(fine) - of(plain)).norm()) > 0.5 * float(shades.norm())


@pytest.mark.parametrize(
    ("channels", "height", "width", "values"),
    [(1, 28, 28, 64), (3, 28, 28, 80), (3, 32, 32, 80), (1, 64, 64, 128), (3, 40, 20, 144)],
)
def test_pictures_of_any_size_are_taken(
    channels: int, height: int, width: int, values: int
) -> None:
    images = tiny_images(5, channels, size=max(height, width))[..., :height, :width]
    seen = Features.appearance(channels).of(images)
    assert seen.shape == (5, values)
    assert seen.isfinite().all()


def test_it_is_the_same_in_every_process_and_leaves_the_random_state_alone() -> None:
    torch.manual_seed(1)
    before, a = torch.get_rng_state(), Features.appearance(3)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    b = Features.appearance(3)
    assert differing(a._body.state_dict(), b._body.state_dict()) == []
    assert a.sha256 == b.sha256 != Features.appearance(1).sha256
    images = tiny_images(120, 3)
    assert torch.equal(a.of(images), b.of(images))
    assert "never trained" in worded(a.summary)


def test_other_values_have_another_name() -> None:
    """Whoever changes what is computed raises the edition, and these three numbers with it."""
    features = Features.appearance(3)
    seen = features.of(drawn_pictures(16)[0])
    assert features.sha256.startswith("a374021f")
    assert float(seen.mean()) == pytest.approx(1.63549, rel=1e-4)
    assert float(seen.std()) == pytest.approx(3.5687, rel=1e-4)
