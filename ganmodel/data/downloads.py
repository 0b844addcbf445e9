"""Downloads a missing named data set from torchvision's addresses, with progress reports.

torchvision supplies the URLs and md5 sums, and unpacks. Its own download has no timeout, reports to
the terminal only, and leaves partial files at the final path. So the archives are fetched here, and
files are moved to their final path only when complete. A download that runs out of time keeps its
partial files, and the next attempt resumes from them.
"""

from __future__ import annotations

import contextlib
import hashlib
import http
import http.client
import os
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ganmodel.data.budget import Budget, BudgetError
from ganmodel.data.sets import DataSet, where_to_put
from ganmodel.data.tensors import DataError, Tell
from ganmodel.files import reason
from ganmodel.words import Message, message

# Timeout for a server that sends nothing; a slow one that keeps sending may take longer.
SILENCE_SECONDS = 30
_CHUNK_BYTES = 2**18  # about ten reports a second on a fast line


class _FetchError(Exception):
    """A download from one address failed; `why` fits into a sentence's brackets."""

    def __init__(self, why: Message) -> None:
        super().__init__(why)
        self.why = why


def download(dataset: DataSet, folder: Path, tell: Tell, budget: Budget) -> None:
    """Downloads the data set's files into `folder`; incomplete files never appear under their name.

    Raises:
        DataError: no connection, wrong content, the folder cannot be written, or it takes longer
            than `budget` has left.
    """
    import torchvision.datasets  # imported late, as in torchvision_sets

    reader = getattr(torchvision.datasets, dataset.reader)
    size = dataset.download_bytes / 1e6
    doing, got = message("data.downloading", title=dataset.title, size=size), 0

    def report(count: int) -> None:
        nonlocal got
        got += count
        tell(doing, min(1.0, got / dataset.download_bytes))
        budget.check()

    report(0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{dataset.reader}.", suffix=".tmp", dir=folder, ignore_cleanup_errors=True
        ) as temporary:
            # A rename, so that only one of two concurrent downloads resumes the partial files.
            coming, begun = Path(temporary) / "data", folder / f".{dataset.reader}.begun"
            with contextlib.suppress(OSError):
                os.rename(begun, coming)
            try:
                for urls, path, md5 in _archives(reader):
                    _fetch_from_any(urls, coming / path, md5, report, budget)
            except BudgetError:
                shutil.rmtree(begun, ignore_errors=True)
                with contextlib.suppress(OSError):
                    os.rename(coming, begun)
                raise
            tell(message("data.unpacking", title=dataset.title), None)
            # torchvision finds the archives, checks their md5 sums again and unpacks them.
            reader(coming, download=True)
            for file in dataset.files:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                os.replace(coming / file, folder / file)
    except BudgetError as error:
        raise BudgetError("download-takes-too-long", title=dataset.title) from error
    except _FetchError as error:
        raise DataError(
            "not-downloaded",
            title=dataset.title,
            why=error.why,
            where=where_to_put(dataset, folder),
        ) from error
    except OSError as error:
        raise DataError(
            "no-room-to-download", title=dataset.title, folder=str(folder), reason=reason(error)
        ) from error


def _archives(reader: Any) -> list[tuple[list[str], str, str]]:
    """For each archive: its URLs, its path in the data folder, its md5 sum."""
    if hasattr(reader, "mirrors"):  # MNIST and its relatives
        return [
            ([mirror + file for mirror in reader.mirrors], f"{reader.__name__}/raw/{file}", md5)
            for file, md5 in reader.resources
        ]
    return [([reader.url], reader.filename, reader.tgz_md5)]


def _fetch_from_any(
    urls: list[str], target: Path, md5: str, report: Callable[[int], None], budget: Budget
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    failures: list[_FetchError] = []
    for url in urls:
        try:
            return _fetch(url, target, md5, report, budget)
        except _FetchError as error:
            failures.append(error)
    raise failures[-1]


def _fetch(url: str, target: Path, md5: str, report: Callable[[int], None], budget: Budget) -> None:
    """Downloads a file, or the rest of one that an earlier attempt left incomplete."""
    host = urlsplit(url).hostname
    content = target.read_bytes() if target.exists() else b""
    digest = hashlib.md5(content, usedforsecurity=False)  # the only sum that torchvision publishes
    if content and digest.hexdigest() == md5:
        report(len(content))
        return
    headers = {"User-Agent": "ganmodel"}
    if content:
        headers["Range"] = f"bytes={len(content)}-"
    request = urllib.request.Request(url, headers=headers)
    # At most half of the remaining time, so that a silent mirror leaves time for the next one.
    patience = min(SILENCE_SECONDS, max(1.0, budget.seconds_left() / 2))
    connection = _connected(host, lambda: urllib.request.urlopen(request, timeout=patience))
    with connection, target.open("ab") as file:
        if connection.status != http.HTTPStatus.PARTIAL_CONTENT:  # the server sends the whole file
            file.truncate(0)
            content, digest = b"", hashlib.md5(usedforsecurity=False)
        report(len(content))
        while chunk := _connected(host, lambda: connection.read(_CHUNK_BYTES)):
            file.write(chunk)
            digest.update(chunk)
            report(len(chunk))
    if digest.hexdigest() != md5:
        target.unlink()
        raise _FetchError(message("reasons.other-file-sent", host=host))


def _connected(host: str | None, ask: Callable[[], Any]) -> Any:
    """Raises network errors as `_FetchError`, since disk errors are OSErrors too."""
    try:
        return ask()
    except urllib.error.HTTPError as error:
        why = message("reasons.host-answered", host=host, status=error.code)
        raise _FetchError(why) from error
    except (OSError, http.client.HTTPException) as error:
        raise _FetchError(message("reasons.no-connection", host=host)) from error
