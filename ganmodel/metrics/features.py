"""Maps pictures to feature vectors, and to classes where a classifier knows them.

Three kinds: the small classifiers that ship with the package (`benchmarks/train_classifier.py`
makes them), the MNIST one applied to each channel of a stacked picture, and, for all other data,
the untrained network of `appearance`. `measures` compares the vectors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ganmodel.images import from_bytes
from ganmodel.metrics import appearance
from ganmodel.metrics.measures import Moments
from ganmodel.weights import WeightsError, load_tensors, save_tensors
from ganmodel.words import Message, Words, message

CLASSIFIERS = ("mnist", "fashion-mnist")
STACKED = "stacked-mnist"
FORMAT = 1  # of a classifier's file; raised when the current reader could no longer read it

_FOLDER = Path(__file__).resolve().parents[1] / "assets" / "classifiers"
_AT_ONCE = 100  # pictures in one forward pass; more overflow the processor's cache and are slower


class Classifier(nn.Module):
    """Images `(N, 1, 28, 28)` in [-1, 1] to class logits; 0.16 M weights.

    `body` gives the features `(N, 64)`; `head` is linear on them, so classes can be computed from
    features alone.
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 24, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(24, 48, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(48 * 7 * 7, 64),
            nn.LeakyReLU(0.2),  # a plain ReLU left a third of the features dead
        )
        self.head = nn.Linear(64, classes)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.body(images))


