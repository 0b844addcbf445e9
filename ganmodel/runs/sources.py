"""Resolves a run's data to a data set name or a path.

Uploads are stored below the folder of runs, so that they move along with it. The page receives
uploads, `data` reads them, `data_names` names data.
"""

from __future__ import annotations

import os
from pathlib import Path

from ganmodel.data import DataError, copy_of, is_received
from ganmodel.runs.data_names import data_name, left_out_id, upload_id
from ganmodel.runs.folder import Run

TRASH = ".trash"  # below the folder of runs; holds deleted ones
UPLOADS = ".uploads"  # below the folder of runs: a folder for each owner, in it one for each upload


def upload_owner(owner: str) -> str:
    """The name of the folder of an owner's uploads; `owner` is a sha256, see `create_run`."""
    return owner[:32]


def upload_folder(runs: Path, owner: str, upload: str) -> Path:
    """The path of an owner's upload, whether or not it exists."""
    return runs / UPLOADS / upload_owner(owner) / upload


def upload_of(run: Run) -> Path | None:
    """The folder of the upload that a run is trained on; None for a run on other data."""
    dataset, runs = run.config().dataset, _runs_of(run)
    if upload := upload_id(dataset):
        return upload_folder(runs, run.owner() or "", upload)
    path = Path(dataset)
    if len(path.parts) < 4 or path.parts[-4] != UPLOADS:
        return None
    # Earlier editions stored an absolute path; its last parts are valid where the runs are now.
    moved = runs.joinpath(*path.parts[-4:-1])
    return moved if moved.exists() else path.parent


def place_of(run: Run) -> str:
    """The data set name or path of a run's data, for `load_data`.

    Raises:
        DataError: its upload is missing, or what it leaves out of it.
    """
    config = run.config()
    upload = upload_of(run)
    if upload is None:
        return config.dataset
    content = content_of(upload)
    if (left_out := left_out_id(config.dataset)) is not None:
        content = copy if (copy := copy_of(upload, left_out)).is_file() else None
    if content is None:
        raise DataError("pictures-of-run-gone", data=data_name(config), uploads=UPLOADS)
    return str(content)


def content_of(upload: Path) -> Path | None:
    """The path of an upload's content, for `load_data`; None for an empty one."""
    if is_received(upload):
        return upload
    try:  # earlier editions stored an archive or a folder under the owner's name for it
        return next((p for p in sorted(upload.iterdir()) if not p.name.startswith(".")), None)
    except OSError:
        return None


def _runs_of(run: Run) -> Path:
    """The folder of runs that a run belongs to, also if the run is in the trash."""
    above = Path(os.path.abspath(run.folder)).parent
    return above.parent if above.name == TRASH else above
