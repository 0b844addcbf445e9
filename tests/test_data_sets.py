"""The other named sets: CIFAR-10 from its pickles, stacked MNIST from MNIST; and fingerprints."""

from __future__ import annotations

import hashlib
import os
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ganmodel.data import DATASETS, Data, DataError, fingerprint, load_data, missing_reason
from ganmodel.data.stacked import stack

FOLDER = "cifar-10-batches-py"
BATCHES = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]


def _pixels(batch: int) -> np.ndarray:
    """Four pictures, (4, 3, 32, 32)."""
    return np.random.default_rng(batch).integers(0, 256, (4, 3, 32, 32), dtype=np.uint8)


@pytest.fixture
def cifar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CIFAR-10 of 20 and 4 pictures that torchvision takes for the real one, by its md5 sums."""
    from torchvision.datasets import CIFAR10

    (tmp_path / FOLDER).mkdir()
    md5 = {}
    contents = {
        name: {"data": _pixels(k).reshape(4, 3072), "labels": [k, 9, 0, 1]}
        for k, name in enumerate(BATCHES)
    }
    contents["batches.meta"] = {"label_names": list("abcdefghij")}
    for name, content in contents.items():
        packed = pickle.dumps(content)
        (tmp_path / FOLDER / name).write_bytes(packed)
        md5[name] = hashlib.md5(packed).hexdigest()
    monkeypatch.setattr(CIFAR10, "train_list", [[name, md5[name]] for name in BATCHES[:5]])
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", md5["test_batch"]]])
    monkeypatch.setattr(CIFAR10, "meta", {**CIFAR10.meta, "md5": md5["batches.meta"]})
    monkeypatch.setitem(DATASETS, "cifar10", replace(DATASETS["cifar10"], counts=(20, 4)))
    return tmp_path


def test_cifar10_has_its_pixels_and_labels_in_order(cifar: Path) -> None:
    assert missing_reason("cifar10", cifar) is None
    for _ in range(2):  # read by torchvision, then from the tensors kept
        data = load_data("cifar10", cifar)
        expected = np.concatenate([_pixels(k) for k in range(5)])
        assert np.array_equal(data.images.numpy(), expected)
        assert data.labels.tolist() == [v for k in range(5) for v in (k, 9, 0, 1)]
        assert data.labels.dtype == torch.int64
        assert data.classes[:2] == ("airplane", "automobile")
    assert (cifar / FOLDER / "train.safetensors").is_file()
    assert np.array_equal(load_data("cifar10", cifar, train=False).images.numpy(), _pixels(5))


class _Evil:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("name", [*BATCHES, "batches.meta"])
def test_a_pickle_that_is_not_cifar10s_own_is_never_opened(cifar: Path, name: str) -> None:
    """The last lines show that opening it would have left the mark."""
    evil = pickle.dumps(_Evil(cifar / "it ran"))
    (cifar / FOLDER / name).write_bytes(evil)
    with pytest.raises(DataError, match=r"CIFAR-10 in .* cannot be read, a file of it is damaged"):
        load_data("cifar10", cifar)
    assert not (cifar / "it ran").exists()
    pickle.loads(evil)
    assert (cifar / "it ran").exists()


def test_a_label_beyond_the_classes_is_refused(
    cifar: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DATASETS, "cifar10", replace(DATASETS["cifar10"], classes=("only", "two")))
    with pytest.raises(DataError, match="20 labelled images"):
        load_data("cifar10", cifar)


@pytest.mark.parametrize(("train", "count"), [(True, 128_000), (False, 26_000)])
def test_stacked_mnist_is_three_digits_of_mnist_and_their_number(
    data_dir: Path, train: bool, count: int
) -> None:
    """Each channel of some pictures is looked for in MNIST by its bytes, then its digit compared:
    by chance all 120 would agree once in 10^120 times."""
    data = load_data("stacked-mnist", data_dir, train=train)
    assert data.images.shape == (count, 3, 28, 28)
    assert data.images.dtype == torch.uint8
    assert data.labels.dtype == torch.int64
    assert data.classes == tuple(f"{n:03}" for n in range(1000))
    assert len(data.labels.unique()) == 1000
    mnist = load_data("mnist", data_dir, train=train)
    places = {image.tobytes(): place for place, image in enumerate(mnist.images.numpy())}
    for image, label in zip(data.images[:40].numpy(), data.labels[:40], strict=True):
        digits = [int(mnist.labels[places[channel.tobytes()]]) for channel in image]
        assert data.classes[label] == "".join(map(str, digits))


def test_stacked_mnist_is_always_the_same_and_uses_all_of_mnist(data_dir: Path) -> None:
    """384,000 uniform draws leave each of 60,000 out with chance e^-6.4: about 100 in all."""
    mnist = load_data("mnist", data_dir)
    number = torch.arange(60_000)
    # Each picture carries its own number in its first three pixels.
    marked = torch.zeros(60_000, 1, 28, 28, dtype=torch.uint8)
    for place in range(3):
        marked[:, 0, 0, place] = (number >> (8 * place) & 255).to(torch.uint8)
    images, labels = stack(marked, mnist.labels, 128_000)
    low, middle, high = (images[:, :, 0, place].long() for place in range(3))
    drawn = low + 256 * middle + 65536 * high
    times = torch.bincount(drawn.flatten(), minlength=60_000)
    assert 50 < int((times == 0).sum()) < 170
    assert times.max() < 30
    again = load_data("stacked-mnist", data_dir)
    assert torch.equal(again.labels, labels)
    assert labels[:5].tolist() == [995, 441, 145, 207, 589]


def test_the_table_says_what_loading_gives(data_dir: Path) -> None:
    for name in ("mnist", "stacked-mnist"):
        dataset, data = DATASETS[name], load_data(name, data_dir, train=False)
        shape = (dataset.counts[1], dataset.channels, dataset.size, dataset.size)
        assert data.images.shape == shape
        assert (data.classes, data.name, data.notes) == (dataset.classes, name, ())
    assert (DATASETS["cifar10"].size, DATASETS["cifar10"].channels) == (32, 3)


def _data() -> Data:
    images = torch.arange(4 * 28 * 28).remainder(251).to(torch.uint8).view(4, 1, 28, 28)
    return Data("one", images, torch.tensor([0, 1, 1, 0]), ("a", "b"))


def test_a_fingerprint_stays_and_ignores_the_name() -> None:
    """The digits were written down once: a resume must work after an upgrade, too."""
    data = _data()
    assert fingerprint(data) == fingerprint(replace(data, name="two", notes=("moved",)))
    spread = torch.empty(4, 1, 28, 56, dtype=torch.uint8)[..., ::2].copy_(data.images)
    assert not spread.is_contiguous()
    assert fingerprint(replace(data, images=spread)) == fingerprint(data)
    assert fingerprint(data) == "fb77f85121a8f3b30be179db1eddefc4"


def test_a_fingerprint_changes_with_one_pixel_label_or_class_or_the_shape() -> None:
    data = _data()
    images, labels = data.images.clone(), data.labels.clone()
    images[3, 0, 27, 27] += 1
    labels[2] = 0
    others = [
        replace(data, images=images),
        replace(data, images=data.images.view(2, 1, 28, 56)),
        replace(data, labels=labels),
        replace(data, labels=None),
        replace(data, labels=None, classes=()),
        replace(data, classes=("a", "c")),
        replace(data, classes=("ab", "")),
    ]
    assert len({fingerprint(d) for d in [data, *others]}) == len(others) + 1
