"""A run as one .zip, for somebody else: what it made and how, nothing of whose or where it was."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ganmodel.files import read_json
from ganmodel.runs.folder import SUFFIXES, Run

# Not for others: whose it is, what the page asked, and what only means something on this machine.
FILES = ("metrics.jsonl", "reals.png", "title", "earlier.json")
PIECE = 2**18  # bytes that are packed at once


def zip_run(run: Run) -> Iterator[bytes]:
    """A run's folder as a zip in pieces, each packed when it is asked for; no file is made.

    The path of its data is cut to the last part. A file that goes while the run is packed, as newer
    weights replace older ones, is left out. Close the iterator that is not asked to its end.

    Raises:
        RunError: the run's settings cannot be read; before the first piece.
    """
    config = run.config().to_json()
    whole = {"config.json": {**config, **_cut(config)}}
    for name in ("status.json", "origin.json"):
        if isinstance(found := read_json(run.path(name)), dict):
            whole[name] = {key: value for key, value in found.items() if key != "pid"}
    return _pieces(run, whole)


def _pieces(run: Run, whole: dict[str, Any]) -> Iterator[bytes]:
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as packed:
        for name, value in whole.items():
            packed.writestr(f"{run.name}/{name}", json.dumps(value, indent=1))
        paths = [run.path(name) for name in FILES]
        for kind in SUFFIXES:
            paths += run.moments(kind).values()
        for path in paths:
            name = f"{run.name}/{path.relative_to(run.folder).as_posix()}"
            yield from _added(packed, outlet, path, name)
    yield outlet.taken()


def _cut(config: dict[str, Any]) -> dict[str, str]:
    return {name: Path(config[name]).name for name in ("dataset", "start_from")}


def _added(packed: zipfile.ZipFile, outlet: _Outlet, path: Path, name: str) -> Iterator[bytes]:
    try:
        source = path.open("rb")
    except OSError:
        return
    with source:
        about = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
        squeezed = path.suffix in (".json", ".jsonl")  # the others are packed already, or noise
        about.compress_type = zipfile.ZIP_DEFLATED if squeezed else zipfile.ZIP_STORED
        with packed.open(about, "w") as target:
            while piece := source.read(PIECE):
                target.write(piece)
                yield outlet.taken()


class _Outlet:
    """What `zipfile` writes into where there is nothing to go back in: kept until it is taken."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._written.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """All that was written since the last time."""
        content = b"".join(self._written)
        self._written.clear()
        return content
