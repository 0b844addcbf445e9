"""The limits of a served page: on each visitor, on each address, and on all of them together.

Only the numbers are here; they are enforced elsewhere: a run's settings in `allowed`, its place in
the queue in `crowd`, trainers in `trainer_queue`, disk in `quotas`, calls in `gate`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

MEBIBYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """None is no limit. The defaults are those of a page that one person runs for themselves."""

    trainers: int | None = None  # at once; one run keeps about two cores busy
    turn_seconds: float | None = None  # of training, after which a run makes room for the next
    queued_in_all: int | None = None  # waiting runs; a visitor has at most one
    queued_of_address: int | None = None
    settings: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # smallest, largest
    step_operations: float | None = None  # FLOPs of one training step, during which no turn can end
    rows: int | None = None  # of one run's curves
    evaluations: int | None = None  # measurements of quality in one run
    runs_each: int | None = None  # folders of one visitor, the trash included
    runs_in_all: int | None = None
    bytes_each: int | None = None  # of one visitor's runs, trashed runs and uploads
    bytes_in_all: int | None = None
    upload_bytes: int = 512 * MEBIBYTE  # one visitor's upload, all its files together
    trusted: bool = True  # whether uploads may use every decoder and long listings; see `data`
    upload_seconds: float | None = None  # after which an upload that no run uses is removed
    upload_bytes_of_address: int | None = None  # of uploads begun within `upload_seconds`
    reading_seconds: int | None = None  # of a trainer that reads or downloads its data
    examining_seconds: int | None = None  # of the page that examines an upload
    reading_pixels: int | None = None  # of own pictures, all together
    calls_each: float | None = None  # a second, of one visitor, on average over some seconds
    calls_of_address: float | None = None  # a second, of one address: a lecture hall may share one


# What one run may take of a shared machine: memory, disk, a core for one step. Every preset stays
# within these.
_SETTINGS = {
    "width": (4, 64),
    "z_dim": (2, 256),
    "batch_size": (2, 512),
    "n_critic": (1, 10),
    "g_steps": (1, 30),
    "sample_count": (1, 100),
    "save_every": (4_096, 100_000_000),
    "evaluate_every": (8_192, 1_000_000_000),
}
# Two cores take 10 to 30 s for so many, so a turn ends at most that much late. The largest values
# of all settings together would give twice as many.
_STEP_OPERATIONS = 1.5e12
_ROWS = 8_192
_EVALUATIONS = 128


def hosted() -> Limits:
    """For strangers: a page that anybody may open."""
    return Limits(
        trainers=max(1, (os.cpu_count() or 2) // 2),
        turn_seconds=60.0,
        queued_in_all=100,
        queued_of_address=40,  # a school class behind one address
        settings=_SETTINGS | {"images": (1, 2_000_000)},
        step_operations=_STEP_OPERATIONS,
        rows=_ROWS,
        evaluations=_EVALUATIONS,
        runs_each=12,
        runs_in_all=400,
        bytes_each=2 * 1024 * MEBIBYTE,
        bytes_in_all=8 * 1024 * MEBIBYTE,
        trusted=False,
        upload_bytes=32 * MEBIBYTE,
        upload_seconds=3600.0,
        upload_bytes_of_address=512 * MEBIBYTE,
        reading_seconds=30,
        examining_seconds=15,
        reading_pixels=1_000_000_000,
        calls_each=30.0,
        calls_of_address=600.0,
    )


def classroom() -> Limits:
    """For people in a room whom the host knows: small runs of their own, one after the other."""
    return Limits(
        trainers=max(1, (os.cpu_count() or 2) // 2),
        turn_seconds=60.0,
        queued_in_all=200,
        settings=_SETTINGS | {"images": (1, 300_000)},
        step_operations=_STEP_OPERATIONS,
        rows=_ROWS,
        evaluations=_EVALUATIONS,
        runs_each=12,
        bytes_each=2 * 1024 * MEBIBYTE,
        trusted=False,
        upload_bytes=64 * MEBIBYTE,
        reading_seconds=30,
        examining_seconds=15,
        reading_pixels=2_000_000_000,
        calls_each=30.0,
    )
