"""The types exchanged between `training` and its caller: snapshots out, knobs and orders in.

Only types live here, so that `recording` can record a training without importing its code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from ganmodel.errors import KnownError
from ganmodel.words import Message


class TrainingFailedError(KnownError, RuntimeError):
    """Training cannot continue; the message is one sentence for the user who started it."""


class StopTraining(Exception):  # noqa: N818  (a request, as StopIteration is, not an error)
    """Raised by `Controls` to end training cleanly after the current step."""


@dataclass(frozen=True)
class Steps:
    """An order to take manual steps while training is paused."""

    who: str  # "d", "g" or "both"
    times: int
    changes: Mapping[str, float] = field(default_factory=dict)  # knobs to set first
    # Called before each step with the number of steps taken and the images seen; False ends early.
    go_on: Callable[[int, int], bool] = lambda taken, images_seen: True


# Called before every step with the number of images seen. Returns the knobs to change, if any, or
# an order, after which it is called again. Training pauses while it blocks. It may raise
# StopTraining.
Controls = Callable[[int], Mapping[str, float] | Steps | None]

# Draws `count` pictures with averaged G: uint8 (count, C, S, S), and their labels (count,) if the
# pair is conditional, else None. The same count gives the same pictures while G is unchanged.
Draw = Callable[[int], tuple[Tensor, Tensor | None]]
# Measures the pictures that a Draw gives: JSON-serialisable values by name, except that `PAIRS` is
# a picture, uint8 (H, W, C), of copies above their originals, or None. The flag says that the
# moment is early, so that fewer pictures suffice.
PAIRS = "pairs_picture"
Evaluate = Callable[[Draw, bool], dict[str, Any]]


@dataclass
class Progress:
    """How far training has come, and what was settled or set on the way; JSON-plain."""

    images_seen: int = 0  # real images shown to D
    d_steps: int = 0
    steps_in_row: int = 0  # since the last row of the curves
    knobs: dict[str, float] = field(default_factory=dict)  # as they were set while it trained
    rate_scale: float = 1.0  # of both learning rates; halved at a rollback
    rollbacks: int = 0
    precision: str = "float32"  # in which it computes: "auto" until that is settled


@dataclass
class TrainState:
    """Everything that an exact resume needs: `tensors` by name, and the progress."""

    tensors: dict[str, Tensor]
    progress: Progress

    @property
    def images_seen(self) -> int:
        return self.progress.images_seen


@dataclass
class Snapshot:
    """The results due after `images_seen` real images; parts that are not due are None.

    The tensors are copies, which further training does not change.
    """

    images_seen: int
    row: dict[str, float | None] | None = None  # one row of the curves
    quality: dict[str, Any] | None = None  # result of `evaluate`; at 0, of the untrained networks
    samples: Tensor | None = None  # uint8 (N, C, H, W) for a grid, the same noise every time
    samples_raw: Tensor | None = None  # the same from raw G, if averaging is on
    weights: dict[str, Tensor] | None = None  # "G_ema.*", "G.*", "D.*"
    keep_weights: bool = False  # whether to keep them when newer ones are saved
    state: TrainState | None = None
    changed: dict[str, float] = field(default_factory=dict)  # knobs set just before the step
    report: dict[str, Any] | None = None  # what manual steps changed, or {"error": a message}
    rolled_back: Message | None = None  # why training was rolled back to `images_seen`
    # Before the first step: `precision`, `threads`, `device` and `torch`, on which the bits depend,
    # and `repeats`, whether a repetition gives the same bits.
    settled: dict[str, Any] | None = None
    ended: str | None = None  # "finished" or "stopped"
