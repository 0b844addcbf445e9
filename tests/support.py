"""Small configs, small data and plain helpers that the tests of the engine share.

Nothing here stands in for code of ours: the tests use the real classes at tiny sizes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from ganmodel.config import RunConfig
from ganmodel.snapshots import Snapshot
from ganmodel.training import train

TINY = {
    "images": 128,
    "width": 4,
    "z_dim": 4,
    "batch_size": 8,
    "log_every": 16,
    "save_every": 32,
    "sample_count": 4,
    "ema_half_life": 64,
}
# What a metrics row says of the clock; everything else in it must repeat exactly.
CLOCK = ("images_per_second", "seconds")


def tiny_config(**chosen: Any) -> RunConfig:
    return RunConfig(**{**TINY, **chosen})


def tiny_images(count: int = 64, channels: int = 1, seed: int = 0) -> Tensor:
    """Random uint8 `(count, channels, 28, 28)`."""
    generator = torch.Generator().manual_seed(seed)
    shape = (count, channels, 28, 28)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def numbered_images(count: int) -> Tensor:
    """Images that can be told apart: number k is grey value 3·k everywhere; at most 85."""
    assert count <= 85
    values = (3 * torch.arange(count)).to(torch.uint8)
    return values.view(count, 1, 1, 1).expand(count, 1, 28, 28).contiguous()


def run_through(config: RunConfig, images: Tensor | None = None, **options: Any) -> list[Snapshot]:
    """Every snapshot of a training on tiny images."""
    return list(train(config, tiny_images() if images is None else images, **options))


def rows_of(snapshots: Iterable[Snapshot]) -> list[tuple[int, dict[str, float]]]:
    return [(s.images_seen, s.row) for s in snapshots if s.row is not None]


def states_of(snapshots: Iterable[Snapshot]) -> list[Any]:
    return [s.state for s in snapshots if s.state is not None]


def bits(tensor: Tensor) -> tuple[Any, ...]:
    """All there is to a tensor: type, shape and bytes, so that NaN equals NaN and 0 is not -0."""
    plain = tensor.detach().contiguous()
    return plain.dtype, tuple(plain.shape), plain.numpy().tobytes()


def differing(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> list[str]:
    """The names of tensors that are not the same bit for bit, or that only one side has."""
    both = set(a) & set(b)
    return sorted((set(a) ^ set(b)) | {name for name in both if bits(a[name]) != bits(b[name])})


def under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = prefix + "."
    return {name[len(start) :]: t for name, t in tensors.items() if name.startswith(start)}


def wait_until(
    condition: Callable[[], Any], seconds: float = 60.0, what: str = "the awaited event"
) -> Any:
    """Asks until the answer is true and returns it; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        time.sleep(0.01)
    return answer


def read_tensors(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The header and the tensors of a safetensors file, read without any code of ours."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return json.loads(file.metadata()["ganmodel"]), tensors


def metric_rows(folder: Path) -> list[dict[str, Any]]:
    """metrics.jsonl without what the clock said."""
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [{k: v for k, v in json.loads(line).items() if k not in CLOCK} for line in lines]


def assert_same_run(straight: Path, other: Path) -> None:
    """Both folders hold the same curves, checkpoints, weights and pictures, bit for bit."""
    assert metric_rows(straight) == metric_rows(other)
    names = sorted(p.name for p in (straight / "checkpoints").iterdir())
    assert names == sorted(p.name for p in (other / "checkpoints").iterdir())
    for kind in ("checkpoints", "weights"):
        for path in sorted((straight / kind).glob("*.safetensors")):
            about, tensors = read_tensors(path)
            other_about, other_tensors = read_tensors(other / kind / path.name)
            assert differing(tensors, other_tensors) == [], f"{kind}/{path.name}"
            assert about == other_about, f"{kind}/{path.name}"
    for path in sorted((straight / "samples").glob("*.png")):
        assert path.read_bytes() == (other / "samples" / path.name).read_bytes(), path.name
