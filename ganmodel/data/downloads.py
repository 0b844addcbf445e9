"""Fetching a named data set that is not on this machine, as torchvision would, but told of.

torchvision knows the addresses and the md5 sums, and unpacks; its own download, though, waits for
ever on a silent server, reports to nobody but a terminal, and leaves half a file where a whole one
belongs. So the archives are fetched here, and the files appear in their place only when complete.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ganmodel.data.sets import DataSet, where_to_put
from ganmodel.data.tensors import DataError, Tell
from ganmodel.files import reason

# A server that says nothing for this long is given up; a slow one that keeps sending is not.
SILENCE_SECONDS = 30
_CHUNK_BYTES = 2**18  # about ten reports a second on a fast line


class _FetchError(Exception):
    """One address did not give the file; the message fits into a sentence's brackets."""


def download(dataset: DataSet, folder: Path, tell: Tell) -> None:
    """Fetches the data set's files into `folder`, whole or not at all.

    Raises:
        DataError: no connection, wrong content, or the folder cannot be written.
    """
    import torchvision.datasets  # late, as in torchvision_sets

    reader = getattr(torchvision.datasets, dataset.reader)
    doing, got = f"downloading {dataset.title} ({dataset.download_bytes / 1e6:.0f} MB)", 0

    def report(count: int) -> None:
        nonlocal got
        got += count
        tell(doing, min(1.0, got / dataset.download_bytes))

    report(0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{dataset.reader}.", suffix=".tmp", dir=folder, ignore_cleanup_errors=True
        ) as temporary:
            for urls, path, md5 in _archives(reader):
                _fetch_from_any(urls, Path(temporary) / path, md5, report)
            tell(f"unpacking {dataset.title}", None)
            # It finds the archives in place, compares their md5 sums once more, and unpacks.
            reader(temporary, download=True)
            for file in dataset.files:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                os.replace(Path(temporary) / file, folder / file)
    except _FetchError as error:
        raise DataError(
            f"{dataset.title} is not on this machine and could not be downloaded ({error}). "
            f"{where_to_put(dataset, folder)}"
        ) from error
    except OSError as error:
        raise DataError(
            f"{dataset.title} cannot be downloaded into {folder}: {reason(error)}. Name a folder "
            "with room that you may write, with --data-dir or GANMODEL_DATA."
        ) from error


def _archives(reader: Any) -> list[tuple[list[str], str, str]]:
    """For each archive: where it can be had, its path in the data folder, its md5 sum."""
    if hasattr(reader, "mirrors"):  # MNIST and its relatives
        return [
            ([mirror + file for mirror in reader.mirrors], f"{reader.__name__}/raw/{file}", md5)
            for file, md5 in reader.resources
        ]
    return [([reader.url], reader.filename, reader.tgz_md5)]


def _fetch_from_any(urls: list[str], target: Path, md5: str, report: Callable[[int], None]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    failures: list[_FetchError] = []
    for url in urls:
        try:
            return _fetch(url, target, md5, report)
        except _FetchError as error:
            failures.append(error)
    raise failures[-1]


def _fetch(url: str, target: Path, md5: str, report: Callable[[int], None]) -> None:
    host = urlsplit(url).hostname
    digest = hashlib.md5(usedforsecurity=False)  # the only sum that torchvision publishes
    request = urllib.request.Request(url, headers={"User-Agent": "ganmodel"})
    connection = _connected(host, lambda: urllib.request.urlopen(request, timeout=SILENCE_SECONDS))
    with connection, target.open("wb") as file:
        while chunk := _connected(host, lambda: connection.read(_CHUNK_BYTES)):
            file.write(chunk)
            digest.update(chunk)
            report(len(chunk))
    if digest.hexdigest() != md5:
        raise _FetchError(f"what {host} sent is not the file that was published")


def _connected(host: str | None, ask: Callable[[], Any]) -> Any:
    """Tells the network's failures from the disk's, which are OSErrors too."""
    try:
        return ask()
    except urllib.error.HTTPError as error:
        raise _FetchError(f"{host} answered {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _FetchError(f"no connection to {host}") from error
