"""A whole evaluation: of real pictures, of good, bad and broken generators."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from ganmodel.data import Data, load_data
from ganmodel.data.stacked import stack
from ganmodel.metrics import (
    EARLY,
    QUICK,
    Features,
    Reference,
    evaluate,
    frechet_distance,
    frechet_error,
    moments,
    sentence,
)
from ganmodel.metrics.features import fingerprint
from ganmodel.metrics.reference import known_scores
from ganmodel.units import UNIT
from ganmodel.words import say
from tests.planted import drawn_pictures
from tests.support import bits, tiny_images

COUNT = 300  # of the test set's pictures on each side of most tests


@pytest.fixture(scope="module")
def digits(data_dir: Path) -> Data:
    """Real pictures in an order of their own: MNIST's test set starts with the easy half."""
    data = load_data("mnist", data_dir, train=False)
    order = torch.randperm(10_000, generator=torch.Generator().manual_seed(0))
    return replace(data, images=data.images[order], labels=data.labels[order])


@pytest.fixture(scope="module")
def features() -> Features:
    return Features.named("mnist")


@pytest.fixture(scope="module")
def reference(digits: Data, features: Features) -> Reference:
    """2,000 pictures as the training set, 300 as the unseen ones."""
    test = digits.images[2000 : 2000 + COUNT]
    return Reference(features, digits.images[:2000], test=test, labels=digits.labels[:2000])


def _always(images: Tensor) -> Callable[[int], Tensor]:
    return lambda count: images[:count]


def test_unseen_real_pictures_as_the_generator_score_what_real_ones_score(
    reference: Reference, digits: Data
) -> None:
    result = evaluate(_always(digits.images[2000 : 2000 + COUNT]), reference, samples=COUNT)
    assert result["fd_over_r"] == pytest.approx(1, abs=1e-6)
    assert result["fd"] == pytest.approx(result["fd_real"], abs=1e-6)
    for name in ("kid", "precision", "recall", "density", "coverage", "nearest"):
        # The same pictures, in another order.
        assert result[name] == pytest.approx(result[f"{name}_real"], abs=1e-9), name
    assert result["nearest_over_real"] == pytest.approx(1)
    assert result["classes_covered"] == 10
    assert result["class_kl"] < 0.1


def test_a_copier_is_told_by_its_distance_to_the_training_images(reference: Reference) -> None:
    result = evaluate(_always(reference.images), reference, samples=COUNT)
    assert result["nearest"] == 0
    assert result["nearest_over_real"] == 0
    assert result["nearest_real"] > 1


def test_a_generator_of_one_class_is_told_by_its_classes(
    reference: Reference, digits: Data
) -> None:
    ones = digits.images[2000:][digits.labels[2000:] == 1]
    result = evaluate(_always(ones), reference, samples=COUNT)
    share = float((digits.labels[:2000] == 1).double().mean())
    assert result["histogram"][1] > 0.97
    assert result["classes_covered"] < 10
    assert result["class_kl"] == pytest.approx(-math.log(share), abs=0.15)
    assert result["recall"] < 0.4 < result["recall_real"]
    assert result["precision"] > 0.7
    assert result["fd_over_r"] > 5


@pytest.mark.parametrize("broken", ["black", "white", "noise", "one digit"])
def test_a_broken_generator_gets_bad_marks_and_no_nan(
    broken: str, reference: Reference, digits: Data
) -> None:
    images = {
        "black": torch.zeros(COUNT, 1, 28, 28, dtype=torch.uint8),
        "white": torch.full((COUNT, 1, 28, 28), 255, dtype=torch.uint8),
        "noise": tiny_images(COUNT),
        "one digit": digits.images[5000:5001].expand(COUNT, -1, -1, -1),
    }[broken]
    result = evaluate(_always(images), reference, samples=COUNT)
    json.dumps(result, allow_nan=False)
    assert result["fd_over_r"] > 10
    assert result["recall"] < 0.05
    assert sentence(result)


