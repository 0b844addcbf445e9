"""Reads a named data set's files as tensors with torchvision, and caches these beside the files.

Importing torchvision and decoding take seconds, which memory-mapping one cached file saves. Nothing
is downloaded here.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ganmodel.data.sets import DATASETS, DataSet
from ganmodel.data.shipped import MNIST_FILES, unpack_mnist
from ganmodel.data.tensors import DataError
from ganmodel.files import reason, write_bytes


def read_set(name: str, folder: Path, train: bool) -> tuple[Tensor, Tensor]:
    """Images, uint8 (N, C, S, S), and labels, int64 (N,), of a data set whose files are present.

    Raises:
        DataError: damaged, or no folder to unpack MNIST into.
    """
    dataset = DATASETS[name]
    files = dataset.files or tuple(f"MNIST/raw/{file}" for file in MNIST_FILES)
    kept = folder / Path(files[0]).parts[0] / f"{'train' if train else 'test'}.safetensors"
    tensors = _read_kept(kept, [folder / file for file in files], dataset, train)
    if tensors is None:
        if name == "mnist":
            unpack_mnist(folder)
        tensors = _read_with_torchvision(dataset, folder, train)
        # In a read-only folder there is no cache, and the next start decodes again.
        with contextlib.suppress(OSError):
            write_bytes(kept, save(tensors))
    return tensors["images"], tensors["labels"].long()


def _read_with_torchvision(dataset: DataSet, folder: Path, train: bool) -> dict[str, Tensor]:
    import torchvision.datasets  # late: takes over a second, and a cached data set needs none

    try:
        # CIFAR-10's files are pickles, which could run any code: torchvision compares each file's
        # md5 with its own list before it opens one, and a test checks that it does.
        read = getattr(torchvision.datasets, dataset.reader)(str(folder), train=train)
    except (RuntimeError, ValueError, AssertionError, LookupError, EOFError, OSError) as error:
        place = _place(dataset, folder)
        if isinstance(error, OSError):
            raise DataError(
                "data-set-unreadable", title=dataset.title, place=place, reason=reason(error)
            ) from error
        raise DataError("data-set-damaged", title=dataset.title, place=place) from error
    images = torch.as_tensor(read.data)
    images = images.unsqueeze(1) if dataset.channels == 1 else images.permute(0, 3, 1, 2)
    labels = torch.as_tensor(read.targets).to(torch.uint8)
    tensors = {"images": images.contiguous(), "labels": labels}
    if not _sound(tensors, dataset, train):
        raise DataError(
            "data-set-incomplete",
            title=dataset.title,
            place=_place(dataset, folder),
            images=dataset.counts[0 if train else 1],
        )
    return tensors


def _place(dataset: DataSet, folder: Path) -> str:
    return str(folder / (Path(dataset.files[0]).parent if dataset.files else "MNIST"))


def _read_kept(
    kept: Path, sources: list[Path], dataset: DataSet, train: bool
) -> dict[str, Tensor] | None:
    """The cached tensors; None if they are missing, invalid, or older than a source file."""
    try:
        made = os.stat(kept).st_mtime
        if any(source.stat().st_mtime > made for source in sources):
            return None
        with safe_open(kept, framework="pt") as file:
            tensors = {key: file.get_tensor(key) for key in ("images", "labels")}
    except (OSError, SafetensorError):
        return None
    return tensors if _sound(tensors, dataset, train) else None


def _sound(tensors: dict[str, Tensor], dataset: DataSet, train: bool) -> bool:
    count = dataset.counts[0 if train else 1]
    images, labels = tensors["images"], tensors["labels"]
    return (
        images.shape == (count, dataset.channels, dataset.size, dataset.size)
        and images.dtype == labels.dtype == torch.uint8
        and labels.shape == (count,)
        and int(labels.max()) < len(dataset.classes)
    )
