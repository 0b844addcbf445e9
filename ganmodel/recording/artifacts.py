"""The files of a run that belong to a moment: rows of the curves, samples, weights, checkpoints,
evaluations.

They are written here, found again on a resume, and removed from a moment on; `recorder` decides
when.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from dataclasses import asdict
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
from ganmodel.snapshots import PAIRS, Progress, Snapshot, TrainState
from ganmodel.weights import WeightsError, load_tensors, save_tensors, save_weights
from ganmodel.words import message

log = logging.getLogger(__name__)


class Artifacts:
    """Writes one run's files, each named by the images seen.

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
        # Weights that are removed once newer ones, or better ones, are written; None: they stay.
        self._newest: Path | None = None
        self._best: Path | None = None

    def newest_state(self) -> TrainState | None:
        """The state in the newest checkpoint that can be read; None without any.

        Raises:
            RunError: the checkpoint is another version's, or was made from other data; or a fork
                has none that is its own.
        """
        began = began_at(self.run)  # earlier checkpoints were computed with other settings
        for moment, path in reversed(self.run.moments("checkpoints").items()):
            if moment < began:
                break
            try:
                about, tensors = load_tensors(path, message("weights.checkpoint"))
            except WeightsError as error:
                log.warning("%s Going on from an earlier one.", error)
                continue
            if about.get("format") != CHECKPOINT_FORMAT:
                raise RunError(
                    "trained-by-another-version",
                    name=self.run.name,
                    unknown=f"{about.get('ganmodel', 'unknown')!s:.20}",
                )
            if about["data"] != self.data:
                raise RunError("other-data-now", name=self.run.name, data=data_name(self.config))
            if about.get("threads") and about["threads"] != torch.get_num_threads():
                torch.set_num_threads(about["threads"])  # or sums would round differently
            return TrainState(tensors, Progress(**about["facts"]))
        if began:
            raise RunError("no-readable-checkpoint", name=self.run.name, began=began)
        return None

    def discard_after(self, images_seen: int, *, row_goes_on: bool = False) -> None:
        """Removes all that was made after a moment, since it is about to be made again.

        `row_goes_on`: a row at that moment is removed, too: the run ended in its middle.
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
                row = checked_row(line)  # a damaged one stays; readers skip it
                # The row of steps by hand is complete, even where it was written within another.
                end = images_seen if row is not None and row.get("by_hand") else last
                if not line.endswith(b"\n") or (row is not None and row["images"] > end):
                    break
                kept += len(line)
            os.truncate(path, kept)
        moments, best = self.run.moments("weights"), best_of(self.run)
        self._newest = _unless_to_stay(moments[max(moments)]) if moments else None
        self._best = _unless_to_stay(moments[best.images]) if best else None

    def write(self, snapshot: Snapshot, row: dict[str, Any] | None) -> None:
        """Writes a snapshot, the checkpoint last: where that exists, the rest does, too.

        `row` is the row of the curves, its numbers finite or None.
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
                folder.mkdir(exist_ok=True)  # which runs of earlier editions lack
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
        """Writes real pictures for comparison, laid out as G's are."""
        count = self.layout.count
        shown = data.first_in_turn(count) if self.layout.classes else data.images[:count]
        write_bytes(self.run.path("reals.png"), png(grid(shown, self.layout.columns)))

    def _write_weights(self, snapshot: Snapshot, path: Path) -> None:
        config = for_others(self.config)  # weights files are given away
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
        before, self._newest = self._newest, None if snapshot.keep_weights else path
        if before != path:  # a run's last weights are written twice, the second time to stay
            self._remove_passing(before)
        if snapshot.quality is not None:
            best = best_of(self.run)
            if best is not None and best.images == snapshot.images_seen:
                before, self._best = self._best, self._newest
                self._remove_passing(before)

    def _remove_passing(self, before: Path | None) -> None:
        """Removes weights that are no longer newest or best, unless marked as kept."""
        if before not in (None, self._newest, self._best) and not is_kept(before):
            _remove_if_free(before)

    def _write_checkpoint(self, state: TrainState) -> None:
        path = self.run.path("checkpoints", f"{state.images_seen:09}.safetensors")
        about = {
            "format": CHECKPOINT_FORMAT,
            "facts": asdict(state.progress),
            "threads": torch.get_num_threads(),
            "data": self.data,
            "ganmodel": __version__,
        }
        save_tensors(path, state.tensors, about)
        moments = self.run.moments("checkpoints")
        for moment in set(moments) - kept_checkpoints(moments, self.config.save_every):
            _remove_if_free(moments[moment])


def _unless_to_stay(weights: Path) -> Path | None:
    """The path of weights that may be removed later; None for those saved to stay."""
    try:
        about, _ = load_tensors(weights, message("weights.weights"))
    except WeightsError:
        return weights
    return None if about.get("keep") else weights


def _remove_if_free(path: Path) -> None:
    """Removes a file; where another program holds it open, it stays."""
    with contextlib.suppress(PermissionError):
        remove(path)