def test_the_result_is_plain_json_and_repeats_exactly(digits: Data, features: Features) -> None:
    def once() -> dict[str, Any]:
        reference = Reference(features, digits.images[:500], test=digits.images[500:700])
        return evaluate(_always(digits.images[700:]), reference, samples=100)

    result = once()
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert once() == result


def test_an_evaluation_leaves_the_global_random_state_and_the_pictures_alone(
    digits: Data, features: Features
) -> None:
    images, drawn = digits.images[:200].clone(), digits.images[200:300].clone()
    before, was = torch.get_rng_state(), (bits(images), bits(drawn))
    evaluate(_always(drawn), Reference(features, images), samples=100, effort=QUICK)
    assert torch.equal(torch.get_rng_state(), before)
    assert (bits(images), bits(drawn)) == was


def test_the_generator_is_asked_once_for_as_many_as_were_wanted(reference: Reference) -> None:
    asked = []

    def draw(count: int) -> Tensor:
        asked.append(count)
        return tiny_images(count)

    evaluate(draw, reference, samples=77)
    result = evaluate(draw, reference, effort=QUICK)
    assert asked == [77, result["samples"]]


def test_agreement_is_the_share_drawn_as_asked(reference: Reference, digits: Data) -> None:
    images, labels = digits.images[3000:3200], digits.labels[3000:3200]
    right = evaluate(lambda _: (images, labels), reference, samples=200)
    wrong = evaluate(lambda _: (images, (labels + 1) % 10), reference, samples=200)
    assert right["agreement"] > 0.97
    assert wrong["agreement"] < 0.03
    assert evaluate(lambda _: images, reference, samples=200)["agreement"] is None


def test_the_shipped_pictures_need_no_computing(
    data_dir: Path, digits: Data, features: Features
) -> None:
    """The trainer's case: everything about reals comes from the classifier's files."""
    train = load_data("mnist", data_dir)
    test = load_data("mnist", data_dir, train=False)
    reference = Reference(features, train.images, test=test.images)
    known = known_scores(features, fingerprint(train.images), fingerprint(test.images))
    assert reference.real_distance(QUICK.samples) == known["fd"]["2500"] == reference.unit
    assert reference.real_nearest == known["nearest"]
    assert reference.real_neighbours(2000) == known["neighbours"]["2000"]
    assert reference.moments is features.known
    shares = torch.bincount(train.labels).double() / 60_000
    torch.testing.assert_close(reference.class_shares, shares)
    # Between two known numbers, the line in 1 / number: 1 / 2,000 lies between those of its ends.
    between = reference.real_distance(2_000)
    share = (1 / 1500 - 1 / 2000) / (1 / 1500 - 1 / 2500)
    ends = known["fd"]["1500"], known["fd"]["2500"]
    assert between == pytest.approx(ends[0] + share * (ends[1] - ends[0]))
    # One pixel of one picture is another; what is known of another set must not be used.
    other = train.images[:400].clone()
    other[0, 0, 0, 0] += 1
    anew = Reference(features, other, test=digits.images[:400])
    assert anew.moments is not features.known
    assert anew.real_distance(QUICK.samples) != known["fd"]["2500"]


def test_without_test_pictures_halves_are_compared(digits: Data, features: Features) -> None:
    """Real pictures against other real ones of the same set: never against themselves."""
    reference = Reference(features, digits.images[:600])
    assert reference.real_distance(200) > 0.1
    assert reference.real_nearest > 1
    assert reference.real_neighbours(200)["precision"] < 1
    assert reference.comparable(2_500) == 300  # as many fakes as a half holds reals


def test_a_limit_on_the_pictures_looked_at_leaves_some_to_compare_with(digits: Data) -> None:
    """Nearest images know no limit."""
    features = Features.named("mnist")
    few = Reference(features, digits.images[:600], most=100)
    every = Reference(features, digits.images[:600])
    assert few.comparable(600) == 50
    assert math.isfinite(few.real_distance(50))
    assert few.real_nearest == every.real_nearest


