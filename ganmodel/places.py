"""A place in the latent space, as a line of text for addresses, PNGs and commands.

    stops=53,46&path=slerp&at=0.25&psi=0.8&class=3

Parses and writes that text, and computes a generator's inputs from it. Neither generators nor
pictures are handled here.
"""

from __future__ import annotations

import base64
import binascii
import functools
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import torch
from torch import Tensor

from ganmodel.errors import KnownError
from ganmodel.latents import PATHS, along, noise
from ganmodel.words import Words, message

MOST_STOPS = 12
MOST_SEED = 2**31 - 1
MOST_Z_DIM = 1024
MOST_COORDINATE = 30.0  # standard deviations; noise stays within 5, a sum of two offsets within 15
MOST_PSI = 2.0
MOST_CLASSES = 1000
MOST_TEXT = 80_000  # characters; a place of vectors only is shorter
VECTOR = "~"  # prefix of a stop that is a vector rather than a seed

Stop = int | tuple[float, ...]  # a seed, or a vector of float32 values


class PlaceError(KnownError, ValueError):
    """A text does not describe a place; the message is one sentence for the user."""


@functools.lru_cache(maxsize=4096)
def _noise_of(seed: int, z_dim: int) -> Tensor:
    """The noise of a seed, `(z_dim,)`; cached, since a slider requests it 100 times a second."""
    return noise([seed], z_dim)[0]


@dataclass(frozen=True)
class Place:
    """A point in the latent space: at a fraction of a path through stops, plus an offset.

    The noise vector is `psi * (along(stops, at) + rest)`. A conditional generator draws class
    `label`, or a blend of `label` and `other` with weights `1 - blend` and `blend`.

    Raises:
        PlaceError: a value out of its range.
    """

    stops: tuple[Stop, ...] = (0, 1)
    path: str = "slerp"
    at: float = 0.0  # 0 is the first stop, 1 the end of the path
    rest: tuple[float, ...] = ()  # offset from the path; () is none
    psi: float = 1.0  # truncation: 0 draws the average picture, 1 is as trained
    label: int | None = None
    other: int | None = None
    blend: float = 0.0

    def __post_init__(self) -> None:
        if not 2 <= len(self.stops) <= MOST_STOPS:
            raise PlaceError("stops-count", most_stops=MOST_STOPS, count=len(self.stops))
        for stop in self.stops:
            if isinstance(stop, int):
                _check(message("places.start-number"), stop, 0, MOST_SEED)
            else:
                _check_vector(message("places.stop"), stop)
        if self.path not in PATHS:
            *names, last = PATHS
            known = message("joins.or", names=names, last=last)
            raise PlaceError("place-path", names=known, path=f"{self.path!r:.40}")
        _check_vector("rest", self.rest)
        for name, low, high in (("at", 0, 1), ("psi", 0, MOST_PSI), ("blend", 0, 1)):
            _check(name, getattr(self, name), low, high)
        for label in (self.label, self.other):
            if label is not None:
                _check("class", label, 0, MOST_CLASSES - 1)
        if self.other is not None and self.label is None:
            raise PlaceError("blend-of-one")

    @classmethod
    def parse(cls, text: str, classes: Sequence[str] = ()) -> Place:
        """The inverse of `str(place)`; missing parts have their defaults, unknown ones are refused.

        `classes` are the names of a generator's classes, which a text may use in place of numbers.

        Raises:
            PlaceError: the text is not a place; says what is wrong.
        """
        if not isinstance(text, str) or len(text) > MOST_TEXT:
            raise PlaceError("place-too-long", most_text=MOST_TEXT)
        try:
            found = dict(parse_qsl(text, strict_parsing=True, max_num_fields=8)) if text else {}
        except ValueError:
            raise PlaceError("place-form", text=f"{text!r:.60}") from None
        known = {}
        for name, value in found.items():
            if name != "class" and name not in _READ:
                raise PlaceError("place-part", name=f"{name!r:.40}", parts=[*_READ, "class"])
            known |= _read_classes(value, classes) if name == "class" else _READ[name](value)
        return cls(**known)

    def __str__(self) -> str:
        """The place as text, lossless: `Place.parse(str(place)) == place`."""
        parts = {"stops": ",".join(_written(stop) for stop in self.stops)}
        if self.path != "slerp":
            parts["path"] = self.path
        if self.at:
            parts["at"] = repr(self.at)
        if self.rest:
            parts["rest"] = _packed(self.rest)
        if self.psi != 1:
            parts["psi"] = repr(self.psi)
        if self.label is not None:
            classes = [str(self.label)]
            if self.other is not None:
                classes += [str(self.other), repr(self.blend)]
            parts["class"] = ",".join(classes)
        return urlencode(parts, safe=",~")

    def ends(self, z_dim: int) -> Tensor:
        """The stops as noise vectors `(len(stops), z_dim)`.

        Raises:
            PlaceError: a stop is a vector of another length.
        """
        rows = []
        for stop in self.stops:
            if isinstance(stop, int):
                rows.append(_noise_of(stop, z_dim))
            else:
                rows.append(torch.tensor(self._fitting(stop, z_dim)))
        return torch.stack(rows)

    def base(self, z_dim: int, at: Tensor | None = None) -> Tensor:
        """The point on the path, or those at fractions `at (N,)` of it: `(N, z_dim)`."""
        at = torch.tensor([self.at]) if at is None else at
        return along(self.ends(z_dim), at, self.path)

    def z(self, z_dim: int, at: Tensor | None = None) -> Tensor:
        """The generator's noise, `(1, z_dim)`; with fractions `at (N,)`, `(N, z_dim)`."""
        return self.from_base(self.base(z_dim, at))

    def from_base(self, base: Tensor) -> Tensor:
        """`z` computed from a known `base`; both `(N, z_dim)`."""
        if self.rest:
            base = base + torch.tensor(self._fitting(self.rest, base.shape[1]))
        return self.psi * base

    def class_weights(self, classes: int) -> Tensor | None:
        """The weight of each class, `(1, classes)`; None for an unconditional generator.

        Raises:
            PlaceError: the generator has no such class.
        """
        if not classes:
            return None
        first = self.label
        if first is None:  # by seed, as `Sampler.sample` does
            first = self.stops[0] % classes if isinstance(self.stops[0], int) else 0
        weights = torch.zeros(1, classes)
        for label, share in ((first, 1 - self.blend), (self.other, self.blend)):
            label = first if label is None else label
            if label >= classes:
                raise PlaceError("place-class-unknown", classes=classes - 1, label=label)
            weights[0, label] += share
        return weights

    def _fitting(self, vector: tuple[float, ...], z_dim: int) -> tuple[float, ...]:
        if len(vector) != z_dim:
            raise PlaceError("place-of-another-generator", count=len(vector), z_dim=z_dim)
        return vector


