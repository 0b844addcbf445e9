"""Unpacks and checks the four files of the bundled MNIST.

`torchvision_sets` reads them as images. Origin and licence: assets/mnist/LICENSE.md.
"""

from __future__ import annotations

import hashlib
import lzma
from importlib.resources import files
from pathlib import Path

from ganmodel.data.tensors import DataError
from ganmodel.files import reason, write_bytes

# sha256 of each unpacked file, as torchvision reads it.
MNIST_FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def unpack_mnist(folder: Path) -> None:
    """Ensures that `folder`/MNIST/raw holds the complete MNIST, unpacking missing files.

    Every file, existing ones included, is checked against its sha256; a damaged one is replaced.
    Files are replaced atomically, so that two processes may do this at once.

    Raises:
        DataError: the folder cannot be written.
    """
    raw = folder / "MNIST" / "raw"
    for name, sha256 in MNIST_FILES.items():
        if _sha256(raw / name) == sha256:
            continue
        packed = files("ganmodel").joinpath("assets", "mnist", f"{name}.xz").read_bytes()
        content = lzma.decompress(packed)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise DataError("shipped-data-damaged", name=name)
        try:
            raw.mkdir(parents=True, exist_ok=True)
            write_bytes(raw / name, content)
        except OSError as error:
            raise DataError("mnist-not-unpacked", raw=str(raw), reason=reason(error)) from error


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
