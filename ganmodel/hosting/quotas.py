"""How much of the disk visitors may take, and what is removed to make room.

A visitor's runs, trashed runs and uploads all count. The trash is removed first (the visitor's own,
or anybody's where the total is too large), then runs that never began, then those that ended
longest ago. A run that trains or is queued is never removed; one that exceeds its visitor's share
while it trains is reported, to be stopped.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ganmodel.hosting.ledger import Ledger
from ganmodel.hosting.limits import MEBIBYTE, Limits
from ganmodel.hosting.sizes import Sizes
from ganmodel.runs import Run, RunError, list_runs, list_trash, upload_owner
from ganmodel.words import Message, message

MOST_FILES = 20_000  # of one upload
TOTALS_SECONDS = 2.0  # greatest age of the sum of all runs when another file of an upload arrives


@dataclass(frozen=True)
class Kept:
    """A run, or one in the trash."""

    run: Run
    size: int  # bytes
    trashed: bool


class Quotas:
    """The shares of one runs folder. Safe to use from several threads.

    Hold its `lock` from `make_room` until the new run exists.

    Args:
        runs: the folder of runs.
        limits: what each visitor and all together may have.
        lives: whether a run trains or is queued.
        ledger: the sizes of uploads.
        expire: removes uploads that no run uses; called after a run was removed.
    """

    def __init__(
        self,
        runs: Path,
        limits: Limits,
        lives: Callable[[Run], bool],
        ledger: Ledger,
        expire: Callable[[], object] = lambda: None,
    ) -> None:
        self.runs = runs
        self.limits = limits
        self.lives = lives
        self.ledger = ledger
        self.expire = expire
        self.lock = threading.RLock()
        self._sizes = Sizes()
        self._totals: tuple[float, dict[str, int]] = (float("-inf"), {})

    # --- runs ------------------------------------------------------------------------------------

    def make_room(
        self,
        owner: str,
        *,
        size: int = 0,
        more: int = 1,
        spare: Collection[Run] = (),
        shared: bool = True,
    ) -> list[str]:
        """Removes old runs until the visitor may have `more`, of `size` bytes together.

        Returns the titles of the visitor's own that were removed. Runs in `spare` stay. A visitor
        without a share, such as a class's host (`shared` False), is bound by the total alone.

        Raises:
            RunError: all remaining runs train or are queued.
        """
        limits, removed = self.limits, []
        all_together = (None, limits.runs_in_all, limits.bytes_in_all)
        own = (owner, limits.runs_each, limits.bytes_each)
        for of, most, most_bytes in (own, all_together) if shared else (all_together,):
            if most is None and most_bytes is None:
                continue
            kept = self._kept(of)
            most = None if most is None else most - more
            fits = partial(self._fits, owner=of, most_bytes=most_bytes, size=size, most=most)
            removed += self._clear(kept, fits, spare, tells=owner)
            if not fits(kept):
                raise RunError("no-disk-left")
        return removed

    def outgrown(self, training: Collection[Run]) -> dict[Run, Message]:
        """The runs among `training` that have to be stopped, each with a sentence that says why.

        The visitor's trash is removed first; where the total is too large, everything that a new
        run would remove, too.
        """
        limits, stop = self.limits, {}
        if not training or (limits.bytes_each is None and limits.bytes_in_all is None):
            return stop
        kept = self._kept(None)
        for run in training:
            owner = run.owner()
            own = [one for one in kept if one.run.owner() == owner]
            fits = partial(self._fits, owner=owner, most_bytes=limits.bytes_each)
            self._clear(own, fits, trash_only=True)
            if not fits(own):
                stop[run] = message("run.outgrown", most=limits.bytes_each // MEBIBYTE)
        fits = partial(self._fits, owner=None, most_bytes=limits.bytes_in_all)
        kept = self._kept(None)
        self._clear(kept, fits)
        if not fits(kept) and not stop:
            largest = max(training, key=self.size_of)
            stop[largest] = message("run.no-room-to-grow")
        return stop

    def size_of(self, run: Run) -> int:
        """Bytes of a run's folder."""
        return self._sizes.of(run.folder)

    # --- uploads ---------------------------------------------------------------------------------

    def expect(self, upload: Path, owner: str, size: int, address: str) -> None:
        """Counts a file of an upload before it is received; its `size` may grow, see `grow`.

        Raises:
            RunError: too many files or bytes; of the upload, the visitor, the address, or in all.
        """
        with self.lock:  # whatever ends meanwhile only makes room
            if self.ledger.entry(upload).files >= MOST_FILES:
                raise RunError("too-many-files", most=MOST_FILES)
            self._check_upload(upload, owner, size, address)
            self.ledger.expect(upload, size, address)

    def grow(self, upload: Path, owner: str, size: int, address: str) -> None:
        """Counts `size` more bytes of a file being received. Raises a `RunError` as `expect`."""
        with self.lock:
            self._check_upload(upload, owner, size, address)
            self.ledger.grow(upload, size)

    def _check_upload(self, upload: Path, owner: str, size: int, address: str) -> None:
        limits, ledger = self.limits, self.ledger
        if ledger.entry(upload).bytes + max(1, size) > limits.upload_bytes:
            raise RunError("too-much", most=limits.upload_bytes // MEBIBYTE)
        most = limits.upload_bytes_of_address
        if most is not None:
            sent = ledger.held_from(address, limits.upload_seconds or float("inf"))
            if sent + size > most:
                raise RunError("address-sent-much", most=most // MEBIBYTE)
        self._make_room_for_pictures(owner, limits.bytes_each, size)
        self._make_room_for_pictures(None, limits.bytes_in_all, size)

    def _make_room_for_pictures(self, owner: str | None, most: int | None, size: int) -> None:
        """Removes the visitor's trash, or for the total (`owner` None) also the oldest runs."""
        if most is None or self._has_room(owner, most, size):
            return
        kept = self._kept(owner)
        fits = partial(self._fits, owner=owner, most_bytes=most, size=size)
        self._clear(kept, fits, trash_only=owner is not None)
        if not fits(kept):
            if owner is None:
                raise RunError("no-room-for-pictures")
            raise RunError("own-disk-full", most=most // MEBIBYTE)

    def _has_room(self, owner: str | None, most: int, size: int) -> bool:
        """Whether `size` more bytes fit, by sums that may be `TOTALS_SECONDS` old."""
        now = time.monotonic()
        if now - self._totals[0] > TOTALS_SECONDS:
            sums: defaultdict[str, int] = defaultdict(int)
            for one in self._kept(None):
                sums[one.run.owner() or ""] += one.size
            self._totals = now, sums
        sums = self._totals[1]
        runs = sum(sums.values()) if owner is None else sums.get(owner, 0)
        return runs + self.ledger.held(owner and upload_owner(owner)) + size <= most

    # --- both ------------------------------------------------------------------------------------

    def _kept(self, owner: str | None) -> list[Kept]:
        """A visitor's runs, trashed ones included; for None all, also those without an owner."""
        runs = list_runs(self.runs, owner)
        trashed = [run for run in list_trash(self.runs) if owner in (None, run.owner())]
        kept = [Kept(run, self.size_of(run), trashed=False) for run in runs]
        return kept + [Kept(run, self.size_of(run), trashed=True) for run in trashed]

    def _fits(
        self,
        kept: list[Kept],
        *,
        owner: str | None,
        most_bytes: int | None,
        size: int = 0,
        most: int | None = None,
    ) -> bool:
        """Whether there are at most `most`, of `most_bytes` with uploads and `size` more."""
        if most is not None and len(kept) > most:
            return False
        held = self.ledger.held(owner and upload_owner(owner))
        return most_bytes is None or sum(one.size for one in kept) + held + size <= most_bytes

    def _clear(
        self,
        kept: list[Kept],
        enough: Callable[[list[Kept]], bool],
        spare: Collection[Run] = (),
        trash_only: bool = False,
        tells: str | None = None,
    ) -> list[str]:
        """Removes from `kept`, in the order of `_worth`, until it is `enough`.

        Returns the titles of removed runs of the owner `tells`; others' titles are private.
        """
        removed: list[str] = []
        if enough(kept):
            return removed
        spared = {run.folder for run in spare}
        for one in sorted(kept, key=_worth):
            if enough(kept):
                break
            if not one.trashed and (trash_only or one.run.folder in spared or self.lives(one.run)):
                continue
            if not one.trashed and one.run.owner() == tells:
                removed.append(one.run.title())
            shutil.rmtree(one.run.folder, ignore_errors=True)
            self._sizes.forget(one.run.folder)
            kept.remove(one)
            self.expire()
        return removed


def _worth(kept: Kept) -> tuple[int, float, str]:
    """Sort key of what is removed first: trash, then runs that never began, then the oldest."""
    folder = kept.run.folder
    rank = 0 if kept.trashed else 1 if never_began(kept.run) else 2
    times = [0.0]
    for path in (folder,) if kept.trashed else (folder / "status.json", folder / "config.json"):
        try:
            times.append(path.stat().st_mtime)
        except OSError:
            continue
    return rank, max(times), kept.run.name


def never_began(run: Run) -> bool:
    """Whether no trainer has made a step of a run.

    A fork has its origin's weights; its status names no process until its own trainer starts.
    """
    if run.path("origin.json").exists() and "pid" not in run.status():
        return True
    return not any(moment > 0 for moment in run.moments("weights"))
