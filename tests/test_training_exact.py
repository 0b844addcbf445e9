"""A training continued from a saved state gives the same bits as one that never stopped.

Knobs and the way back from numbers that are none are here too: both must be exact as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from torch import Tensor

from ganmodel.config import RunConfig
from ganmodel.objectives import OBJECTIVES
from ganmodel.snapshots import Snapshot, StopTraining, TrainingFailedError
from ganmodel.training import train
from ganmodel.words import worded
from tests.support import (
    differing,
    grown_trainer,
    rows_of,
    run_through,
    states_of,
    tiny_config,
    tiny_data,
    tiny_images,
    tiny_trainer,
    under,
)


def _final(config: RunConfig, **options: Any) -> dict[str, Tensor]:
    return run_through(config, **options)[-1].state.tensors


# --- exact continuation ----------------------------------------------------------------------

CHOICES: dict[str, dict[str, Any]] = {
    **{name: {"objective": name} for name in OBJECTIVES},
    "sgd momentum": {"optimizer": "sgd", "momentum": 0.9, "lr_g": 0.01, "lr_d": 0.01},
    "rmsprop": {"optimizer": "rmsprop"},
    "lazy R1 and R2": {"n_critic": 2, "r1_gamma": 0.2, "r2_gamma": 0.1, "r1_every": 3},
    "steps of G": {"g_steps": 3, "norm_d": "spectral"},
    "no average": {"ema_half_life": 0},
    "falling rates": {"lr_hold": 24},
    "batch norm": {"norm_d": "batch"},
    "spectral": {"norm_d": "spectral", "r1_gamma": 0.2, "r1_every": 2},
    "augment": {"augment": "translation+cutout"},
    "augment r3gan": {"augment": "cutout", "objective": "r3gan"},
    "conditional": {"conditional": True},
    "conditional hinge": {"conditional": True, "objective": "hinge", "optimizer": "rmsprop"},
    "residual wgan": {"network": "residual", "objective": "wgan"},
    "bf16 r3gan": {"precision": "bf16", "objective": "r3gan"},
}


@pytest.mark.parametrize("chosen", CHOICES.values(), ids=CHOICES)
def test_continuing_from_a_saved_state_gives_the_same_bits(chosen: dict[str, Any]) -> None:
    """50 images: an epoch ends within a batch, so the place in the data matters too."""
    config, images = tiny_config(**chosen), tiny_images(50)
    straight = run_through(config, images)
    early, _, late, *_ = states_of(straight)
    assert early.images_seen < late.images_seen < straight[-1].images_seen
    for state in (early, late):
        resumed = run_through(config, images, state=state)
        assert differing(straight[-1].state.tensors, resumed[-1].state.tensors) == []
        assert straight[-1].state.progress == resumed[-1].state.progress
        later = [row for row in rows_of(straight) if row[0] > state.images_seen]
        assert rows_of(resumed) == later
    moved = differing(early.tensors, straight[-1].state.tensors)
    assert len(moved) > len(early.tensors) / 2  # it is not that nothing was learned


@pytest.mark.parametrize(
    "chosen",
    [{}, {"r1_gamma": 0.2, "r1_every": 1}, {"objective": "wgan-gp", "n_critic": 1}],
    ids=str,
)
def test_stopping_within_a_row_and_continuing_gives_the_same_bits(chosen: dict[str, Any]) -> None:
    """The sums of a row begun are part of the state, those of its penalties too."""
    config = tiny_config(**chosen)
    straight = run_through(config)
    stopped = run_through(config, controls=_stop_at(40))
    assert (stopped[-1].images_seen, stopped[-1].ended) == (40, "stopped")
    resumed = run_through(config, state=stopped[-1].state)
    assert differing(straight[-1].state.tensors, resumed[-1].state.tensors) == []
    assert rows_of(straight) == rows_of(stopped) + rows_of(resumed)


def test_sums_of_an_edition_that_averaged_less_are_padded() -> None:
    """Its checkpoints hold one number for each average that it knew."""
    trainer, state = (
        tiny_trainer(),
        states_of(run_through(tiny_config(), controls=_stop_at(40)))[-1],
    )
    known = state.tensors["sums"][:3]
    state.tensors["sums"] = known
    trainer.restore(state)
    assert known.any()
    assert trainer.row.averaged.tolist() == [*known.tolist(), 0.0]
    trainer.step()
    assert trainer.take_row()["loss_d"] != 0


def _stop_at(images: int) -> Callable[[int], None]:
    def controls(images_seen: int) -> None:
        if images_seen >= images:
            raise StopTraining

    return controls


def test_a_stop_before_the_first_step_saves_the_untrained_networks() -> None:
    snapshots = run_through(tiny_config(), controls=_stop_at(0))
    assert [s.ended for s in snapshots if s.samples is not None] == [None, "stopped"]
    assert snapshots[-1].state.images_seen == 0


# --- knobs -----------------------------------------------------------------------------------


def _setting(changes: dict[int, dict[str, float]]) -> Callable[[int], dict[str, float] | None]:
    return lambda images_seen: changes.get(images_seen)


def test_a_knob_that_was_set_acts_from_its_step_on() -> None:
    plain = run_through(tiny_config())
    changed = run_through(tiny_config(), controls=_setting({64: {"lr_g": 0.0}}))
    assert [(s.images_seen, s.changed) for s in changed if s.changed] == [(64, {"lr_g": 0.0})]

    def at(snapshots: list[Snapshot], images: int) -> dict[str, Tensor]:
        return next(s.state.tensors for s in snapshots if s.images_seen == images and s.state)

    learned = [name for name in at(plain, 64) if name.startswith("G.") and "weight" in name]
    assert differing(at(plain, 64), at(changed, 64)) == []
    assert not set(differing(at(changed, 64), at(changed, 128))) & set(learned)
    assert set(differing(at(plain, 64), at(plain, 128))) >= set(learned)


def test_a_changed_n_critic_changes_how_images_are_counted() -> None:
    seen: list[int] = []

    def controls(images_seen: int) -> dict[str, float] | None:
        seen.append(images_seen)
        return {"n_critic": 3} if images_seen == 16 else None

    run_through(tiny_config(images=64), controls=controls)
    assert seen == [0, 8, 16, 40]


def test_a_state_remembers_its_changed_knobs() -> None:
    """Set at 16, saved at 32: who continues from 32 sets nothing and gets the same bits."""
    config = tiny_config()
    knobs = {"lr_g": 5e-3, "lr_d": 2e-4, "r1_gamma": 0.5, "n_critic": 2}
    straight = run_through(config, controls=_setting({16: knobs}))
    for state in states_of(straight)[:-1]:
        resumed = run_through(config, state=state)
        assert differing(straight[-1].state.tensors, resumed[-1].state.tensors) == []
    assert differing(straight[-1].state.tensors, _final(config)) != []


@pytest.mark.parametrize(
    ("chosen", "knobs"),
    [
        ({}, {"r1_gamma": 5.0}),
        ({}, {"r2_gamma": 5.0}),
        ({"objective": "wgan-gp"}, {"gp_weight": 50.0}),
        ({"objective": "r3gan"}, {"r1_gamma": 3.0, "r2_gamma": 7.0}),
    ],
    ids=str,
)
def test_a_changed_penalty_is_that_of_a_run_that_had_it_all_along(
    chosen: dict[str, Any], knobs: dict[str, float]
) -> None:
    """Set before the first step, it equals the setting; set later, it is another run."""
    chosen = {"r1_every": 1, "images": 64, **chosen}
    config = tiny_config(**chosen)
    had = under(_final(tiny_config(**{**chosen, **knobs})), "D")
    at_once = under(_final(config, controls=_setting({0: knobs})), "D")
    changed = under(_final(config, controls=_setting({32: knobs, 48: knobs})), "D")
    never = under(_final(config), "D")
    assert differing(had, at_once) == []
    assert differing(had, changed) != []
    assert differing(never, changed) != []


# --- numbers that are none -------------------------------------------------------------------

WILD = {"optimizer": "sgd", "lr_g": 1.0, "lr_d": 1.0, "momentum": 0.9}


def _grown() -> dict[str, Tensor]:
    """Weights to begin with; from these, `WILD` diverges within 10 steps, at half its rates too."""
    return grown_trainer().networks()


def test_divergence_goes_back_once_with_halved_rates_and_then_fails() -> None:
    snapshots = []
    with pytest.raises(TrainingFailedError) as caught:
        snapshots.extend(train(tiny_config(images=4096, **WILD), tiny_data(), start=_grown()))
    back = [s for s in snapshots if s.rolled_back]
    assert len(back) == 1
    good = [s.images_seen for s in snapshots[: snapshots.index(back[0])] if s.state]
    assert back[0].images_seen == good[-1]
    said = worded(back[0].rolled_back)
    assert "halved rates" in said
    assert f"{good[-1]:,} images" in said
    message = str(caught.value)
    assert "became" in message
    assert "images, again after its rates were halved" in message
    assert "Lower the learning rates" in message
    for snapshot in snapshots:  # nothing broken was handed out
        for part in (snapshot.weights, snapshot.state.tensors if snapshot.state else None):
            assert all(t.isfinite().all() for t in (part or {}).values())
        row = snapshot.row or {}
        assert all(math.isfinite(v) for name, v in row.items() if name != "penalty")


def test_training_goes_on_from_the_last_good_state_at_half_its_rates() -> None:
    """Wild rates are set at 128 and, after the way back, tame ones."""
    changes = iter([{"lr_d": 1.0, "lr_g": 1.0}, {"lr_d": 2e-3, "lr_g": 2e-3}])
    calm = {"optimizer": "sgd", "momentum": 0.9, "lr_g": 2e-3, "lr_d": 2e-3, "save_every": 128}

    def controls(images_seen: int) -> dict[str, float] | None:
        return next(changes) if images_seen == 128 else None

    config = tiny_config(images=384, **calm)
    snapshots = run_through(config, start=_grown(), controls=controls)
    assert [s.images_seen for s in snapshots if s.rolled_back] == [128]
    assert snapshots[-1].ended == "finished"
    assert snapshots[-1].state.progress.rollbacks == 1
    # As if it had been at 128 with half the rates in the first place.
    changed = _setting({128: {"lr_g": 1e-3, "lr_d": 1e-3}})
    plain = run_through(config, start=_grown(), controls=changed)
    assert differing(plain[-1].state.tensors, snapshots[-1].state.tensors) == []


@pytest.mark.parametrize("images", [200, 204])
def test_a_run_never_finishes_with_broken_weights(images: int) -> None:
    """Divergence within a last, unfinished row is noticed too."""
    config = tiny_config(images=images, log_every=1000, **WILD)
    with pytest.raises(TrainingFailedError, match="images"):
        run_through(config, start=_grown())


@pytest.mark.parametrize("part", ["G", "D", "averaged G"])
def test_weights_that_break_in_the_last_step_are_noticed(part: str) -> None:
    """No row tells of these: each starts out broken where neither a loss nor a slope passes."""
    prefix = {"averaged G": "G_ema"}.get(part, part)
    name = {"G": "layers.2.running_var", "D": "layers.3.running_var"}.get(part, "layers.2.weight")
    name = f"{prefix}.{name}"
    start = grown_trainer(norm_d="batch").networks()
    start[name].fill_(math.inf)
    config = tiny_config(norm_d="batch", images=8, log_every=1000)
    with pytest.raises(TrainingFailedError, match=f"a weight of {part} became infinite"):
        run_through(config, start=start)