def _check(name: Words, value: float, low: float, high: float) -> None:
    if isinstance(value, bool) or not math.isfinite(value) or not low <= value <= high:
        raise PlaceError("place-number-range", name=name, low=low, high=high, value=value)


def _check_vector(name: Words, vector: tuple[float, ...]) -> None:
    if len(vector) > MOST_Z_DIM or not all(abs(value) <= MOST_COORDINATE for value in vector):
        raise PlaceError(
            "place-vector", name=name, most_z_dim=MOST_Z_DIM, most_coordinate=MOST_COORDINATE
        )


def _packed(vector: tuple[float, ...]) -> str:
    """Little-endian float32 values as URL-safe base64."""
    return base64.urlsafe_b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode().rstrip("=")


def _unpacked(text: str) -> tuple[float, ...]:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return struct.unpack(f"<{len(raw) // 4}f", raw)
    except (binascii.Error, ValueError, struct.error):
        raise PlaceError("no-vector", text=f"{text!r:.40}") from None


def _written(stop: Stop) -> str:
    return str(stop) if isinstance(stop, int) else VECTOR + _packed(stop)


def _read_stop(text: str) -> Stop:
    if text.startswith(VECTOR):
        return _unpacked(text[len(VECTOR) :])
    return _whole(message("places.start-number"), text)


def _whole(name: Words, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise PlaceError("place-whole-number", name=name, text=f"{text!r:.40}")
    return int(text)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise PlaceError("place-number", name=name, text=f"{text!r:.40}") from None


def class_number(text: str, classes: Sequence[str]) -> int:
    """The index of a class given by its index or its name.

    A whole number is always an index, never a name, so that the indices in addresses and saved
    pictures keep their meaning.

    Raises:
        PlaceError: neither an index nor a name of a class.
    """
    if text.isascii() and text.isdecimal():
        number = _whole("class", text)
        if classes and number >= len(classes):
            facts: dict[str, Any] = {"count": len(classes) - 1, "text": f"{text!r:.40}"}
            if text not in classes:
                raise PlaceError("no-class-of-number", **facts)
            called = classes.index(text)
            raise PlaceError("no-class-of-number-but-name", name=text, number=called, **facts)
        return number
    if text in classes:
        return classes.index(text)
    if not classes:
        raise PlaceError("class-whole-number", text=f"{text!r:.40}")
    names: Words = [*classes[:12]]
    if len(classes) > 12:
        names = message("places.names-and-more", names=names)
    raise PlaceError("class-one-of-or-number", names=names, text=f"{text!r:.40}")


def _read_classes(text: str, classes: Sequence[str]) -> dict[str, int | float]:
    if text in classes:  # first, since a name may contain a comma
        return {"label": class_number(text, classes)}
    label, *more = text.split(",")
    found: dict[str, int | float] = {"label": class_number(label, classes)}
    if more:
        if len(more) != 2:
            raise PlaceError("class-or-blend", text=f"{text!r:.40}")
        found |= {"other": class_number(more[0], classes), "blend": _number("blend", more[1])}
    return found


_READ = {
    "stops": lambda text: {"stops": tuple(_read_stop(part) for part in text.split(","))},
    "path": lambda text: {"path": text},
    "at": lambda text: {"at": _number("at", text)},
    "rest": lambda text: {"rest": _unpacked(text)},
    "psi": lambda text: {"psi": _number("psi", text)},
}
