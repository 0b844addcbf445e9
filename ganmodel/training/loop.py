"""The training loop: `train` yields a `Snapshot` when something is to be shown or saved.

When something is due is decided in `schedule`, what a step does in `step`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from ganmodel.config import RunConfig
from ganmodel.data import Data, DataError
from ganmodel.latents import labels_like, noise
from ganmodel.schedule import (
    EARLY_UNTIL,
    crosses,
    first_evaluations,
    history_moment,
    sample_moment,
    whole_rows,
)
from ganmodel.snapshots import (
    Controls,
    Draw,
    Evaluate,
    Snapshot,
    Steps,
    StopTraining,
    TrainingFailedError,
    TrainState,
)
from ganmodel.training.manual_steps import row_of, take_steps
from ganmodel.training.passes import sample_images
from ganmodel.training.trainer import Trainer
from ganmodel.words import Message, message

DRAWN_AT_ONCE = 250  # pictures in one forward pass of an evaluation; more was slower


def train(
    config: RunConfig,
    data: Data,
    *,
    trainer: Trainer | None = None,
    state: TrainState | None = None,
    start: Mapping[str, Tensor] | None = None,
    controls: Controls | None = None,
    evaluate: Evaluate | None = None,
    device: torch.device | None = None,
) -> Iterator[Snapshot]:
    """Trains G against D until `config.images` real images have been shown to D.

    Args:
        data: all of it; each image is seen once before any is again.
        trainer: made of the same config and data; `start` and `device` are its own then. Made here
            if not given.
        state: from an earlier `Snapshot.state` of the same config; training goes on from there.
        start: networks to begin with instead of fresh ones: `G_ema.*`, `G.*`, `D.*` by name.
        controls: see `snapshots.Controls`.
        evaluate: called every `config.evaluate_every` images, and from edition 2 on some times
            before that, with a `snapshots.Draw` of averaged G; what it returns comes as
            `Snapshot.quality`. At 0 images, after the first pictures of a fresh run, averaged G is
            that of untrained networks, whatever the run starts from. It never changes the training.
        device: where to compute; the processor if not given.

    Yields:
        Snapshots in the order of images seen. A fresh run's first one shows the untrained networks;
        before the first step one says how steps are computed, in `settled`. There is a row where
        the images seen pass a multiple of `config.log_every`, and after steps by hand: at the
        images seen then, the same as the row before where only G learned. A run that ends between
        two multiples has a last row over the steps since the last one; its final state keeps their
        sums, so that a longer run gets the whole row. After a step with a non-finite result,
        training goes back once to the last good state with halved rates and says so in
        `rolled_back`; rows after that moment are void.

    Raises:
        DataError: a conditional pair is asked for, but the data has no classes.
        TrainingFailedError: a non-finite result again after going back.
    """
    _check_data(config, data)
    trainer = trainer or Trainer(config, data, start=start, device=device)
    if state is not None:
        trainer.restore(state)
    else:
        yield _snapshot(trainer, samples=True, weights=True, keep_weights=True)
    yield Snapshot(trainer.images_seen, settled=trainer.settle())
    last_good = state or trainer.capture()
    controls = controls or (lambda images_seen: None)
    draw = _draw(trainer, data)
    # In whole rows, so that whatever is saved or measured has a row at its moment.
    save_every = whole_rows(config.save_every, config.log_every)
    evaluate_every = whole_rows(config.evaluate_every, config.log_every)
    measures = evaluate is not None and evaluate_every > 0
    measures_early = measures and config.edition >= 2
    firsts = first_evaluations(evaluate_every, config.log_every) if measures_early else set()
    if state is None and measures_early:
        # This second trainer is freed at once: it takes as much memory as the first.
        untrained = _draw(trainer if start is None else Trainer(config, data, device=device), data)
        yield Snapshot(trainer.images_seen, quality=evaluate(untrained, True))
        del untrained

    while trainer.images_seen < config.images:
        try:
            order = controls(trainer.images_seen)
        except StopTraining:
            # Weights that became non-finite since the last row are not saved.
            sound = _unsound(trainer) is None
            state = trainer.capture() if sound else None
            yield _snapshot(trainer, samples=sound, weights=sound, state=state, ended="stopped")
            return
        if isinstance(order, Steps):
            snapshot = _by_hand(trainer, order)
            if measures and snapshot.row is not None and order.who != "d":
                early = measures_early and trainer.images_seen < EARLY_UNTIL
                snapshot.quality = evaluate(draw, early)
            if snapshot.state is not None:
                last_good = snapshot.state
            yield snapshot
            continue
        if changed := dict(order or {}):
            trainer.set_knobs(changed)
            yield Snapshot(trainer.images_seen, changed=changed)

        before = trainer.images_seen
        after = before + trainer.images_per_step
        last = after >= config.images  # always a row, so that no run finishes with broken weights
        row_ends = crosses(before, after, config.log_every)
        row_due = last or row_ends
        save_due = crosses(before, after, save_every)
        measure_due = measures and (
            last
            or crosses(before, after, evaluate_every)
            or any(before < moment <= after for moment in firsts)
        )
        early = measures_early and after < EARLY_UNTIL and not last
        trainer.step(measure=row_due)
        if not row_due:
            continue

        row = trainer.take_row(ends=row_ends)
        trouble = _trouble(row, trainer if save_due or last else None)
        if trouble:
            yield _go_back(trainer, last_good, trouble)
            last_good = trainer.capture()
            continue
        moment = history_moment(before, trainer.images_seen, config.log_every)
        if save_due:
            last_good = trainer.capture()
        yield _snapshot(
            trainer,
            row=row,
            quality=evaluate(draw, early) if measure_due else None,
            samples=sample_moment(
                before, trainer.images_seen, config.log_every, trained=bool(config.start_from)
            ),
            weights=save_due or moment or measure_due,  # what was measured may be the best
            keep_weights=moment,
            state=last_good if save_due else None,
        )

    yield _snapshot(
        trainer,
        samples=True,
        weights=True,
        keep_weights=True,
        state=trainer.capture(),
        ended="finished",
    )


def _check_data(config: RunConfig, data: Data) -> None:
    if config.conditional and len(data.classes) < 2:
        raise DataError("no-classes-to-learn", name=data.name)


def _snapshot(
    trainer: Trainer, samples: bool = False, weights: bool = False, **parts: Any
) -> Snapshot:
    return Snapshot(
        trainer.images_seen,
        samples=trainer.samples() if samples else None,
        samples_raw=trainer.samples(raw=True) if samples and trainer.config.ema_half_life else None,
        weights=trainer.networks() if weights else None,
        **parts,
    )


def _by_hand(trainer: Trainer, order: Steps) -> Snapshot:
    """Carries out an order; steps that made a weight non-finite are undone and reported."""
    before = trainer.capture()
    if order.changes:
        trainer.set_knobs(order.changes)
    report = take_steps(trainer, order)
    trouble = _unsound(trainer)
    if trouble is None:
        return _snapshot(
            trainer,
            row=row_of(report) if report["times"] else None,
            samples=True,
            weights=True,
            state=trainer.capture(),
            changed=dict(order.changes),
            report=report,
        )
    knobs = trainer.progress.knobs
    trainer.restore(before)
    trainer.set_knobs(knobs)
    undone = message("run.steps-undone", trouble=trouble)
    return Snapshot(trainer.images_seen, changed=dict(order.changes), report={"error": undone})


def _draw(trainer: Trainer, data: Data) -> Draw:
    """A `Draw` of averaged G from seeds 0, 1, 2, …: the same noise at every evaluation."""
    known = noise(range(0), trainer.spec.z_dim)

    def draw(count: int) -> tuple[Tensor, Tensor | None]:
        nonlocal known
        if len(known) < count:  # making noise by seeds takes longer than drawing from it
            known = noise(range(count), trainer.spec.z_dim)
        z, labels = known[:count], None
        if trainer.spec.classes:
            labels = labels_like(data.labels, count)
        parts = [
            sample_images(
                trainer.G_ema,
                z[first : first + DRAWN_AT_ONCE],
                None if labels is None else labels[first : first + DRAWN_AT_ONCE],
            )
            for first in range(0, count, DRAWN_AT_ONCE)
        ]
        return torch.cat(parts), labels

    return draw


def _go_back(trainer: Trainer, good: TrainState, trouble: Message) -> Snapshot:
    """Goes back to `good`.

    Raises:
        TrainingFailedError: training went back before.
    """
    seen = trainer.images_seen
    if good.progress.rollbacks:
        raise TrainingFailedError("diverges", trouble=trouble, seen=seen)
    trainer.go_back(good)
    back = trainer.images_seen
    return Snapshot(
        back, rolled_back=message("run.went-back", trouble=trouble, seen=seen, back=back)
    )


def _trouble(row: Mapping[str, float | None], trainer: Trainer | None) -> Message | None:
    """What is not finite, as a part of a sentence; the weights of `trainer` are checked too."""
    for name in ("loss_d", "loss_g", "grad_d", "grad_g"):
        if not math.isfinite(row[name]):
            return message("run.not-finite", name=name, value=str(row[name]))
    return _unsound(trainer) if trainer is not None else None


def _unsound(trainer: Trainer) -> Message | None:
    networks = {
        "run.unsound.g": trainer.G,
        "run.unsound.d": trainer.D,
        "run.unsound.averaged-g": trainer.G_ema,
    }
    for trouble, network in networks.items():
        if not all(tensor.isfinite().all() for tensor in network.state_dict().values()):
            return message(trouble)
    return None
