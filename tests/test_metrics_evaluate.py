"""A whole evaluation: of real pictures, of good, bad and broken generators."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from ganmodel.data import Data, load_data
from ganmodel.metrics import Features, Reference, evaluate, sentence
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
    for name in ("kid", "precision", "recall", "nearest"):
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
    evaluate(_always(drawn), Reference(features, images), samples=100, thorough=False)
    assert torch.equal(torch.get_rng_state(), before)
    assert (bits(images), bits(drawn)) == was


def test_the_generator_is_asked_once_for_as_many_as_were_wanted(reference: Reference) -> None:
    asked = []

    def draw(count: int) -> Tensor:
        asked.append(count)
        return tiny_images(count)

    evaluate(draw, reference, samples=77)
    result = evaluate(draw, reference, thorough=False)
    assert asked == [77, result["samples"]]


def test_agreement_is_the_share_drawn_as_asked(reference: Reference, digits: Data) -> None:
    images, labels = digits.images[3000:3200], digits.labels[3000:3200]
    right = evaluate(lambda _: (images, labels), reference, samples=200)
    wrong = evaluate(lambda _: (images, (labels + 1) % 10), reference, samples=200)
    assert right["agreement"] > 0.97
    assert wrong["agreement"] < 0.03
    assert evaluate(lambda _: images, reference, samples=200)["agreement"] is None


def test_the_shipped_training_set_needs_no_computing(data_dir: Path, features: Features) -> None:
    """The trainer's case: everything about reals comes from the classifier's file."""
    train = load_data("mnist", data_dir)
    reference = Reference(features, train.images)
    real = features.about["real"]
    assert reference.real_distance == real["fd"]
    assert reference.real_nearest == real["nearest"]
    assert reference.real_points(2000) == real["points"]["2000"]
    assert reference.moments is features.known
    shares = torch.bincount(train.labels).double() / 60_000
    torch.testing.assert_close(reference.class_shares, shares)


def test_pictures_that_the_file_does_not_know_are_computed_anew(
    data_dir: Path, features: Features
) -> None:
    """One pixel of one picture is another; statistics of another set must not be used."""
    images = load_data("mnist", data_dir).images[:400].clone()
    images[0, 0, 0, 0] += 1
    reference = Reference(features, images)
    assert reference.moments is not features.known
    assert reference.real_distance != features.about["real"]["fd"]


def test_without_test_pictures_some_are_held_out(digits: Data, features: Features) -> None:
    """Real pictures against other real ones of the same set: never against themselves."""
    reference = Reference(features, digits.images[:600])
    assert reference.real_distance > 0.1
    assert reference.real_nearest > 1
    assert reference.real_points(200)["precision"] < 1


def test_a_limit_on_the_pictures_looked_at_leaves_some_to_compare_with(digits: Data) -> None:
    """Below the number held out, which a limit must not eat up; nearest images know no limit."""
    few = Reference(Features.appearance(1), digits.images[:600], most=100)
    every = Reference(Features.appearance(1), digits.images[:600])
    assert math.isfinite(few.real_distance)
    assert few.real_nearest == every.real_nearest


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
    assert f"{result['fd']:.2f} = {result['fd_over_r']:.1f} R" in text
    assert "from 300 samples" in text
    assert "10 of 10 classes" in text
    assert reference.features.sha256[:16] in text


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
