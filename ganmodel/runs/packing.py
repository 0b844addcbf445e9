"""A run as one .zip, for somebody else: what it made and how, nothing of whose or where it was."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import IO, Any

from ganmodel.files import read_json
from ganmodel.runs.folder import SUFFIXES, Run

# Not for others: whose it is, what the page asked, and what only means something on this machine.
FILES = ("metrics.jsonl", "reals.png", "title")


def zip_run(run: Run, target: IO[bytes]) -> None:
    """Writes a run's folder to `target` as a zip, its path of data cut to the last part.

    A file that goes while it is packed, as newer weights replace older ones, is left out.
    """
    config = run.config().to_json()
    whole = {"config.json": {**config, **_cut(config)}}
    for name in ("status.json", "origin.json"):
        if isinstance(found := read_json(run.path(name)), dict):
            whole[name] = {key: value for key, value in found.items() if key != "pid"}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for name, value in whole.items():
            packed.writestr(f"{run.name}/{name}", json.dumps(value, indent=1))
        paths = [run.path(name) for name in FILES]
        for kind in SUFFIXES:
            paths += run.moments(kind).values()
        for path in paths:
            _add(packed, path, f"{run.name}/{path.relative_to(run.folder).as_posix()}")


def _cut(config: dict[str, Any]) -> dict[str, str]:
    return {name: Path(config[name]).name for name in ("dataset", "start_from")}


def _add(packed: zipfile.ZipFile, path: Path, name: str) -> None:
    squeezed = path.suffix in (".json", ".jsonl")  # the others are packed already, or noise
    method = zipfile.ZIP_DEFLATED if squeezed else zipfile.ZIP_STORED
    try:
        packed.write(path, name, method)
    except FileNotFoundError:
        return
