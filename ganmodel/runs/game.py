"""The game of a recorded run: at moments from early to late, a real picture beside one of G's, and
what D thinks of both.

Two files: game.json has D's logits by round, game.png the pictures, unscaled and without gaps: of
each round the real one, then G's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ganmodel.files import read_json, write_bytes, write_json
from ganmodel.images import UNREADABLE, grid, pictures_in, png
from ganmodel.runs.checked import count, number
from ganmodel.runs.folder import Run, RunError

DESCRIBED, SHEET = "game.json", "game.png"
COLUMNS = 20  # of the sheet


@dataclass(frozen=True)
class Round:
    """Two pictures of the class `label`, and D's logits of them at a moment: `real` and `drawn`."""

    moment: int  # images seen
    label: int
    real: float
    drawn: float


@dataclass(frozen=True)
class Game:
    """The rounds, earliest first; `pictures` are uint8 `(2 · rounds, C, S, S)`, as in the sheet."""

    rounds: Sequence[Round]
    pictures: Tensor


def read_game(run: Run) -> Game | None:
    """A run's game; None where it has none.

    Raises:
        RunError: its files are damaged, or one of them is missing.
    """
    if not run.path(DESCRIBED).exists():
        return None
    value = read_json(run.path(DESCRIBED))
    try:
        rounds = [_checked(one) for one in value["rounds"]]
        pictures = pictures_in(run.path(SHEET).read_bytes(), value["side"])[: 2 * len(rounds)]
        if not rounds or len(pictures) != 2 * len(rounds):
            raise ValueError
    except (*UNREADABLE, KeyError, TypeError):
        raise RunError("game-damaged") from None
    return Game(rounds, pictures)


def write_game(run: Run, game: Game) -> None:
    """Writes a game, the pictures first.

    Raises:
        OSError: the run's folder cannot be written.
    """
    write_bytes(run.path(SHEET), png(grid(game.pictures, COLUMNS, padding=0)))
    rounds = [dataclasses.asdict(one) for one in game.rounds]
    write_json(run.path(DESCRIBED), {"side": game.pictures.shape[-1], "rounds": rounds})


def _checked(value: Any) -> Round:
    counts = [count(value["moment"]), count(value["label"])]
    logits = [number(value["real"]), number(value["drawn"])]
    if None in counts or None in logits:
        raise ValueError
    return Round(*counts, *logits)
