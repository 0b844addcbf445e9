"""Which data sets there are, and each of them as one uint8 tensor.

Files are read by torchvision, once: the tensors are then kept beside them, because importing
torchvision and decoding takes a run seconds that mapping one file does not. This module
opens no network connection.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ganmodel.data.shipped import DataError, unpack_mnist
from ganmodel.files import write_bytes

DATA_VARIABLE = "GANMODEL_DATA"


@dataclass(frozen=True)
class DataSet:
    """A data set by name: `folder` and the four IDX files in it as torchvision lays them out."""

    label: str
    folder: str  # torchvision's folder name, and the name of its class in torchvision.datasets
    counts: tuple[int, int]  # train, test
    classes: tuple[str, ...]


_DIGITS = tuple("0123456789")
DATASETS: dict[str, DataSet] = {
    "mnist": DataSet("MNIST, handwritten digits", "MNIST", (60_000, 10_000), _DIGITS),
    "fashion-mnist": DataSet(
        "Fashion-MNIST, clothes",
        "FashionMNIST",
        (60_000, 10_000),
        (
            "T-shirt", "trousers", "pullover", "dress", "coat",
            "sandal", "shirt", "sneaker", "bag", "ankle boot",
        ),
    ),
    "kmnist": DataSet(
        "KMNIST, cursive Japanese",
        "KMNIST",
        (60_000, 10_000),
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Data:
    """One split of a data set, whole in memory."""

    name: str
    images: Tensor  # uint8 (N, C, H, W)
    labels: Tensor  # int64 (N,), indices into classes
    classes: tuple[str, ...]


def cache_folder() -> Path:
    """Where this user's unpacked data lives when no folder is named."""
    return Path(platformdirs.user_cache_dir("ganmodel", appauthor=False))


def data_folder(data_dir: str | Path | None = None) -> Path:
    """The folder torchvision reads: the one named, else GANMODEL_DATA, else the user's cache."""
    named = data_dir or os.environ.get(DATA_VARIABLE)
    return Path(named).expanduser() if named else cache_folder()


def missing_reason(name: str, data_dir: str | Path | None = None) -> str | None:
    """Why a data set cannot be used on this machine and what to do, or None where it can be."""
    if name not in DATASETS:
        return f"There is no data set named {name!r:.60}; choose one of {', '.join(DATASETS)}."
    if name == "mnist":  # always here: it ships with the package
        return None
    raw = data_folder(data_dir) / DATASETS[name].folder / "raw"
    absent = [file for file in _idx_files() if not (raw / file).is_file()]
    if not absent:
        return None
    return (
        f"{DATASETS[name].label} is not on this machine. Put its four files (train-images-idx3-"
        f"ubyte and so on, unpacked) into {raw}, or name the folder that holds "
        f"{DATASETS[name].folder}/raw with --data-dir or {DATA_VARIABLE}."
    )


def load_data(name: str, data_dir: str | Path | None = None, *, train: bool = True) -> Data:
    """A data set's training (or test) split.

    Raises:
        DataError: unknown, not on this machine, damaged, or no folder to unpack it into.
    """
    reason = missing_reason(name, data_dir)
    if reason:
        raise DataError(reason)
    dataset, folder = DATASETS[name], data_folder(data_dir)
    split = "train" if train else "test"
    kept = folder / dataset.folder / f"{split}.safetensors"
    count = dataset.counts[0 if train else 1]
    tensors = _read_kept(kept, folder / dataset.folder / "raw", split, count)
    if tensors is None:
        tensors = _read_with_torchvision(name, folder, train)
        if len(tensors["images"]) != count:
            raise DataError(
                f"{dataset.label} in {folder} has {len(tensors['images']):,} {split} images "
                f"where {count:,} were expected: its files are damaged; put whole ones there."
            )
        # A folder that may only be read costs the next start some decoding, nothing else.
        with contextlib.suppress(OSError):
            write_bytes(kept, save(tensors))
    return Data(name, tensors["images"], tensors["labels"].long(), dataset.classes)


def _read_with_torchvision(name: str, folder: Path, train: bool) -> dict[str, Tensor]:
    if name == "mnist":
        unpack_mnist(folder)
    import torchvision.datasets  # late: takes over a second, and only the first use needs it

    dataset = DATASETS[name]
    try:
        read = getattr(torchvision.datasets, dataset.folder)(str(folder), train=train)
    except (RuntimeError, ValueError, AssertionError, OSError) as error:
        raise DataError(
            f"{dataset.label} in {folder / dataset.folder} cannot be read: {error}"
        ) from error
    return {"images": read.data.unsqueeze(1).contiguous(), "labels": read.targets.to(torch.uint8)}


def _read_kept(kept: Path, raw: Path, split: str, count: int) -> dict[str, Tensor] | None:
    """The tensors kept by an earlier start, unless missing, unsound, or older than their source."""
    sources = [raw / name for name in _idx_files() if name.startswith(split[0])]
    try:
        made = kept.stat().st_mtime
        if any(source.stat().st_mtime > made for source in sources):
            return None
        with safe_open(kept, framework="pt") as file:
            tensors = {key: file.get_tensor(key) for key in ("images", "labels")}
    except (OSError, SafetensorError):
        return None
    sound = tensors["images"].shape == (count, 1, 28, 28) and tensors["labels"].shape == (count,)
    return tensors if sound else None


def _idx_files() -> tuple[str, ...]:
    return tuple(
        f"{split}-{part}" for split in ("train", "t10k")
        for part in ("images-idx3-ubyte", "labels-idx1-ubyte")
    )  # fmt: skip
