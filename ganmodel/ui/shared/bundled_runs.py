"""The recorded runs that ship with ganmodel: how its generators learned, and the lessons.

A bundled run is a run folder reduced to what a page shows, below `runs/` beside the shipped
generators. A run that has a generator's name shows that generator's training, and the generator is
its newest moment. The Train tab shows bundled runs as any others.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ganmodel.runs import Run
from ganmodel.sampling import SHIPPED

BUNDLED = "shipped/"  # the prefix of their names on a page; a visitor's own runs have none
FIRST = "mnist-quick"  # the bundled run that a first visitor sees
OPENED = "mnist-classes"  # the generator that the Playground opens on
PLAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")  # the names of shipped generators


class BundledRuns:
    """The bundled runs below one folder of shipped generators. Safe to use from several threads."""

    def __init__(self, shipped: Path = SHIPPED) -> None:
        self.shipped = shipped

    def all(self) -> list[Run]:
        """All bundled runs, `FIRST` first."""
        folders = [path.parent for path in self.shipped.glob("runs/*/config.json")]
        return [Run(f) for f in sorted(folders, key=lambda f: (f.name != FIRST, f.name))]

    def run(self, name: Any) -> Run | None:
        """The run of that name, with or without the prefix `BUNDLED`; None where there is none."""
        found = {run.name: run for run in self.all()}
        return found.get(name.removeprefix(BUNDLED)) if isinstance(name, str) else None

    def generators(self) -> list[Path]:
        """The shipped weights files, `OPENED` first."""
        found = self.shipped.glob("*.safetensors")
        return sorted(found, key=lambda path: (path.stem != OPENED, path.stem))

    def is_bundled(self, run: Run) -> bool:
        """Whether a run is one of these."""
        return run.folder.parent == self.shipped / "runs"

    def file(self, name: str) -> Path:
        """The path of a shipped generator's weights; the file may not exist."""
        return self.shipped / f"{name}.safetensors"

    def weights(self, run: Run) -> dict[int, Path]:
        """Images seen -> weights of a bundled run, in order; {} where it ships without any.

        The last is the shipped generator itself.
        """
        whole, newest = self.file(run.name), run.status().get("images_seen", 0)
        return run.moments("weights") | ({newest: whole} if whole.is_file() else {})


def is_bundled_name(name: Any) -> bool:
    """Whether a name on the page is that of a bundled run."""
    return isinstance(name, str) and name.startswith(BUNDLED)
