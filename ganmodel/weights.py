"""Weights files: a pair's tensors in one .safetensors file, with a description in its header.

The tensors are `G_ema.*` (averaged G, which visitors see), `G.*` and `D.*`. The header's entry
`ganmodel` is a JSON object with the networks' spec and their origin. Nothing is ever unpickled, so
an untrusted file is safe to open: it is either read or refused with a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ganmodel.errors import KnownError
from ganmodel.files import reason, write_bytes
from ganmodel.networks import Discriminator, Generator, NetworkSpec, SpecError
from ganmodel.words import Words, message

_PACKAGE = Path(__file__).resolve().parent
# Bundled weights: inside the package when installed, beside it in a checkout.
_INSTALLED, _CHECKOUT = _PACKAGE / "shipped_weights", _PACKAGE.parent / "weights"
SHIPPED = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT

FORMAT = 1  # incremented when existing readers could no longer read the file
HEADER = "ganmodel"
MOST_BYTES = 512 * 2**20  # the largest pair that a spec allows stays below this


class WeightsError(KnownError, ValueError):
    """A file is not a usable weights file; the message is one sentence for the user."""


@dataclass(frozen=True)
class Weights:
    """The content of one file. `about` holds `images_seen`, `dataset`, `config` and more."""

    path: Path
    spec: NetworkSpec
    about: Mapping[str, Any]
    tensors: Mapping[str, Tensor]

    @property
    def has_D(self) -> bool:  # noqa: N802
        return any(name.startswith("D.") for name in self.tensors)

    def generator(self, raw: bool = False) -> Generator:
        """Averaged G, or raw G if `raw`, in evaluation mode.

        Raises:
            WeightsError: no such G, or its tensors do not fit the spec.
        """
        if raw and not any(name.startswith("G.") for name in self.tensors):
            raise WeightsError("weights-without-raw-g", name=self.path.name)
        G = Generator(self.spec)
        self._fill(G, "G." if raw else "G_ema.")
        return G.eval().requires_grad_(False)

    def discriminator(self) -> Discriminator:
        """D, in evaluation mode.

        Raises:
            WeightsError: no D, or its tensors do not fit the spec.
        """
        D = Discriminator(self.spec)
        self._fill(D, "D.")
        return D.eval().requires_grad_(False)

    def _fill(self, network: Generator | Discriminator, prefix: str) -> None:
        own = {k[len(prefix) :]: t for k, t in self.tensors.items() if k.startswith(prefix)}
        try:
            network.load_state_dict(own)
        except RuntimeError:
            raise WeightsError(
                "weights-not-as-promised",
                name=self.path.name,
                prefix=prefix,
                network=f"{self.spec.network!r}",
            ) from None


def save_weights(
    path: Path, tensors: Mapping[str, Tensor], spec: NetworkSpec, about: Mapping[str, Any]
) -> None:
    """Writes a weights file atomically; `about` must be JSON-serialisable."""
    described = {"format": FORMAT, **about, "spec": spec.to_json()}
    save_tensors(path, tensors, described)


def load_weights(path: str | Path) -> Weights:
    """Reads and checks a weights file.

    Raises:
        WeightsError: missing, not safetensors (a pickle, a picture), truncated, without a
            description, or with tensors that do not fit the described networks.
    """
    path = Path(path)
    about, tensors = load_tensors(path, message("weights.weights-file"))
    if about.get("format") != FORMAT:
        raise WeightsError(
            "weights-format", name=path.name, format=f"{about.get('format')!r:.20}", format_2=FORMAT
        )
    try:
        spec = NetworkSpec.from_json(about.get("spec"))
    except SpecError as error:
        raise WeightsError(
            "weights-of-another-architecture", name=path.name, error=error.why
        ) from None
    weights = Weights(path, spec, about, tensors)
    weights.generator()  # refuses unfitting tensors here rather than at the first picture
    return weights


def save_tensors(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Writes a safetensors file with `about` as JSON in its header, atomically."""
    # From bytes: safetensors' own writing hides the OSError of a full disk, and gives the file
    # permissions that keep other users from reading it.
    write_bytes(path, packed(tensors, about))


def packed(tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> bytes:
    """The bytes of a safetensors file with `about` as JSON in its header."""
    header = {HEADER: json.dumps(about, allow_nan=False)}
    plain = {name: tensor.contiguous() for name, tensor in tensors.items()}
    return save(plain, metadata=header)


def read_about(path: Path) -> dict[str, Any]:
    """The description in a file's header, without loading tensors; {} if it cannot be read."""
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get(HEADER, "null"))
    except (OSError, SafetensorError, ValueError, RecursionError):
        return {}
    return about if isinstance(about, dict) else {}


def load_tensors(path: Path, wanted: Words) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The description and tensors that `save_tensors` wrote; errors name the `wanted` file.

    Raises:
        WeightsError: the file is missing, too large, or not what `save_tensors` writes.
    """
    expected = message("weights.expected", wanted=wanted)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise WeightsError("weights-too-large", name=path.name, expected=expected)
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get(HEADER, "null"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except WeightsError:  # also a ValueError, which is caught below
        raise
    except FileNotFoundError:
        raise WeightsError("weights-missing", path=str(path), expected=expected) from None
    except OSError as error:
        raise WeightsError(
            "weights-unreadable", path=str(path), reason=reason(error), expected=expected
        ) from None
    except (SafetensorError, ValueError, RecursionError):
        raise WeightsError("weights-damaged", name=path.name, expected=expected) from None
    if not isinstance(about, dict):
        raise WeightsError("weights-without-description", name=path.name, expected=expected)
    return about, tensors
