"""Where the pictures lie that a run learns from, and what of that others may know.

A config names a data set, or a path, or, for pictures that came through a page, the upload: that
lies beside the runs, so that it is found again wherever their folder is moved to. Receiving an
upload is the page's affair, reading it `data`'s.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from ganmodel.config import RunConfig
from ganmodel.data import DATASETS, DataError, is_received, shown

if TYPE_CHECKING:
    from ganmodel.runs.folder import Run

TRASH = ".trash"  # below the runs, as deleted ones lie in
UPLOADS = ".uploads"  # below the runs: a folder for each owner, in it one for each upload
UPLOAD_ID = re.compile(r"[0-9a-f]{16}")
OTHERS_SEE = "own pictures"  # in the place of data that is somebody's own
_UPLOAD = re.compile(rf"upload:({UPLOAD_ID.pattern})/(.*)", re.DOTALL)


def upload_owner(owner: str) -> str:
    """An owner (a sha256, see `create_run`) as the folder of their uploads is called."""
    return owner[:32]


def upload_folder(runs: Path, owner: str, upload: str) -> Path:
    """Where an upload of an owner's lies, whether or not it came."""
    return runs / UPLOADS / upload_owner(owner) / upload


def named_upload(upload: str, title: str) -> str:
    """What a config holds as `dataset` for an upload; `title` is for people, and finds nothing."""
    return f"upload:{upload}/{title}"


def data_name(config: RunConfig) -> str:
    """What its owner calls the data of a run, on one line: a name, never a path."""
    if config.dataset in DATASETS:
        return config.dataset
    found = _UPLOAD.fullmatch(config.dataset)
    return shown(found[2] if found else PurePath(config.dataset).name or config.dataset)


def upload_of(run: Run) -> Path | None:
    """The folder of what a page received for this run; None for a run on other data."""
    dataset, runs = run.config().dataset, _runs_of(run)
    if found := _UPLOAD.fullmatch(dataset):
        return upload_folder(runs, run.owner() or "", found[1])
    path = Path(dataset)
    if len(path.parts) < 4 or path.parts[-4] != UPLOADS:
        return None
    # As earlier editions wrote it: a path from the root, whose end moves along with the runs.
    moved = runs.joinpath(*path.parts[-4:-1])
    return moved if moved.exists() else path.parent


def place_of(run: Run) -> str:
    """The data of a run as `load_data` takes it, wherever the run's folder lies by now.

    Raises:
        DataError: what a page received for it is gone.
    """
    config = run.config()
    upload = upload_of(run)
    if upload is None:
        return config.dataset
    content = content_of(upload)
    if content is None:
        raise DataError(
            f"The pictures of this run ({data_name(config)}) are not here any more: bring back "
            f"the folder {UPLOADS} that lay beside it, or start a new run."
        )
    return str(content)


def content_of(upload: Path) -> Path | None:
    """What came in an upload, as `load_data` takes it; None where nothing has."""
    if is_received(upload):
        return upload
    try:  # earlier editions kept an archive, or a folder of pictures, by a name of its owner's
        return next((p for p in sorted(upload.iterdir()) if not p.name.startswith(".")), None)
    except OSError:
        return None


def for_others(config: RunConfig) -> dict[str, Any]:
    """A config as it may leave the machine: it names no place, and no data of somebody's own."""
    known = config.dataset in (*DATASETS, OTHERS_SEE)
    return {
        **config.to_json(),
        "dataset": config.dataset if known else OTHERS_SEE,
        "start_from": PurePath(config.start_from).name,
    }


def _runs_of(run: Run) -> Path:
    """The folder of runs that a run belongs to, from its trash as well."""
    above = Path(os.path.abspath(run.folder)).parent
    return above.parent if above.name == TRASH else above
