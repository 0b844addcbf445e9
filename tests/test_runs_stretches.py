"""Recorded single steps and the rounds of the game: written, read again, refused when damaged."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from ganmodel.files import write_json
from ganmodel.runs import (
    Game,
    MeasuredStep,
    Round,
    Run,
    RunError,
    Stretch,
    create_run,
    list_stretches,
    read_game,
    read_stretch,
    write_game,
    write_stretch,
)
from ganmodel.ui.shared.bundled_runs import FIRST, BundledRuns
from ganmodel.ui.train.game import GameRounds
from tests.asking import answer_of, direct
from tests.support import MINE, tiny_config, tiny_images

STEPS = [
    MeasuredStep(picks=0.5 + 0.25 * k, gradient=1.5 * k, reals=[1.0, -k], drawn=[-0.5, 2.0 * k])
    for k in range(3)
]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return create_run(tmp_path / "weights" / "runs", tiny_config(), name=FIRST)


def stretch(who: str, channels: int = 1) -> Stretch:
    rows = 1 if who == "d" else len(STEPS)
    pictures = tiny_images(2 * rows, channels).view(rows, 2, channels, 28, 28)
    return Stretch(4096, who, STEPS, pictures)


@pytest.mark.parametrize("who", ["d", "g"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_stretch_is_read_as_it_was_written(run: Run, who: str, channels: int) -> None:
    written = stretch(who, channels)
    write_stretch(run, written)
    found = read_stretch(run, 4096, who)
    assert torch.equal(found.pictures, written.pictures)
    assert dataclasses.replace(found, pictures=written.pictures) == written
    assert list_stretches(run) == [(4096, who)]


def test_stretches_are_listed_in_order_and_without_whatever_else_lies_there(run: Run) -> None:
    assert list_stretches(run) == []
    for moment, who in ((32768, "d"), (4096, "g"), (4096, "d")):
        write_stretch(run, dataclasses.replace(stretch(who), moment=moment))
    run.path("stretches", "notes.json").write_text("{}")
    assert list_stretches(run) == [(4096, "d"), (4096, "g"), (32768, "d")]
    assert read_stretch(run, 32768, "g") is None
    assert read_stretch(run, 5, "d") is None


DAMAGE: list[Callable[[Any], Any]] = [
    lambda value: None,
    lambda value: [],
    lambda value: {**value, "side": 27},
    lambda value: {**value, "side": 0},
    lambda value: {**value, "side": "x"},
    lambda value: {"steps": value["steps"]},
    lambda value: {**value, "steps": []},
    lambda value: {**value, "steps": 5},
    lambda value: {**value, "steps": value["steps"][:2]},  # fewer than rows of pictures
    lambda value: {**value, "steps": [*value["steps"][:2], {}]},
    lambda value: {**value, "steps": [{**one, "picks": 1.5} for one in value["steps"]]},
    lambda value: {**value, "steps": [{**one, "gradient": None} for one in value["steps"]]},
    lambda value: {**value, "steps": [{**one, "drawn": ["x", 1]} for one in value["steps"]]},
    lambda value: {**value, "steps": [{**one, "drawn": []} for one in value["steps"]]},
    lambda value: {**value, "steps": [{**one, "reals": [1]} for one in value["steps"]]},
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_stretch_is_refused_with_a_sentence(
    run: Run, damage: Callable[[Any], Any]
) -> None:
    write_stretch(run, stretch("g"))
    path = run.path("stretches", "000004096-g.json")
    write_json(path, damage(json.loads(path.read_text())))
    with pytest.raises(RunError, match="4,096 images on cannot be read"):
        read_stretch(run, 4096, "g")


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_a_stretch_without_its_pictures_is_refused(run: Run, content: bytes | None) -> None:
    write_stretch(run, stretch("d"))
    sheet = run.path("stretches", "000004096-d.png")
    sheet.unlink()
    if content is not None:
        sheet.write_bytes(content)
    with pytest.raises(RunError, match="cannot be read"):
        read_stretch(run, 4096, "d")


# --- the game -------------------------------------------------------------------------------------


ROUNDS = [Round(moment=64, label=3, real=1.5, drawn=-0.25), Round(128, 9, -0.5, -0.25)]


def game() -> Game:
    return Game(ROUNDS, tiny_images(4))


def test_a_game_is_read_as_it_was_written(run: Run) -> None:
    assert read_game(run) is None
    write_game(run, game())
    found = read_game(run)
    assert found.rounds == ROUNDS
    assert torch.equal(found.pictures, game().pictures)


@pytest.mark.parametrize(
    "damage",
    [
        lambda value: None,
        lambda value: {**value, "rounds": []},
        lambda value: {**value, "rounds": value["rounds"] * 20},  # more than pictures
        lambda value: {**value, "rounds": [{**one, "label": -1} for one in value["rounds"]]},
        lambda value: {**value, "rounds": [{**one, "real": "1"} for one in value["rounds"]]},
        lambda value: {**value, "rounds": [{}]},
        lambda value: {**value, "side": 5},
    ],
)
def test_a_damaged_game_is_refused_with_a_sentence(run: Run, damage: Callable[[Any], Any]) -> None:
    write_game(run, game())
    write_json(run.path("game.json"), damage(json.loads(run.path("game.json").read_text())))
    with pytest.raises(RunError, match="rounds of the game cannot be read"):
        read_game(run)
    write_game(run, game())
    run.path("game.png").unlink()
    with pytest.raises(RunError, match="rounds of the game cannot be read"):
        read_game(run)


def test_one_answer_has_all_rounds_and_how_large_their_pictures_are(run: Run) -> None:
    write_game(run, game())
    part = GameRounds(BundledRuns(run.folder.parents[1]))
    found = answer_of(part.game, {"token": MINE})
    assert found["rounds"] == [
        {"moment": 64, "class": "3", "real": 1.5, "drawn": -0.25, "right": True},
        {"moment": 128, "class": "9", "real": -0.5, "drawn": -0.25, "right": False},
    ]
    assert found["side"] == 28
    with direct(part) as visitor:
        assert visitor.ask("game").json() == found


def test_without_a_game_and_of_unknown_classes_there_is_a_sentence(run: Run) -> None:
    part = GameRounds(BundledRuns(run.folder.parents[1]))
    with pytest.raises(RunError, match="No game comes along"):
        answer_of(part.game, {"token": MINE})
    write_game(run, Game([dataclasses.replace(ROUNDS[0], label=10)], tiny_images(2)))
    with pytest.raises(RunError, match="cannot be read"):
        answer_of(part.game, {"token": MINE})
