"""The values that pass between `training` and whoever runs it: snapshots out, orders in.

Only their types live here, so that `recording` can write a training without importing its code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


class TrainingFailedError(RuntimeError):
    """Training cannot go on; the message is one sentence for the person who started it."""


class StopTraining(Exception):  # noqa: N818  (a request, as StopIteration is, not an error)
    """Raised by `Controls` to end training cleanly after the current step."""


@dataclass(frozen=True)
class Steps:
    """An order to take steps by hand while training is paused."""

    who: str  # "d", "g" or "both"
    times: int
    changes: Mapping[str, float] = field(default_factory=dict)  # knobs to set first
    # Called before each step with how many were taken and the images seen; False ends them early.
    go_on: Callable[[int, int], bool] = lambda taken, images_seen: True


# Called before every step with the number of images seen. Returns the knobs to change, if any, or
# an order, after which it is called again. It may block, which is a pause, and may raise
# StopTraining.
Controls = Callable[[int], Mapping[str, float] | Steps | None]

# Draws that many pictures with averaged G: uint8 (count, C, S, S), and their labels (count,) where
# the pair is conditional, else None. The same number gives the same pictures while G is the same.
Draw = Callable[[int], tuple[Tensor, Tensor | None]]
# Measures the pictures that a Draw gives: JSON-plain values by name, except that `PAIRS` is a
# picture, uint8 (H, W, C), of copies above their originals, or None. The flag says that training is
# at an early moment, where fewer pictures will do.
PAIRS = "pairs_picture"
Evaluate = Callable[[Draw, bool], dict[str, Any]]


@dataclass
class TrainState:
    """Everything an exact resume needs: `tensors` by name, and JSON-plain `facts`."""

    tensors: dict[str, Tensor]
    facts: dict[str, Any]

    @property
    def images_seen(self) -> int:
        return self.facts["images_seen"]


@dataclass
class Snapshot:
    """What is new after `images_seen` real images; a part that is not due now is None.

    The tensors are copies: they stay as they are while training goes on.
    """

    images_seen: int
    row: dict[str, float | None] | None = None  # one row of the curves
    quality: dict[str, Any] | None = None  # what `evaluate` found; at 0, of untrained networks
    samples: Tensor | None = None  # uint8 (N, C, H, W) for a grid, the same noise every time
    samples_raw: Tensor | None = None  # the same of raw G, where averaged G is another
    weights: dict[str, Tensor] | None = None  # "G_ema.*", "G.*", "D.*"
    keep_weights: bool = False  # whether they stay when newer ones come
    state: TrainState | None = None
    changed: dict[str, float] = field(default_factory=dict)  # knobs set just before the step
    report: dict[str, Any] | None = None  # what steps by hand changed, or {"error": a sentence}
    rolled_back: str | None = None  # why training went back to `images_seen`
    # How it computes, before the first step: `precision`, `threads`, `device` and `torch`, on which
    # the bits depend, and whether they `repeats`.
    settled: dict[str, Any] | None = None
    ended: str | None = None  # "finished" or "stopped"