@dataclass(frozen=True, eq=False)
class Features:
    """Pictures to vectors, and to classes where a classifier knows them.

    Build one with `for_data`, `named` or `appearance`. Two results may be compared only where
    `sha256` is the same.
    """

    name: str
    sha256: str  # of the classifier's file, or of everything that determines the values
    summary: Words  # for a person: what the values are
    shape: tuple[int, int | None, int | None]  # C, H, W of the pictures; None: any size
    n_classes: int | None  # None: features without classes
    about: Mapping[str, Any]  # the file's description, JSON-plain; empty without a file
    known: Moments | None  # of the training set named in `about`
    _body: Callable[[Tensor], Tensor] = field(repr=False)
    _head: Callable[[Tensor], Tensor] | None = field(repr=False, default=None)
    _each_channel: bool = False

    @classmethod
    def for_data(cls, name: str, channels: int, size: int = 28) -> Features:
        """The features for a data set: a shipped classifier's, else those of `appearance`.

        `size` is the pictures' height and width in pixels; the classifiers take 28 only.
        """
        fits = (name in CLASSIFIERS and channels == 1) or (name == STACKED and channels == 3)
        if fits and size == 28:
            return cls.named(name)
        return cls.appearance(channels)

    @classmethod
    def named(cls, name: str) -> Features:
        """The features of a shipped classifier.

        Raises:
            ValueError: there is none of that name.
            WeightsError: its file is missing or damaged.
        """
        if name == STACKED:
            return cls.named("mnist").on_each_channel()
        if name not in CLASSIFIERS:
            choices = ", ".join((*CLASSIFIERS, STACKED))
            raise ValueError(f"There is no classifier named {name!r:.40}; choose one of {choices}.")
        found = cls.load(_FOLDER / f"{name}.safetensors")
        return replace(found, summary=_of_shipped(name, found.about["accuracy"]))

    @classmethod
    def load(cls, path: Path) -> Features:
        """The features of a classifier's file, as `save_classifier` writes it.

        Raises:
            WeightsError: missing, damaged, or not such a file.
        """
        about, tensors = load_tensors(path, message("weights.classifier"))
        try:
            if about["format"] != FORMAT:
                raise WeightsError("features-format", name=path.name)
            net = Classifier(len(about["classes"]))
            net.load_state_dict(
                {k.removeprefix("net."): t for k, t in tensors.items() if k.startswith("net.")}
            )
            known = Moments(tensors["mean"], tensors["cov"])
            name, summary = str(about["name"]), str(about["summary"])
        except (KeyError, TypeError, RuntimeError):
            raise WeightsError("no-features", name=path.name) from None
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return cls.of_classifier(net, name, sha256, summary, about, known)

    @classmethod
    def of_classifier(
        cls,
        net: Classifier,
        name: str,
        sha256: str,
        summary: Words,
        about: Mapping[str, Any] | None = None,
        known: Moments | None = None,
    ) -> Features:
        """The features of a network in memory, such as one that was trained just now."""
        # The channels-last layout makes this network three times as fast on CPUs.
        net = net.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        classes = net.head.out_features
        shape = (1, 28, 28)
        return cls(name, sha256, summary, shape, classes, about or {}, known, net.body, net.head)

    @classmethod
    def appearance(cls, channels: int) -> Features:
        """The features of `appearance`, for any pictures: equal in every process."""
        # The channels-last layout makes this network twice as fast on CPUs.
        net = appearance.Appearance(channels).to(memory_format=torch.channels_last)
        shape = (channels, None, None)
        sha256, summary = net.fingerprint(), message("measures.features.appearance")
        return cls(appearance.NAME, sha256, summary, shape, None, {}, None, net)

    def on_each_channel(self) -> Features:
        """These features of each of three channels, concatenated; classes 100 r + 10 g + b."""
        if self.n_classes is None or self.shape[0] != 1:
            raise ValueError("Only a classifier of grey pictures can look at channels one by one.")
        return Features(
            name=self.name,
            sha256=self.sha256,
            summary=message("measures.features.each-channel", summary=self.summary),
            shape=(3, *self.shape[1:]),
            n_classes=self.n_classes**3,
            about={},  # the file describes single pictures, not these
            known=None,
            _body=self._body,
            _head=self._head,
            _each_channel=True,
        )

    def of(self, images: Tensor) -> Tensor:
        """uint8 `(N, C, H, W)` to float32 `(N, d)`, without gradients.

        Raises:
            ValueError: pictures of another type or shape than these features take.
        """
        fits = images.ndim == 4 and all(
            want in (None, have) for want, have in zip(self.shape, images.shape[1:], strict=True)
        )
        if images.dtype != torch.uint8 or not fits:
            wanted = ", ".join("any" if size is None else str(size) for size in self.shape)
            raise ValueError(
                f"The features {self.name!r} need uint8 pictures (N, {wanted}), but got "
                f"{str(images.dtype).removeprefix('torch.')} {tuple(images.shape)}."
            )
        with torch.no_grad():
            parts = [self._vectors(part) for part in images.split(_AT_ONCE)]
        return torch.cat(parts)

    def classes(self, features: Tensor) -> Tensor:
        """The likeliest class of each picture, from what `of` gave: `(N, d)` to `(N,)` int64.

        Raises:
            ValueError: these features know no classes.
        """
        if self._head is None:
            raise ValueError(f"The features {self.name!r} know no classes.")
        if not self._each_channel:
            return self._head(features).argmax(1)
        digits = self._head(features.unflatten(1, (3, -1))).argmax(2)
        base = round(self.n_classes ** (1 / 3))
        return digits @ torch.tensor([base**2, base, 1])

    def class_shares(self, images: Tensor) -> Tensor:
        """uint8 `(N, 1, H, W)` to the probability of each class `(N, n_classes)`.

        Raises:
            ValueError: these features know no classes, or look at each channel by itself.
        """
        if self._head is None or self._each_channel:
            raise ValueError(f"The features {self.name!r} do not tell shares of classes.")
        with torch.no_grad():
            return self._head(self.of(images)).softmax(1)

    def _vectors(self, images: Tensor) -> Tensor:
        floats = from_bytes(images.cpu())
        if not self._each_channel:
            return self._body(floats)
        return self._body(floats.flatten(0, 1).unsqueeze(1)).unflatten(0, (-1, 3)).flatten(1)


def _of_shipped(name: str, accuracy: float) -> Message:
    """What the features of a classifier that ships with the package are."""
    title, about = message(f"datasets.{name}.title"), message(f"datasets.{name}.about")
    data = message("datasets.label", title=title, about=about)
    return message("measures.features.classifier", data=data, accuracy=100 * accuracy)


def save_classifier(path: Path, net: Classifier, known: Moments, about: Mapping[str, Any]) -> None:
    """Writes a classifier's file. `about` (JSON-plain) needs `name`, `summary` and `classes`."""
    tensors = {f"net.{name}": tensor for name, tensor in net.state_dict().items()}
    tensors |= {"mean": known.mean, "cov": known.cov}
    save_tensors(path, tensors, {"format": FORMAT, **about})


def fingerprint(images: Tensor) -> str:
    """sha256 of uint8 pictures with their shape: tells whether two sets are the same."""
    digest = hashlib.sha256(repr(tuple(images.shape)).encode())
    digest.update(images.contiguous().numpy())
    return digest.hexdigest()
