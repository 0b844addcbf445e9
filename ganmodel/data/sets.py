"""The table of named data sets, the folder of their files, and whether these are present.

`torchvision_sets` reads them, `downloads` fetches them. Users' own images are not in the table.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from ganmodel.files import from_home

DATA_VARIABLE = "GANMODEL_DATA"


@dataclass(frozen=True)
class DataSet:
    """A named data set; `files` are its sources, as torchvision's paths below the data folder.

    One without files is always available: it is bundled, or built from bundled data.
    """

    label: str
    counts: tuple[int, int]  # train, test
    classes: tuple[str, ...]
    size: int = 28  # pixels a side
    channels: int = 1
    reader: str = ""  # its class in torchvision.datasets
    files: tuple[str, ...] = ()
    download_bytes: int = 0  # approximate size of the archives, for progress reports

    @property
    def title(self) -> str:
        """Its name without the explanation: "MNIST"."""
        return self.label.split(",")[0]


def _idx_files(folder: str) -> tuple[str, ...]:
    return tuple(
        f"{folder}/raw/{split}-{part}"
        for split in ("train", "t10k")
        for part in ("images-idx3-ubyte", "labels-idx1-ubyte")
    )


_DIGITS = tuple("0123456789")
DATASETS: dict[str, DataSet] = {
    "mnist": DataSet("MNIST, handwritten digits", (60_000, 10_000), _DIGITS, reader="MNIST"),
    "fashion-mnist": DataSet(
        "Fashion-MNIST, clothes",
        (60_000, 10_000),
        (
            "T-shirt", "trousers", "pullover", "dress", "coat",
            "sandal", "shirt", "sneaker", "bag", "ankle boot",
        ),
        reader="FashionMNIST",
        files=_idx_files("FashionMNIST"),
        download_bytes=30_900_000,
    ),
    "kmnist": DataSet(
        "KMNIST, cursive Japanese",
        (60_000, 10_000),
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        reader="KMNIST",
        files=_idx_files("KMNIST"),
        download_bytes=21_200_000,
    ),
    "cifar10": DataSet(
        "CIFAR-10, small colour photographs",
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
    "stacked-mnist": DataSet(
        "Stacked MNIST, three digits in three colours",
        (128_000, 26_000),
        tuple(f"{number:03}" for number in range(1000)),
        channels=3,
    ),
}  # fmt: skip


def cache_folder() -> Path:
    """The default data folder, in the user's cache."""
    return Path(platformdirs.user_cache_dir("ganmodel", appauthor=False))


def data_folder(data_dir: str | Path | None = None) -> Path:
    """The folder torchvision reads: `data_dir`, else GANMODEL_DATA, else the user's cache."""
    named = data_dir or os.environ.get(DATA_VARIABLE)
    return Path(named).expanduser() if named else cache_folder()


def is_here(dataset: DataSet, folder: Path) -> bool:
    return all((folder / file).is_file() for file in dataset.files)


def where_to_put(dataset: DataSet, folder: Path) -> str:
    """A sentence on which files to put where, for someone who downloads them by other means."""
    names = [Path(file).name for file in dataset.files]
    place = Path(dataset.files[0]).parent
    there = from_home(folder / place)
    return (
        f"Put its {len(names)} files ({', '.join(names)}; unpacked) into {there}, or name "
        f"the folder that holds {place.as_posix()} with --data-dir or {DATA_VARIABLE}."
    )
