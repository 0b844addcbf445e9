"""The game "your turn: which one was drawn?" of the film that comes first.

Its pictures are among those of the recorded runs; see `http.static`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ganmodel.data import DATASETS
from ganmodel.runs import RunError, read_game
from ganmodel.ui.http.asks import Answer, Ask
from ganmodel.ui.http.visitors import Visitor
from ganmodel.ui.shared.bundled_runs import FIRST, BundledRuns


class WholeGame(Ask):
    """Nothing is asked: there is one game."""


class OneRound(Answer):
    """Two pictures of one class, at the images seen by D, which gives them the logits `real` and
    `drawn`; `right`: whether it finds the real one more real."""

    moment: int
    label: Annotated[str, Field(serialization_alias="class")]
    real: float
    drawn: float
    right: bool


class Rounds(Answer):
    """All rounds, earliest first; of round k, picture 2 k of the run's `SHEET` is real, and 2 k + 1
    was drawn by G, each `side` pixels high and wide."""

    rounds: list[OneRound]
    side: int


class GameRounds:
    """Sends all rounds at once, so that playing asks for nothing more."""

    def __init__(self, bundled: BundledRuns) -> None:
        self._bundled = bundled

    def game(self, visitor: Visitor, ask: WholeGame) -> Rounds:
        """All rounds."""
        run = self._bundled.run(FIRST)
        game = read_game(run) if run else None
        if run is None or game is None:
            raise RunError("no-game")
        named = DATASETS[run.config().dataset].classes
        if any(one.label >= len(named) for one in game.rounds):
            raise RunError("game-damaged")
        rounds = [
            OneRound(
                moment=one.moment,
                label=named[one.label],
                real=one.real,
                drawn=one.drawn,
                right=one.real > one.drawn,
            )
            for one in game.rounds
        ]
        return Rounds(rounds=rounds, side=game.pictures.shape[-1])
