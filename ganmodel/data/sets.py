"""The table of named data sets, the folder of their files, and whether these are present.

What they are called is in `words`, by "datasets." and their name. `torchvision_sets` reads them,
`downloads` fetches them. Users' own images are not in the table.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from ganmodel.files import from_home
from ganmodel.words import Message, message

if TYPE_CHECKING:
    from torch import Tensor

DATA_VARIABLE = "GANMODEL_DATA"


@dataclass(frozen=True)
class DataSet:
    """A named data set; `files` are its sources, as torchvision's paths below the data folder.

    One without files is always available: it is bundled, or built from bundled data.
    """

    name: str
    counts: tuple[int, int]  # train, test
    classes: tuple[str, ...]
    size: int = 28  # pixels a side
    channels: int = 1
    reader: str = ""  # its class in torchvision.datasets
    files: tuple[str, ...] = ()
    download_bytes: int = 0  # approximate size of the archives, for progress reports
    # From outside: reads the training or test split, uint8 (N, C, S, S) and labels int64 (N,), from
    # the data folder.
    read: Callable[[Path, bool], tuple[Tensor, Tensor]] | None = None

    @property
    def title(self) -> Message:
        """What it is called: "MNIST"."""
        return message(f"datasets.{self.name}.title")

    @property
    def label(self) -> Message:
        """Its title and what it shows: "MNIST, handwritten digits"."""
        about = message(f"datasets.{self.name}.about")
        return message("datasets.label", title=self.title, about=about)


def _idx_files(folder: str) -> tuple[str, ...]:
    return tuple(
        f"{folder}/raw/{split}-{part}"
        for split in ("train", "t10k")
        for part in ("images-idx3-ubyte", "labels-idx1-ubyte")
    )


_DIGITS = tuple("0123456789")
_ALL = (
    DataSet("mnist", (60_000, 10_000), _DIGITS, reader="MNIST"),
    DataSet(
        "fashion-mnist",
        (60_000, 10_000),
        (
            "T-shirt", "trousers", "pullover", "dress", "coat",
            "sandal", "shirt", "sneaker", "bag", "ankle boot",
        ),
        reader="FashionMNIST",
        files=_idx_files("FashionMNIST"),
        download_bytes=30_900_000,
    ),
    DataSet(
        "kmnist",
        (60_000, 10_000),
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        reader="KMNIST",
        files=_idx_files("KMNIST"),
        download_bytes=21_200_000,
    ),
    DataSet(
        "cifar10",
        (50_000, 10_000),
        (
            "airplane", "automobile", "bird", "cat", "deer",
            "dog", "frog", "horse", "ship", "truck",
        ),
        size=32,
        channels=3,
        reader="CIFAR10",
        files=tuple(
            f"cifar-10-batches-py/{file}"
            for file in (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch", "batches.meta")
        ),
        download_bytes=170_500_000,
    ),
    DataSet(
        "stacked-mnist",
        (128_000, 26_000),
        tuple(f"{number:03}" for number in range(1000)),
        channels=3,
    ),
)  # fmt: skip
DATASETS: dict[str, DataSet] = {dataset.name: dataset for dataset in _ALL}


def cache_folder() -> Path:
    """The default data folder, in the user's cache."""
    return Path(platformdirs.user_cache_dir("ganmodel", appauthor=False))


def data_folder(data_dir: str | Path | None = None) -> Path:
    """The folder torchvision reads: `data_dir`, else GANMODEL_DATA, else the user's cache."""
    named = data_dir or os.environ.get(DATA_VARIABLE)
    return Path(named).expanduser() if named else cache_folder()


def is_here(dataset: DataSet, folder: Path) -> bool:
    return all((folder / file).is_file() for file in dataset.files)


def where_to_put(dataset: DataSet, folder: Path) -> Message:
    """Which files to put where, for someone who downloads them by other means."""
    names = [Path(file).name for file in dataset.files]
    place = Path(dataset.files[0]).parent
    return message(
        "data.where-to-put",
        count=len(names),
        names=names,
        there=from_home(folder / place),
        place=place.as_posix(),
    )
