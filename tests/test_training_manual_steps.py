"""Steps by hand: what they change, what they leave alone, and that looking changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from ganmodel.snapshots import Snapshot, Steps, StopTraining
from ganmodel.training import Trainer, train
from ganmodel.training.manual_steps import take_steps
from ganmodel.words import worded
from tests.support import (
    bits,
    data_of,
    differing,
    grown_trainer,
    tiny_config,
    tiny_images,
    tiny_trainer,
    weights_in,
)

WHO = ("d", "g", "both")


def everything(trainer: Trainer) -> dict[str, Any]:
    state = trainer.capture()
    return {**{name: bits(t) for name, t in state.tensors.items()}, "facts": state.progress}


@pytest.mark.parametrize("norm_d", ["none", "spectral", "batch"])
@pytest.mark.parametrize("objective", ["non-saturating", "r3gan", "wgan"])
def test_looking_changes_nothing(norm_d: str, objective: str) -> None:
    """An order of no step looks before and after: no weight, statistic or random number moves."""
    if objective != "non-saturating" and norm_d == "batch":
        pytest.skip("refused together")
    trainer = tiny_trainer(objective=objective, norm_d=norm_d, network="small")
    trainer.step()
    before = everything(trainer)
    report = take_steps(trainer, Steps("both", 3, go_on=lambda taken, seen: False))
    assert everything(trainer) == before
    assert report["times"] == report["images"] == report["moved_g"] == report["moved_d"] == 0
    assert report["d_real"][0] == report["d_real"][1]
    assert trainer.G.training
    assert trainer.D.training


def test_steps_of_d_change_d_and_show_it_the_next_images_but_leave_g() -> None:
    trainer = grown_trainer()
    g, averaged, d = weights_in(trainer.G), trainer.G_ema.state_dict(), weights_in(trainer.D)
    averaged = {name: tensor.clone() for name, tensor in averaged.items()}
    statistics = {name: tensor.clone() for name, tensor in trainer.G.state_dict().items()}
    report = take_steps(trainer, Steps("d", 3))
    assert differing(g, weights_in(trainer.G)) == []
    assert differing(statistics, trainer.G.state_dict()) == []
    assert differing(averaged, trainer.G_ema.state_dict()) == []
    assert differing(d, weights_in(trainer.D)) == sorted(d)
    assert trainer.images_seen == report["images"] == 3 * 8
    assert trainer.progress.d_steps == 3
    assert report["moved_g"] == report["pictures_raw"] == 0
    assert report["moved_d"] > 0


@pytest.mark.parametrize("norm_d", ["none", "spectral", "batch"])
def test_steps_of_g_change_g_and_its_average_but_leave_d_and_the_count_of_images(
    norm_d: str,
) -> None:
    trainer = grown_trainer(norm_d=norm_d)
    trainer.step()
    g, d = weights_in(trainer.G), {k: t.clone() for k, t in trainer.D.state_dict().items()}
    seen = trainer.images_seen
    report = take_steps(trainer, Steps("g", 3))
    assert differing(d, trainer.D.state_dict()) == []
    assert differing(g, weights_in(trainer.G)) == sorted(g)
    assert trainer.images_seen == seen
    assert report["images"] == report["moved_d"] == 0
    assert report["moved_g"] > 0
    assert report["pictures_raw"] > 0


def test_both_by_hand_are_the_steps_that_training_takes() -> None:
    by_hand, straight = tiny_trainer(), tiny_trainer()
    take_steps(by_hand, Steps("both", 4))
    for _ in range(4):
        straight.step()
    assert everything(by_hand) == everything(straight)


def test_the_numbers_are_measured_on_the_same_pictures_before_and_after() -> None:
    """Recomputed: what a report says of after, the next one says of before."""
    trainer = grown_trainer()
    first = take_steps(trainer, Steps("d", 2))
    second = take_steps(trainer, Steps("d", 1))
    for name in ("d_real", "d_fake", "loss_d", "loss_g", "logit_real", "logit_fake"):
        assert first[name][1] == second[name][0]
    reals = tiny_images()[:64].float() / 127.5 - 1
    trainer.D.eval()
    with torch.no_grad():
        expected = torch.sigmoid(trainer.D(reals)).mean().item()
    assert second["d_real"][1] == pytest.approx(expected, rel=1e-5)


def test_d_alone_learns_to_tell_apart_and_g_alone_to_be_believed() -> None:
    trainer = grown_trainer(lr_g=1e-2, lr_d=1e-2)
    learned = take_steps(trainer, Steps("d", 20))
    apart = [learned["d_real"][k] - learned["d_fake"][k] for k in (0, 1)]
    assert apart[1] > apart[0]
    believed = take_steps(trainer, Steps("g", 20))
    assert believed["d_fake"][1] > believed["d_fake"][0]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(
    "chosen",
    [
        {"conditional": True},
        {"objective": "r3gan"},
        {"objective": "wgan-gp"},
        {"n_critic": 2},
        {"g_steps": 2},
    ],
    ids=str,
)
def test_every_kind_of_pair_can_step_by_hand(who: str, chosen: Mapping[str, Any]) -> None:
    trainer = tiny_trainer(**chosen)
    report = take_steps(trainer, Steps(who, 2))
    assert report["times"] == 2
    assert all(tensor.isfinite().all() for tensor in trainer.networks().values())


# --- in the loop ------------------------------------------------------------------------------


def run(orders: dict[int, list[Steps]], evaluate_every: int = 0, **options: Any) -> list[Snapshot]:
    waiting = {images: list(some) for images, some in orders.items()}

    def controls(images_seen: int) -> Any:
        if waiting.get(images_seen):
            return waiting[images_seen].pop(0)
        return None

    config = tiny_config(precision="float32", evaluate_every=evaluate_every)
    return list(train(config, data_of(tiny_images()), controls=controls, **options))


def test_an_order_is_carried_out_and_reported_and_training_goes_on_from_there() -> None:
    snapshots = run({32: [Steps("g", 2), Steps("d", 1)]})
    told = [s for s in snapshots if s.report]
    assert [(s.images_seen, s.report["who"]) for s in told] == [(32, "g"), (40, "d")]
    for snapshot in told:
        assert snapshot.state is not None
        assert snapshot.samples is not None
        assert snapshot.samples_raw is not None
    assert snapshots[-1].ended == "finished"
    rows = [s.images_seen for s in snapshots if s.row and not s.report]
    assert len(rows) == len(set(rows))


def test_after_an_order_a_row_and_the_distance_are_of_the_networks_as_they_are_then() -> None:
    """The row says what the report does; G that did not move is as far as it was."""
    measured: list[bool] = []

    def evaluate(draw: Any, early: bool) -> dict[str, Any]:
        measured.append(early)
        return {"fd": float(len(measured))}

    none = Steps("both", 1, go_on=lambda *_: False)
    orders = {32: [Steps("g", 2), Steps("d", 1)], 40: [none]}
    told = [s for s in run(orders, evaluate=evaluate, evaluate_every=1024) if s.report]
    assert [s.row and s.row["by_hand"] for s in told] == [2, 1, None]
    for name in ("loss_d", "loss_g", "d_real", "d_fake", "picks", "diversity"):
        assert told[1].row[name] == told[1].report[name][1]
    assert [s.quality is not None for s in told] == [True, False, False]


def test_going_on_from_the_state_after_an_order_gives_the_same_bits() -> None:
    orders = {32: [Steps("g", 3)], 64: [Steps("d", 2)]}
    straight = run(orders)
    for told in (s for s in straight if s.report):
        left = {m: some for m, some in orders.items() if m > told.images_seen}
        resumed = run(left, state=told.state)
        assert differing(straight[-1].weights, resumed[-1].weights) == []


def test_knobs_that_come_with_an_order_are_set_first() -> None:
    told = [s for s in run({32: [Steps("d", 1, changes={"lr_d": 0.0})]}) if s.report]
    assert told[0].report["moved_d"] == 0
    assert told[0].changed == {"lr_d": 0.0}


def test_steps_that_break_the_networks_are_undone_and_told_of() -> None:
    """With D's weights far too large for float32, one step of D is infinite."""
    pair_config = tiny_config(objective="lsgan", optimizer="sgd", lr_d=1.0)
    asked: list[int] = []

    def controls(images_seen: int) -> Any:
        asked.append(images_seen)
        if images_seen == 0 and len(asked) == 1:
            return Steps("d", 100)
        raise StopTraining

    images = tiny_images()
    fresh = Trainer(pair_config, data_of(images)).networks()
    wild = {
        name: 30 * tensor if name.startswith("D.") else tensor for name, tensor in fresh.items()
    }
    snapshots = list(train(pair_config, data_of(images), controls=controls, start=wild))
    told = next(s for s in snapshots if s.report)
    assert worded(told.report["error"]).endswith("lower the rates first.")
    assert told.state is None
    assert snapshots[-1].images_seen == 0
    assert differing(snapshots[-1].weights, wild) == []
