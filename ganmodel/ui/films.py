"""The recorded runs that come with ganmodel: how its generator learned, and the lessons.

A film is the folder of a run, made small, below `runs/` beside the shipped generators. Where a
generator has a film's name, the film is how that one learned, and the generator itself is its
newest moment. What a page sees of a film is `watching`'s business, as of any run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ganmodel.runs import Run
from ganmodel.sampling import SHIPPED

FILM = "shipped/"  # what the names of the films begin with, where a visitor's runs have theirs
FIRST = "mnist"  # the film that a first visitor sees
OPENED = "mnist-classes"  # the generator that the Playground opens on
PLAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")  # the names of shipped generators


class Films:
    """What is below one folder of shipped generators. Safe to use from several threads."""

    def __init__(self, shipped: Path = SHIPPED) -> None:
        self.shipped = shipped

    def all(self) -> list[Run]:
        """The films, `FIRST` first."""
        folders = [path.parent for path in self.shipped.glob("runs/*/config.json")]
        return [Run(f) for f in sorted(folders, key=lambda f: (f.name != FIRST, f.name))]

    def run(self, name: Any) -> Run | None:
        """The film of that name, with or without `FILM` before it; None where there is none."""
        found = {run.name: run for run in self.all()}
        return found.get(name.removeprefix(FILM)) if isinstance(name, str) else None

    def generators(self) -> list[Path]:
        """The shipped weights files, `OPENED` first."""
        found = self.shipped.glob("*.safetensors")
        return sorted(found, key=lambda path: (path.stem != OPENED, path.stem))

    def is_film(self, run: Run) -> bool:
        """Whether a run is one of these."""
        return run.folder.parent == self.shipped / "runs"

    def file(self, name: str) -> Path:
        """Where a shipped generator's weights lie; there may be none of that name."""
        return self.shipped / f"{name}.safetensors"

    def weights(self, run: Run) -> dict[int, Path]:
        """Images seen -> weights of a film, in order; {} where it ships without any.

        The last is the shipped generator that it became.
        """
        whole, newest = self.file(run.name), run.status().get("images_seen", 0)
        return run.moments("weights") | ({newest: whole} if whole.is_file() else {})


def is_film_name(name: Any) -> bool:
    """Whether a page means a film by that name."""
    return isinstance(name, str) and name.startswith(FILM)
