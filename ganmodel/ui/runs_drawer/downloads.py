"""Downloads: a run's weights, or the whole run.

A zip is generated while it is sent and takes no disk space.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

from ganmodel.runs import Run, read_newest, weights_for_others, zip_run
from ganmodel.ui.http.asks import Answer
from ganmodel.ui.http.offers import Offer, Offers, file_name
from ganmodel.ui.http.visitors import Visitor, own_run
from ganmodel.ui.train.run_control import OwnRun
from ganmodel.words import worded

CHUNK = 2**18


class DownloadOf(OwnRun):
    what: Literal["weights", "zip"]


class Download(Answer):
    """The address of a file, and its name."""

    address: str
    name: str


class Downloads:
    """Offers visitors their runs as files."""

    def __init__(self, runs: Path, offers: Offers) -> None:
        self.runs, self.offers = runs, offers

    def download(self, visitor: Visitor, ask: DownloadOf) -> Download:
        """Offers a run's newest weights, or the whole run."""
        run = own_run(self.runs, visitor, ask.run)
        title = file_name(worded(run.title())) or run.name
        if ask.what == "zip":
            offer = Offer(visitor.name, f"{title}.zip", "application/zip", zip_run(run))
        else:
            offer = self._weights(run, visitor, title)
        return Download(address=self.offers.add(offer), name=offer.name)

    def _weights(self, run: Run, visitor: Visitor, title: str) -> Offer:
        # Opened now: training may replace them before they are fetched.
        path, file = read_newest(run.newest_weights, lambda path: (path, path.open("rb")))
        name = f"{title}-{path.stem.lstrip('0') or '0'}.safetensors"
        if (shared := weights_for_others(path)) is not None:
            file.close()
            file = io.BytesIO(shared)
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        held = 0 if shared is None else size
        kind = "application/octet-stream"
        return Offer(visitor.name, name, kind, _pieces(file), size, held)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece
