"""How the data of a run is named: in its config, for its owner, and for others.

A config names a data set, or a path, or, for pictures that came through a page, the upload. Where
the pictures lie is in `sources`.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from ganmodel.config import RunConfig
from ganmodel.data import DATASETS, shown

UPLOAD_ID = re.compile(r"[0-9a-f]{16}")
OTHERS_SEE = "own pictures"  # in the place of data that is somebody's own
_UPLOAD = re.compile(
    rf"upload:(?P<upload>{UPLOAD_ID.pattern})(?:-(?P<left_out>[0-9a-f]{{16}}))?/(?P<title>.*)",
    re.DOTALL,
)


def named_upload(upload: str, title: str, left_out: str = "") -> str:
    """What a config holds as `dataset` for an upload; the `title` is for people only.

    `left_out`: the id of `data.copy_for_run`.
    """
    return f"upload:{upload}-{left_out}/{title}" if left_out else f"upload:{upload}/{title}"


def upload_id(dataset: str) -> str | None:
    """The id of the upload that a config's `dataset` names; None for other data."""
    found = _UPLOAD.fullmatch(dataset)
    return found["upload"] if found else None


def left_out_id(dataset: str) -> str | None:
    """The id of what a config's `dataset` leaves out of an upload; None for nothing."""
    found = _UPLOAD.fullmatch(dataset)
    return found["left_out"] if found else None


def data_name(config: RunConfig) -> str:
    """The name of a run's data for its owner, on one line; never a path."""
    if config.dataset in DATASETS:
        return config.dataset
    found = _UPLOAD.fullmatch(config.dataset)
    return shown(found["title"] if found else PurePath(config.dataset).name or config.dataset)


def for_others(config: RunConfig) -> dict[str, Any]:
    """A config that may leave the machine: without paths and the name of own data."""
    known = config.dataset in (*DATASETS, OTHERS_SEE)
    return {
        **config.to_json(),
        "dataset": config.dataset if known else OTHERS_SEE,
        "start_from": PurePath(config.start_from).name,
    }
