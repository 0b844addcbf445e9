"""What a run makes as it trains, each piece named by the moment it belongs to: rows of the curves,
samples, weights, checkpoints, evaluations.

Written, found again, and removed from a moment on, here. When, and what a person asked for in
between, is the recorder's affair.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from pathlib import Path
from typing import Any

import torch

from ganmodel import __version__
from ganmodel.config import RunConfig, grid_layout
from ganmodel.data import Data
from ganmodel.files import remove, write_bytes, write_json
from ganmodel.images import grid, png
from ganmodel.networks import NetworkSpec
from ganmodel.runs.best import best_of
from ganmodel.runs.checked import checked_row
from ganmodel.runs.data_names import data_name, for_others
from ganmodel.runs.folder import CHECKPOINT_FORMAT, SUFFIXES, Run, RunError
from ganmodel.runs.keeping import is_kept
from ganmodel.runs.past import began_at
from ganmodel.schedule import kept_checkpoints
from ganmodel.snapshots import PAIRS, Snapshot, TrainState
from ganmodel.weights import WeightsError, load_tensors, save_tensors, save_weights

log = logging.getLogger(__name__)


class Artifacts:
    """The files that a run makes at its moments.

    Args:
        run: whose folder is written.
        config: the run's settings, kept with every weights file.
        spec: the networks.
        about: what weights files say of the data.
        data: the data's fingerprint, kept with all weights and checkpoints.
    """

    def __init__(
        self, run: Run, config: RunConfig, spec: NetworkSpec, about: dict[str, Any], data: str
    ) -> None:
        self.run = run
        self.config = config
        self.spec = spec
        self.about = about
        self.data = data
        self.layout = grid_layout(config, spec.classes)
        # Weights that are there for a while: until newer ones are, or a better state is.
        self._passing: Path | None = None
        self._best: Path | None = None

    def newest_state(self) -> TrainState | None:
        """From the newest checkpoint that can be read; a damaged one is passed over.

        Raises:
            RunError: the checkpoint is another version's, or was made from other data; or there is
                none since the run began to try another one again.
        """
        began = began_at(self.run)  # what lies before was computed with other settings
        for moment, path in reversed(self.run.moments("checkpoints").items()):
            if moment < began:
                break
            try:
                about, tensors = load_tensors(path, "a checkpoint")
            except WeightsError as error:
                log.warning("%s Going on from an earlier one.", error)
                continue
            if about.get("format") != CHECKPOINT_FORMAT:
                raise RunError(
                    f"The run {self.run.name} was trained by another version of ganmodel "
                    f"({about.get('ganmodel', 'unknown')!s:.20}), which kept its checkpoints "
                    "differently: resume it with that version, or start a new run from its weights "
                    "with --start-from."
                )
            if about["data"] != self.data:
                raise RunError(
                    f"The run {self.run.name} began with other data than {data_name(self.config)} "
                    "holds now: bring the same pictures back, or start a new run."
                )
            if about.get("threads") and about["threads"] != torch.get_num_threads():
                torch.set_num_threads(about["threads"])  # or sums would round differently
            return TrainState(tensors, about["facts"])
        if began:
            raise RunError(
                f"The run {self.run.name} has no readable checkpoint of {began:,} images or later, "
                "where it began: try again from an earlier moment, or from the run before."
            )
        return None

    def discard_after(self, images_seen: int, *, row_goes_on: bool = False) -> None:
        """Removes all that was made after that moment: it is about to be made again.

        `row_goes_on`: so is a row that ended before its time, because the run did.
        """
        for kind in SUFFIXES:
            for moment, path in self.run.moments(kind).items():
                if moment > images_seen:
                    remove(path)
        path = self.run.path("metrics.jsonl")
        last = images_seen - row_goes_on
        if path.exists():
            kept = 0
            for line in path.read_bytes().splitlines(keepends=True):
                row = checked_row(line)  # a damaged one stays, and is read by nobody
                # Steps by hand are whole, however the row goes on in whose midst they were taken.
                end = images_seen if row is not None and row.get("by_hand") else last
                if not line.endswith(b"\n") or (row is not None and row["images"] > end):
                    break
                kept += len(line)
            os.truncate(path, kept)
        moments, best = self.run.moments("weights"), best_of(self.run)
        self._passing = _for_a_while(moments[max(moments)]) if moments else None
        self._best = _for_a_while(moments[best.images]) if best else None

    def write(self, snapshot: Snapshot, row: dict[str, Any] | None) -> None:
        """All of a snapshot. The checkpoint comes last: where it exists, all it follows does too.

        `row` is what the curves get, its numbers finite or None.
        """
        stem = f"{snapshot.images_seen:09}"
        if row is not None:
            line = json.dumps(row, allow_nan=False) + "\n"
            with self.run.path("metrics.jsonl").open("ab") as file:
                file.write(line.encode())
        if snapshot.quality is not None:
            found = dict(snapshot.quality)
            if (pairs := found.pop(PAIRS, None)) is not None:
                folder = self.run.path("copies")
                folder.mkdir(exist_ok=True)  # a run of an earlier edition has none
                write_bytes(folder / f"{stem}.png", png(pairs))
            write_json(self.run.path("quality", f"{stem}.json"), found)
        for kind in ("samples", "samples_raw"):
            if (samples := getattr(snapshot, kind)) is not None:
                sheet = grid(samples, self.layout.columns)
                write_bytes(self.run.path(kind, f"{stem}.png"), png(sheet))
        if snapshot.weights is not None:
            self._write_weights(snapshot, self.run.path("weights", f"{stem}.safetensors"))
        if snapshot.state is not None:
            self._write_checkpoint(snapshot.state)

    def write_reals(self, data: Data) -> None:
        """Real pictures, laid out as G's are: where those have a class a column, so have they."""
        count = self.layout.count
        shown = data.first_in_turn(count) if self.layout.classes else data.images[:count]
        write_bytes(self.run.path("reals.png"), png(grid(shown, self.layout.columns)))

    def _write_weights(self, snapshot: Snapshot, path: Path) -> None:
        config = for_others(self.config)  # a weights file is made to be given away
        about = {
            "dataset": config["dataset"],
            "fingerprint": self.data,
            "objective": self.config.objective,
            "images_seen": snapshot.images_seen,
            "config": config,
            "keep": snapshot.keep_weights,
            **self.about,
            "ganmodel": __version__,
        }
        save_weights(path, snapshot.weights, self.spec, about)
        before, self._passing = self._passing, None if snapshot.keep_weights else path
        self._make_room(before)
        if snapshot.quality is not None:
            best = best_of(self.run)
            if best is not None and best.images == snapshot.images_seen:
                before, self._best = self._best, self._passing
                self._make_room(before)

    def _make_room(self, before: Path | None) -> None:
        """Lets weights go that were there for a while, unless they still are something."""
        if before not in (None, self._passing, self._best) and not is_kept(before):
            _let_go(before)

    def _write_checkpoint(self, state: TrainState) -> None:
        path = self.run.path("checkpoints", f"{state.images_seen:09}.safetensors")
        about = {
            "format": CHECKPOINT_FORMAT,
            "facts": state.facts,
            "threads": torch.get_num_threads(),
            "data": self.data,
            "ganmodel": __version__,
        }
        save_tensors(path, state.tensors, about)
        moments = self.run.moments("checkpoints")
        for moment in set(moments) - kept_checkpoints(moments, self.config.save_every):
            _let_go(moments[moment])


def _for_a_while(weights: Path) -> Path | None:
    """The path of weights that were not saved to stay; None of others."""
    try:
        about, _ = load_tensors(weights, "weights")
    except WeightsError:
        return weights
    return None if about.get("keep") else weights


def _let_go(path: Path) -> None:
    """Removes what nobody needs; where another program has it open for long, it stays."""
    with contextlib.suppress(PermissionError):
        remove(path)
