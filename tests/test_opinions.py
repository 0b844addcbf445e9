"""What is said of one picture: D's opinion relative to reals, and the closest real picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from ganmodel.data import load_data
from ganmodel.images import from_bytes
from ganmodel.sampling import (
    ClassProbe,
    DiscriminatorRank,
    WeightsError,
    closest_reals,
    usual_distance,
)
from ganmodel.weights import Weights, load_weights, save_weights
from tests.support import grown_trainer


def _saved(folder: Path, *, without_d: bool = False, **chosen: Any) -> Weights:
    """Weights of a pair that has made some steps, through a file as every run's are."""
    trainer = grown_trainer(**chosen)
    tensors = trainer.networks()
    if without_d:
        tensors = {name: t for name, t in tensors.items() if not name.startswith("D.")}
    path = folder / "pair.safetensors"
    save_weights(path, tensors, trainer.spec, {})
    return load_weights(path)


def _pictures(count: int, seed: int = 0) -> Tensor:
    stream = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 1, 28, 28), generator=stream, dtype=torch.uint8)


def test_d_ranks_a_picture_among_real_ones_by_its_own_logits(tmp_path: Path) -> None:
    weights, reals, asked = _saved(tmp_path), _pictures(40), _pictures(3, seed=1)
    D = weights.discriminator()
    with torch.no_grad():
        real = D(from_bytes(reals)).flatten().numpy()
        own = D(from_bytes(asked)).flatten().numpy()
    expected = [float(np.mean(real < logit)) for logit in own]
    assert DiscriminatorRank(weights, reals).share_below(asked) == expected
    assert len({*expected}) > 1


def test_d_is_asked_with_the_class_where_the_pair_knows_classes(tmp_path: Path) -> None:
    weights, reals, asked = _saved(tmp_path, conditional=True), _pictures(64), _pictures(4, seed=1)
    of_reals, of_asked = torch.arange(64) % 4, torch.arange(4)
    D = weights.discriminator()
    D.embed.weight.normal_(generator=torch.Generator().manual_seed(0))  # untrained, it is faint
    loud = Weights(weights.path, weights.spec, {}, {f"D.{k}": t for k, t in D.state_dict().items()})
    with torch.no_grad():
        real = D(from_bytes(reals), of_reals).flatten().numpy()
        own = D(from_bytes(asked), of_asked).flatten().numpy()
    expected = [float(np.mean(real < logit)) for logit in own]
    judge = DiscriminatorRank(loud, reals, of_reals)
    assert judge.share_below(asked, of_asked) == expected
    assert judge.share_below(asked, of_asked.flip(0)) != expected


def test_weights_without_d_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="do not fit"):
        DiscriminatorRank(_saved(tmp_path, without_d=True), _pictures(4))


def test_a_d_of_other_pictures_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="other pictures"):
        DiscriminatorRank(_saved(tmp_path), _pictures(4).expand(-1, 3, -1, -1))


def test_a_d_that_does_not_know_all_classes_is_not_asked(tmp_path: Path) -> None:
    weights = _saved(tmp_path, conditional=True)
    with pytest.raises(WeightsError, match="other pictures"):
        DiscriminatorRank(weights, _pictures(4), torch.full((4,), weights.spec.classes))


def test_the_closest_real_picture_is_the_one_that_brute_force_finds() -> None:
    reals, asked = _pictures(300), _pictures(1, seed=1)[0]
    apart = (reals.double() - asked.double()).square().sum((1, 2, 3)).sqrt() / 255
    found = closest_reals(asked, reals)[0]
    assert found.index == int(apart.argmin())
    assert found.distance == pytest.approx(float(apart.min()))
    assert closest_reals(reals[7], reals)[0].distance == 0


def test_the_closest_few_come_nearest_first_and_no_more_than_there_are() -> None:
    reals, asked = _pictures(300), _pictures(1, seed=1)[0]
    apart = (reals.double() - asked.double()).square().sum((1, 2, 3))
    found = [one.index for one in closest_reals(asked, reals, 5)]
    assert found == apart.argsort()[:5].tolist()
    assert len(closest_reals(asked, reals[:2], 5)) == 2


def test_a_believer_says_what_the_shipped_classifier_says(data_dir: Path) -> None:
    digits = load_data("mnist", data_dir, train=False)
    believer = ClassProbe.for_data("mnist", 1, 28)
    right = 0
    for picture, label in zip(digits.images[:50], digits.labels[:50].tolist(), strict=True):
        likeliest = believer.likeliest(picture, 3)
        shares = [share for _, share in likeliest]
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) <= 1.0001
        right += likeliest[0][0] == label
    assert right >= 48


@pytest.mark.parametrize("data", [("cifar10", 3, 32), ("stacked-mnist", 3, 28), ("mine", 1, 28)])
def test_where_no_classifier_sees_whole_pictures_nobody_believes(
    data: tuple[str, int, int],
) -> None:
    assert ClassProbe.for_data(*data) is None


def test_the_usual_distance_never_takes_a_picture_for_its_own_neighbour() -> None:
    reals = torch.arange(16, dtype=torch.uint8).reshape(16, 1, 1, 1) * 10
    # The first eight are 80, 70, … 10 grey levels away from the nearest of the last eight.
    assert usual_distance(reals) == pytest.approx(40 / 255)
