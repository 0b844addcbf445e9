"""A run as a .zip for somebody else: its results and settings, without owner, paths and names."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ganmodel.config import ConfigError, RunConfig
from ganmodel.files import read_json, without_folders
from ganmodel.runs.data_names import for_others
from ganmodel.runs.folder import SUFFIXES, Run
from ganmodel.weights import WeightsError, load_tensors, packed, read_about
from ganmodel.words import message, with_texts

# Without its owner, the page's requests, and whatever has a meaning on this machine only.
FILES = ("metrics.jsonl", "reals.png", "title", "earlier.json")
PIECE = 2**18  # bytes that are packed at once


def zip_run(run: Run) -> Iterator[bytes]:
    """A run's folder as a zip in pieces, each packed when it is asked for; no file is made.

    Paths and the name of own data are left out; so is a file that is removed meanwhile, as weights
    are when newer ones come. Close the iterator if it is not read to its end.

    Raises:
        RunError: the run's settings cannot be read; before the first piece.
    """
    config = run.config()
    shared = for_others(config)
    whole = {"config.json": shared}
    for name in ("status.json", "origin.json"):
        if isinstance(found := read_json(run.path(name)), dict):
            kept = {key: value for key, value in found.items() if key != "pid"}
            whole[name] = with_texts(kept, without_folders)
    if shared["dataset"] != config.dataset:  # the first run's title may hold what they are called
        whole.get("origin.json", {}).pop("title", None)
    return _pieces(run, whole)


def _pieces(run: Run, whole: dict[str, Any]) -> Iterator[bytes]:
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as zipped:
        for name, value in whole.items():
            zipped.writestr(f"{run.name}/{name}", json.dumps(value, indent=1))
        paths = [run.path(name) for name in FILES]
        for kind in SUFFIXES:
            paths += run.moments(kind).values()
        for path in paths:
            name = f"{run.name}/{path.relative_to(run.folder).as_posix()}"
            yield from _added(zipped, outlet, path, name)
    yield outlet.taken()


def weights_for_others(path: Path) -> bytes | None:
    """A weights file's bytes without the paths of earlier editions; None where it has none."""
    about = read_about(path)
    try:
        config = RunConfig.from_json(about.get("config"))
    except ConfigError:
        return None
    shared = for_others(config)
    if shared == config.to_json():
        return None
    try:
        about, tensors = load_tensors(path, message("weights.weights"))
    except WeightsError:
        return None
    return packed(tensors, {**about, "dataset": shared["dataset"], "config": shared})


def _added(zipped: zipfile.ZipFile, outlet: _Outlet, path: Path, name: str) -> Iterator[bytes]:
    shared = weights_for_others(path) if path.parent.name == "weights" else None
    try:
        source = path.open("rb") if shared is None else io.BytesIO(shared)
    except OSError:
        return
    with source:
        about = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
        squeezed = path.suffix in (".json", ".jsonl")  # the others are packed already, or noise
        about.compress_type = zipfile.ZIP_DEFLATED if squeezed else zipfile.ZIP_STORED
        with zipped.open(about, "w") as target:
            while piece := source.read(PIECE):
                target.write(piece)
                yield outlet.taken()


class _Outlet:
    """An unseekable file for `zipfile` to write to; keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._written.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Does nothing, since nothing is buffered."""

    def taken(self) -> bytes:
        """All that was written since the last call."""
        content = b"".join(self._written)
        self._written.clear()
        return content
