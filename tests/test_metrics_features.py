"""The shipped classifiers, and the features for data that has none."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from ganmodel.data import Data, load_data, missing_reason
from ganmodel.metrics import (
    CLASSIFIERS,
    Features,
    Reference,
    frechet_distance,
    moments,
    save_classifier,
)
from ganmodel.metrics.features import STACKED, fingerprint
from ganmodel.metrics.reference import known_scores
from ganmodel.weights import WeightsError, save_tensors
from tests.support import differing, read_tensors, tiny_images

FILES = Path(sys.modules["ganmodel"].__file__).parent / "assets" / "classifiers"
LEAST_ACCURACY = {"mnist": 0.99, "fashion-mnist": 0.91}


@pytest.fixture(scope="module")
def digits(data_dir: Path) -> Data:
    return load_data("mnist", data_dir, train=False)


def _test_set(name: str, data_dir: Path) -> Data:
    reason = missing_reason(name, data_dir)
    if reason:
        pytest.skip(str(reason))
    return load_data(name, data_dir, train=False)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_is_as_accurate_as_its_file_says(name: str, data_dir: Path) -> None:
    features = Features.named(name)
    test = _test_set(name, data_dir)
    accuracy = float((features.classes(features.of(test.images)) == test.labels).double().mean())
    assert accuracy == pytest.approx(features.about["accuracy"], abs=3e-4)
    assert accuracy >= LEAST_ACCURACY[name]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_file_says_where_it_comes_from(name: str) -> None:
    path = FILES / f"{name}.safetensors"
    about, _ = read_tensors(path)
    assert path.stat().st_size < 1_000_000
    assert about["accuracy"] >= LEAST_ACCURACY[name]
    assert about["command"] == f"python benchmarks/train_classifier.py {name}"
    assert about["recipe"]["seed"] == 0
    assert len(about["data"]["class_shares"]) == len(about["classes"]) == 10
    assert sum(about["data"]["class_shares"]) == pytest.approx(1)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_features_are_named_by_the_sha256_of_their_file(name: str) -> None:
    features = Features.named(name)
    expected = hashlib.sha256((FILES / f"{name}.safetensors").read_bytes()).hexdigest()
    assert features.sha256 == expected
    assert features.name == name


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_what_real_pictures_score_is_what_the_file_says(name: str, data_dir: Path) -> None:
    """R from the test set anew, against the training set's statistics in the file."""
    features, test = Features.named(name), _test_set(name, data_dir)
    about = features.about["data"]
    known = known_scores(features, about["train_sha256"], about["test_sha256"])
    distance = frechet_distance(*features.known, *moments(features.of(test.images)))
    assert distance == pytest.approx(known["fd"]["10000"], rel=1e-3)
    assert known["fd"]["2500"] > 0.05, "R must stand clear of rounding"


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_what_the_files_know_of_real_pictures_is_what_they_give_anew(
    name: str, data_dir: Path
) -> None:
    features, test = Features.named(name), _test_set(name, data_dir)
    train, about = load_data(name, data_dir), features.about["data"]
    assert fingerprint(train.images) == about["train_sha256"]
    assert fingerprint(test.images) == about["test_sha256"]
    known = known_scores(features, about["train_sha256"], about["test_sha256"])
    reference = Reference(
        features, train.images, test=test.images, labels=train.labels, most=60_000, known=False
    )
    torch.testing.assert_close(reference.moments.mean, features.known.mean, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(reference.moments.cov, features.known.cov, rtol=1e-3, atol=1e-3)
    assert reference.class_shares.tolist() == pytest.approx(about["class_shares"])
    assert reference.real_nearest == pytest.approx(known["nearest"], abs=1e-3)
    assert reference.real_distance(2500) == pytest.approx(known["fd"]["2500"], rel=2e-3)
    assert reference.real_neighbours(2000) == pytest.approx(
        known["neighbours"]["2000"], rel=2e-3, abs=2e-3
    )


def test_every_feature_varies(digits: Data) -> None:
    """A unit that is the same for every picture would measure nothing."""
    features = Features.named("mnist").of(digits.images[:1000])
    assert features.shape == (1000, 64)
    assert features.dtype == torch.float32
    assert not features.requires_grad
    assert float(features.std(0).min()) > 0.01


def test_each_channel_of_a_stacked_picture_is_seen_as_a_digit(digits: Data) -> None:
    one, three = Features.named("mnist"), Features.named(STACKED)
    count = 300
    triples = digits.images[: 3 * count].view(3, count, 28, 28).transpose(0, 1)
    labels = digits.labels[: 3 * count].view(3, count)
    features = three.of(triples)
    assert features.shape == (count, 192)
    for channel in range(3):
        alone = one.of(triples[:, channel : channel + 1])
        torch.testing.assert_close(features[:, 64 * channel :][:, :64], alone, rtol=0, atol=1e-4)
    modes = 100 * labels[0] + 10 * labels[1] + labels[2]
    assert float((three.classes(three.of(triples)) == modes).double().mean()) > 0.95
    assert three.sha256 == one.sha256
    assert three.n_classes == 1000


def test_data_gets_the_features_that_were_made_for_it() -> None:
    assert Features.for_data("mnist", 1).name == "mnist"
    assert Features.for_data("fashion-mnist", 1).name == "fashion-mnist"
    assert Features.for_data(STACKED, 3).n_classes == 1000
    for name, channels in (("kmnist", 1), ("cifar10", 3), ("my/pictures", 3), ("mnist", 3)):
        assert Features.for_data(name, channels).name == "appearance"
    assert Features.for_data("mnist", 1, size=32).name == "appearance"


def _blurred(images: Tensor) -> Tensor:
    return avg_pool2d(images.float(), 5, 1, padding=2).to(torch.uint8)


@pytest.mark.parametrize("name", ["appearance", "mnist"])
def test_worse_pictures_are_farther_from_real_ones(name: str, digits: Data) -> None:
    """noise > blurred > shifted by one pixel > untouched, and one picture over and over > shifted.

    Trained features see the same order, so this is no accident of the random weights.
    """
    features = Features.appearance(1) if name == "appearance" else Features.named(name)
    order = torch.randperm(4000, generator=torch.Generator().manual_seed(0))
    reals, images = digits.images[order[:2000]], digits.images[order[2000:]]
    known = moments(features.of(reals))

    def distance(pictures: Tensor) -> float:
        return frechet_distance(*known, *moments(features.of(pictures)))

    clean, shifted = distance(images), distance(images.roll(1, 2))
    blurred, noise = distance(_blurred(images)), distance(tiny_images(2000))
    collapsed = distance(images[:1].expand_as(images))
    assert clean < shifted < blurred < noise
    assert collapsed > 2 * shifted
    assert noise > 10 * clean


def test_features_refuse_pictures_that_they_are_not_for() -> None:
    features = Features.named("mnist")
    for wrong in (tiny_images(2, 3), tiny_images(2)[..., :20], tiny_images(2).float()):
        with pytest.raises(ValueError, match=r"need uint8 pictures \(N, 1, 28, 28\), but got"):
            features.of(wrong)
    with pytest.raises(ValueError, match="know no classes"):
        Features.appearance(1).classes(torch.zeros(2, 64))
    with pytest.raises(ValueError, match="no classifier named 'cats'"):
        Features.named("cats")


def test_a_file_that_is_no_classifier_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="There is no file"):
        Features.load(tmp_path / "none.safetensors")
    strange = tmp_path / "strange.safetensors"
    save_tensors(strange, {"x": torch.zeros(1)}, {"format": 1})
    with pytest.raises(WeightsError, match=r"strange\.safetensors is not a classifier"):
        Features.load(strange)
    about, tensors = read_tensors(FILES / "mnist.safetensors")
    save_tensors(strange, tensors, {**about, "format": 99})
    with pytest.raises(WeightsError, match="this version cannot read"):
        Features.load(strange)


def test_the_recipe_repeats_exactly_and_its_file_can_be_measured_with(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code that made the shipped files, on a fraction of the data and for one epoch."""
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[1] / "benchmarks")
    import train_classifier

    whole = load_data("mnist", data_dir)
    train, test = (
        replace(whole, images=whole.images[part], labels=whole.labels[part])
        for part in (slice(0, 2560), slice(3000, 3400))
    )
    recipe = {**train_classifier.RECIPE, "epochs": 1}
    with torch.random.fork_rng(devices=[]):
        nets = [train_classifier.fit(train, recipe) for _ in range(2)]
    assert differing(*(net.state_dict() for net in nets)) == []

    known, about = train_classifier.describe(nets[0], train, test, recipe)
    path = tmp_path / "mnist.safetensors"
    save_classifier(path, nets[0], known, about)
    features = Features.load(path)
    assert torch.equal(features.of(test.images), Features.load(path).of(test.images))
    assert features.about["accuracy"] > 0.3  # three times chance
    assert Reference(features, train.images).moments is features.known
    assert Reference(features, train.images[1:]).moments is not features.known