@pytest.mark.parametrize("kind", ["digits", "stacked digits"])
def test_unseen_real_pictures_score_1_at_every_count(kind: str, digits: Data) -> None:
    """Pictures that neither the training set nor the reference's unseen ones hold."""
    if kind == "digits":
        features, images = Features.named("mnist"), digits.images
        reference = Reference(features, images[:2000], test=images[2000:4000])
        fresh = images[4000:7000]
    else:
        features = Features.named("stacked-mnist")
        triples, _ = stack(digits.images[:5000], digits.labels[:5000], 800)
        unseen, _ = stack(digits.images[5000:], digits.labels[5000:], 1800)
        reference = Reference(features, triples, test=unseen[:800])
        fresh = unseen[800:]
    vectors = reference.features.of(fresh)
    for count in (200, 400, 800):
        parts = vectors[: len(vectors) // count * count].split(count)
        found = [reference.distance(part) for part in parts]
        score = 1 + fmean(distance.fd - distance.real for distance in found) / reference.unit
        chance = (found[0].error / len(parts) ** 0.5 + reference.real_error(count)) / reference.unit
        assert score == pytest.approx(1, abs=0.1 + chance)
        assert chance < 1


@pytest.mark.parametrize("images", [40, 200, 600])
def test_of_pictures_of_ones_own_unseen_ones_score_1(images: int) -> None:
    """However many are drawn: a half against a half, as many on each side.

    Moments that held the other half, too, would make R too small, and unseen ones score more.
    """
    scores = []
    for seed in range(max(3, 240 // images)):
        # So many of each kind as comes: of as many of each, halves would differ by more.
        order = torch.randperm(2 * images, generator=torch.Generator().manual_seed(seed))
        seen = drawn_pictures(2 * images, seed=2 * seed)[0][order[:images]]
        reference = Reference(Features.for_data("own", 3, 32), seen)
        unseen = reference.features.of(drawn_pictures(max(400, images), seed=2 * seed + 1)[0])
        scores.append(reference.distance(unseen).in_units)
    assert fmean(scores) == pytest.approx(1, abs=0.2)


def test_a_distance_means_the_same_at_every_count(digits: Data) -> None:
    """Blurred digits: the bias of few pictures is taken off."""
    reference = Reference(
        Features.named("mnist"), digits.images[:2000], test=digits.images[4000:6000]
    )
    blurred = avg_pool2d(digits.images[6000:8000].float(), 3, 1, padding=1).byte()
    vectors = reference.features.of(blurred)
    few, many = (reference.distance(vectors[:count]) for count in (500, 2000))
    assert few.fd > many.fd
    assert few.unit == many.unit == reference.real_distance(min(UNIT, 2000))
    assert few.in_units == pytest.approx(many.in_units, abs=3 * few.error / few.unit)


def test_more_than_all_unseen_pictures_are_extrapolated(digits: Data, features: Features) -> None:
    """By the line in 1 / count through all and half of them."""
    reference = Reference(features, digits.images[:2000], test=digits.images[2000:3000])
    half, all_, twice = (reference.real_distance(count) for count in (500, 1000, 2000))
    assert twice == pytest.approx(max(0, all_ - (half - all_) / 2))
    assert twice < all_ < half


def test_the_error_is_how_far_the_distance_scatters(digits: Data, features: Features) -> None:
    """Over pictures drawn anew: far from the real ones, and as near as unseen ones."""
    basis = moments(features.of(digits.images[:2000]))
    for blur in (1, 3):
        vectors = features.of(
            avg_pool2d(digits.images[3000:6000].float(), blur, 1, padding=blur // 2).byte()
        )
        parts = vectors.split(500)
        found = stdev(frechet_distance(*basis, *moments(part)) for part in parts)
        told = fmean(frechet_error(basis, part) for part in parts)
        assert 0.6 < told / found < 2.2


def test_an_early_look_measures_the_distance_alone(reference: Reference, digits: Data) -> None:
    result = evaluate(_always(digits.images[3000:]), reference, effort=EARLY)
    assert result["samples"] == EARLY.samples
    assert result["fd_over_r"] == pytest.approx(1, abs=0.5)
    assert result["precision"] is result["nearest"] is result["nearest_over_real"] is None
    json.dumps(result, allow_nan=False)
    assert "precision" not in sentence(result)


def test_data_without_a_classifier_has_no_classes() -> None:
    images = tiny_images(200, 3)
    reference = Reference(Features.for_data("cifar10", 3), images[:100])
    result = evaluate(_always(images[100:]), reference, samples=50)
    json.dumps(result, allow_nan=False)
    assert result["classes"] is result["histogram"] is result["class_kl"] is None
    assert result["features"]["name"] == "appearance"
    assert "classes" not in sentence(result)


def test_stacked_pictures_are_counted_by_their_modes(digits: Data) -> None:
    triples = digits.images[:3000].view(1000, 3, 28, 28)
    labels = digits.labels[:3000].view(1000, 3) @ torch.tensor([100, 10, 1])
    features = Features.named("stacked-mnist")
    reference = Reference(features, triples[:300], test=triples[300:500], labels=labels[:300])
    result = evaluate(_always(triples[500:]), reference, samples=500)
    present = len(labels[500:].unique())
    assert result["modes"] == pytest.approx(present, abs=15)
    assert result["classes"] == 1000
    shares = torch.bincount(labels[500:], minlength=1000).double() / 500
    kl = float(torch.special.xlogy(shares, 1000 * shares).sum())
    assert result["modes_kl"] == pytest.approx(kl, abs=0.05)
    assert f"{result['modes']} of 1,000 modes" in sentence(result)


def test_the_sentence_says_what_it_was_measured_with(reference: Reference, digits: Data) -> None:
    result = evaluate(_always(digits.images[3000:]), reference, samples=COUNT)
    text = sentence(result)
    times, error = result["fd_over_r"], result["fd_over_r_error"]
    assert text.startswith(f"Distance {times:.1f}× ± {error:.1f}× (unseen real pictures: 1×)")
    facts = {"fd": result["fd"], "samples": 300, "real": result["fd_real"]}
    assert say("measures.frechet", **facts) in text
    assert f"coverage {result['coverage']:.2f} ± 0.0" in text  # 300 are few
    assert f"density {result['density']:.2f} (real" in text
    assert "10 of 10 classes" in text
    assert reference.features.sha256[:16] in text
    own = Reference(Features.named("mnist"), digits.images[:100])
    words = sentence(evaluate(_always(digits.images[3000:]), own, samples=COUNT))
    assert "50 at a time" in words
    assert "coarse faults only" not in words
    own = Reference(Features.named("mnist"), digits.images[:60])
    words = sentence(evaluate(_always(digits.images[3000:]), own, samples=COUNT))
    assert "coarse faults only" in words


def test_real_pictures_that_are_all_the_same_give_no_ratio() -> None:
    same = torch.zeros(64, 1, 28, 28, dtype=torch.uint8)
    result = evaluate(_always(same), Reference(Features.appearance(1), same), samples=32)
    assert result["fd_over_r"] is None
    assert result["nearest_over_real"] is None
    assert sentence(result)


def test_what_cannot_be_evaluated_is_refused_in_a_sentence(
    reference: Reference, features: Features
) -> None:
    with pytest.raises(ValueError, match="at least 16 real pictures"):
        Reference(features, tiny_images(5))
    with pytest.raises(ValueError, match="need uint8 pictures"):
        Reference(features, tiny_images(50, 3))
    with pytest.raises(ValueError, match="at least 16 samples, but 3"):
        evaluate(tiny_images, reference, samples=3)
    with pytest.raises(ValueError, match="at least 16 samples, but 0"):
        evaluate(tiny_images, reference, samples=0)
    with pytest.raises(ValueError, match="The generator draws"):
        evaluate(lambda count: tiny_images(count, 3), reference, samples=20)
