"""One generator in one .safetensors file, with its description in the header.

The tensors are `G_ema.*` (averaged G, what a visitor sees), `G.*` and `D.*`; the header's entry
`ganmodel` is a JSON object that says how to build the networks and where they come from.
Nothing is ever unpickled, so a file from a stranger is safe to open: it is
either understood or refused with a sentence.
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

from ganmodel.files import reason, write_bytes
from ganmodel.networks import Discriminator, Generator, NetworkSpec

_PACKAGE = Path(__file__).resolve().parent
# What comes with ganmodel: inside an installed copy, beside the code in a checkout.
_INSTALLED, _CHECKOUT = _PACKAGE / "shipped_weights", _PACKAGE.parent / "weights"
SHIPPED = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT

FORMAT = 1  # raised when a reader of today could no longer understand the file
HEADER = "ganmodel"
MOST_BYTES = 512 * 2**20  # the largest pair that a spec allows stays below this


class WeightsError(ValueError):
    """A file is not weights of ours; the message is one sentence for the person who named it."""


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
        """Averaged G, or with `raw` the G that was trained, ready to draw."""
        if raw and not any(name.startswith("G.") for name in self.tensors):
            raise WeightsError(f"{self.path.name} holds averaged G alone, and no raw one.")
        G = Generator(self.spec)
        self._fill(G, "G." if raw else "G_ema.")
        return G.eval().requires_grad_(False)

    def discriminator(self) -> Discriminator:
        """D as it was at this moment of training."""
        D = Discriminator(self.spec)
        self._fill(D, "D.")
        return D.eval().requires_grad_(False)

    def _fill(self, network: Generator | Discriminator, prefix: str) -> None:
        own = {k[len(prefix) :]: t for k, t in self.tensors.items() if k.startswith(prefix)}
        try:
            network.load_state_dict(own)
        except RuntimeError:
            raise WeightsError(
                f"{self.path.name} does not hold what its header promises: the tensors under "
                f"{prefix}* do not fit the network {self.spec.network!r}."
            ) from None


def save_weights(
    path: Path, tensors: Mapping[str, Tensor], spec: NetworkSpec, about: Mapping[str, Any]
) -> None:
    """Writes a weights file whole; `about` must be JSON-plain."""
    described = {"format": FORMAT, **about, "spec": spec.to_json()}
    save_tensors(path, tensors, described)


def load_weights(path: str | Path) -> Weights:
    """Reads and checks a weights file.

    Raises:
        WeightsError: missing, not safetensors (a pickle, a picture), truncated, without our
            description, or with networks of another shape than described.
    """
    path = Path(path)
    about, tensors = load_tensors(path, "a ganmodel weights file")
    if about.get("format") != FORMAT:
        raise WeightsError(
            f"{path.name} has format {about.get('format')!r:.20}, but this version of ganmodel "
            f"reads format {FORMAT}: update ganmodel, or make the file again."
        )
    try:
        spec = NetworkSpec.from_json(about.get("spec"))
    except (TypeError, ValueError) as error:
        raise WeightsError(f"{path.name} describes another architecture: {error}.") from None
    weights = Weights(path, spec, about, tensors)
    weights.generator()  # refuses tensors that do not fit now rather than at the first picture
    return weights


def save_tensors(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """A safetensors file with `about` as JSON in its header, written whole."""
    # Through bytes: safetensors' own writing hides the OSError of a full disk, and gives the file
    # rights that let nobody else read it.
    write_bytes(path, packed(tensors, about))


def packed(tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> bytes:
    """The bytes of a safetensors file with `about` as JSON in its header."""
    header = {HEADER: json.dumps(about, allow_nan=False)}
    plain = {name: tensor.contiguous() for name, tensor in tensors.items()}
    return save(plain, metadata=header)


def read_about(path: Path) -> dict[str, Any]:
    """What a file says of itself, without its tensors; {} where it cannot be read."""
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get(HEADER, "null"))
    except (OSError, SafetensorError, ValueError, RecursionError):
        return {}
    return about if isinstance(about, dict) else {}


def load_tensors(path: Path, wanted: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """What `save_tensors` wrote. `wanted` says in an error what the file should have been.

    Raises:
        WeightsError: the file is missing, too large, or not what `save_tensors` writes.
    """
    expected = f"expected {wanted} (.safetensors, as `ganmodel train` writes them)"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise WeightsError(f"{path.name} is larger than any file of ganmodel; {expected}.")
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get(HEADER, "null"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except WeightsError:  # a ValueError too, which is caught below
        raise
    except FileNotFoundError:
        raise WeightsError(f"There is no file {path}; {expected}.") from None
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {reason(error)}; {expected}.") from None
    except (SafetensorError, ValueError, RecursionError):
        raise WeightsError(
            f"{path.name} is damaged or not a safetensors file at all; {expected}."
        ) from None
    if not isinstance(about, dict):
        raise WeightsError(f"{path.name} carries no description of ganmodel's; {expected}.")
    return about, tensors
