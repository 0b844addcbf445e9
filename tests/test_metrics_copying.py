"""The alarm for copies: which pictures set it off, which do not, and what it says of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations

import pytest
import torch
from support import tiny_images
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from ganmodel.images import grid
from ganmodel.metrics.copying import (
    LEAST_REALS,
    LEVEL,
    Originals,
    as_many_by_chance,
    copies,
    copies_sentence,
    pairs_picture,
)

FAKES = 64


def _pictures(count: int, seed: int, channels: int = 1, knots: int = 4) -> Tensor:
    """Smooth random ones, 28 × 28: between `knots`² random values a channel."""
    random = torch.Generator().manual_seed(seed)
    values = torch.rand(count, channels, knots, knots, generator=random)
    smooth = interpolate(values, size=28, mode="bicubic", align_corners=True)
    return (255 * smooth).clamp(0, 255).round().to(torch.uint8)


REALS, UNSEEN = _pictures(30, seed=0), _pictures(FAKES, seed=1)


def _moved(pictures: Tensor) -> Tensor:
    moved = torch.full_like(pictures, 128)
    moved[:, :, 2:, :-1] = pictures[:, :, :-2, 1:]
    return moved


def _faded(pictures: Tensor) -> Tensor:
    return (128 + 0.4 * (pictures.float() - 128)).round().to(torch.uint8)


PLANTED: dict[str, Callable[[Tensor], Tensor]] = {
    "exact": torch.clone,
    "moved": _moved,
    "mirrored": lambda pictures: pictures.flip(-1),
    "faded": _faded,
}


@pytest.fixture(scope="module")
def originals() -> Originals:
    return Originals(REALS)


@pytest.mark.parametrize("kind", PLANTED)
@pytest.mark.parametrize("share", [1.0, 0.2])
def test_a_copier_of_thirty_pictures_is_caught(
    originals: Originals, kind: str, share: float
) -> None:
    """What it draws else, a fifth of copies is 12 pictures; the share that is found tells it."""
    copied = PLANTED[kind](REALS[torch.arange(int(share * FAKES)) % len(REALS)])
    found = originals.look(torch.cat([UNSEEN[len(copied) :], copied]))
    assert found.alarm
    assert found.share == pytest.approx(share, abs=0.05)
    assert found.low <= share <= found.high


def _mean_like(pictures: Tensor) -> Tensor:
    means = pictures[:24].float().unflatten(0, (3, 8)).mean(1)
    return means[torch.arange(FAKES) % 3].to(torch.uint8)


@pytest.mark.parametrize(
    "fakes",
    [
        UNSEEN,
        avg_pool2d(UNSEEN.float(), 5, 1, 2).to(torch.uint8),
        _mean_like(UNSEEN),
        UNSEEN[:1].expand_as(UNSEEN),
        UNSEEN[torch.arange(FAKES) % 5],
        tiny_images(FAKES),
        torch.full_like(UNSEEN, 128),
    ],
    ids=["unseen", "blurred", "mean-like", "one", "five", "noise", "grey"],
)
def test_pictures_that_are_no_copies_set_nothing_off(originals: Originals, fakes: Tensor) -> None:
    found = originals.look(fakes)
    assert not found.alarm
    assert found.share < 0.05


def test_a_collapsed_copier_is_caught_and_counts_as_the_few_pictures_that_it_draws(
    originals: Originals,
) -> None:
    """Three copies drawn 21 times each are three observations, not 64."""
    many = originals.look(REALS[torch.arange(FAKES) % 30])
    few = originals.look(REALS[torch.arange(FAKES) % 3])
    assert few.alarm
    assert few.p_value == pytest.approx(as_many_by_chance(3, 3, 1, 30))
    assert many.p_value < 1e-6 * few.p_value


@pytest.mark.parametrize("again", PLANTED)
def test_data_that_holds_every_picture_twice_hides_no_copies(again: str) -> None:
    """The second of each lies as near to a copy as the first, and nearer than any real should."""
    originals = Originals(torch.cat([REALS, PLANTED[again](REALS)]))
    assert not originals.look(UNSEEN).alarm
    found = originals.look(torch.cat([UNSEEN[20:], _faded(REALS[:20])]))
    assert found.alarm
    assert {pair.original % 30 for pair in found.pairs if pair.copy} <= set(range(20))


def test_pairs_name_the_original_and_what_became_of_it() -> None:
    reals = _pictures(60, seed=2, channels=3)
    fakes = _pictures(8, seed=3, channels=3)
    fakes[1] = reals[41]
    fakes[3] = _moved(reals[7:8])[0]
    fakes[4] = reals[20].flip(-1)
    fakes[6] = _faded(_moved(reals[33:34].flip(-1)))[0]
    pairs = {pair.fake: pair for pair in Originals(reals).look(fakes).pairs}
    told = {
        fake: (pair.original, pair.changes, pair.moved) for fake, pair in pairs.items() if pair.copy
    }
    assert told == {
        1: (41, ("exact",), (0, 0)),
        3: (7, ("moved",), (2, -1)),
        4: (20, ("mirrored",), (0, 0)),
        6: (33, ("mirrored", "moved", "faded"), (2, -1)),
    }
    assert list(pairs)[:4] != sorted(pairs)[:4]  # the most striking first, not the first drawn
    assert [pair.copy for pair in pairs.values()] == sorted(
        [pair.copy for pair in pairs.values()], reverse=True
    )
    assert pairs[6].contrast == pytest.approx(0.4, abs=0.01)
    assert pairs[3].distance < 0.01 < 0.2 < pairs[0].distance


def test_a_picture_that_equals_its_mirror_image_was_not_mirrored() -> None:
    reals = REALS.clone()
    reals[5] = torch.where(torch.arange(28) < 14, reals[5], reals[5].flip(-1))
    (pair, *_) = Originals(reals).look(reals[5:6]).pairs
    assert (pair.original, pair.changes) == (5, ("exact",))


def test_an_original_is_shown_once_however_often_it_was_copied(originals: Originals) -> None:
    pairs = originals.look(REALS[torch.arange(FAKES) % 4]).pairs
    assert sorted(pair.original for pair in pairs) == [0, 1, 2, 3]


def test_the_same_pictures_give_the_same_result_and_no_random_state_is_touched() -> None:
    state = torch.get_rng_state()
    fakes = torch.cat([UNSEEN, REALS])
    assert copies(Originals(REALS), fakes) == copies(Originals(REALS.clone()), fakes)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_part_of_an_evaluation_is_plain_and_its_pairs_can_be_drawn(
    originals: Originals,
) -> None:
    fakes = torch.cat([UNSEEN[:4], REALS[:2]])
    part = copies(originals, fakes)
    assert json.loads(json.dumps(part, allow_nan=False)) == part
    pairs = part["copies"]["pairs"][:2]
    assert "2 of 6 pictures" in copies_sentence(part)
    drawn = pairs_picture(REALS, fakes, pairs)
    assert torch.equal(drawn, grid(torch.cat([fakes[4:], REALS[:2]]), columns=2))
    with pytest.raises(ValueError, match="no pairs"):
        pairs_picture(REALS, fakes, [])


@pytest.mark.parametrize("rank", [1, 2])
def test_as_many_by_chance_equals_a_count_of_all_orders(rank: int) -> None:
    """Of 4 fakes and 5 reals, in each order as likely as any other."""
    orders = list(combinations(range(9), 5))  # where the reals stand
    for below in range(5):
        reached = sum(reals[rank - 1] - (rank - 1) >= below for reals in orders)
        assert as_many_by_chance(below, 4, rank, 5) == pytest.approx(reached / len(orders))


@pytest.mark.parametrize("different", [1, 2, 7])
def test_data_of_next_to_no_different_pictures_sets_nothing_off(different: int) -> None:
    """How near pictures are by chance is not known there."""
    found = Originals(REALS[torch.arange(16) % different]).look(REALS[:8])
    assert not found.alarm
    assert found.p_value > LEVEL


@pytest.mark.parametrize(
    ("reals", "fakes", "sentence"),
    [
        (REALS[: LEAST_REALS - 1], UNSEEN, "at least 8 real pictures"),
        (REALS.float(), UNSEEN, "as bytes"),
        (REALS[:, :, :12, :12], UNSEEN, "at least 16 × 16 pixels"),
        (REALS, UNSEEN[:0], "pictures like the real ones"),
        (REALS, UNSEEN.float(), "pictures like the real ones"),
        (REALS, UNSEEN.expand(-1, 3, -1, -1), r"bytes \(N, 1, 28, 28\)"),
    ],
    ids=["few", "floats", "small", "none", "float fakes", "colour"],
)
def test_other_pictures_are_refused_in_a_sentence(
    reals: Tensor, fakes: Tensor, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        Originals(reals).look(fakes)


def test_of_more_fakes_than_are_looked_at_an_even_part_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generators with classes draw them in order: the first ones would be a few classes only."""
    monkeypatch.setattr("ganmodel.metrics.copying.MOST_FAKES", 4)
    fakes = UNSEEN[:12].clone()
    fakes[9] = REALS[3]
    found = Originals(REALS).look(fakes)
    assert (found.looked, found.copies) == (4, 1)
    assert (found.pairs[0].fake, found.pairs[0].original) == (9, 3)


def test_plain_pictures_among_the_real_ones_hide_no_copies() -> None:
    """An empty sky's few grey values lie as near to another's as a copy does, if contrast is none.

    They say nothing of how near pictures of something are.
    """
    plain = torch.full((4, 1, 28, 28), 100, dtype=torch.uint8)
    plain[..., 14:] += 1
    plain[1] = plain[0].roll(1, 2)
    plain[2, :, 8, 8] += 1
    plain[3, :, 8, 8:13] += 1
    originals = Originals(torch.cat([REALS, plain]))
    assert not originals.look(torch.cat([UNSEEN, plain])).alarm
    assert originals.look(torch.cat([UNSEEN[16:], _faded(REALS[:16])])).alarm
