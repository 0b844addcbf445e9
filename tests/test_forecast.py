"""What is said of a run on one's own pictures before it starts: every rule, at its limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ganmodel.ui.train.form.forecast import FOR_FEW, SHORT, forecast
from ganmodel.ui.train.form.settings_form import SettingsForm
from ganmodel.words import message, worded
from tests.asking import answer_of
from tests.support import MINE


def said(
    count: int = 300, images: int = 300_000, *, colour: bool = True, minutes: int | None = None
) -> str:
    time = None if minutes is None else message("form.about-minutes", n=minutes)
    return worded(forecast(count, 28, images, time, colour=colour))


def test_it_says_how_large_how_long_what_to_expect_and_what_the_count_means() -> None:
    assert said(minutes=2) == (
        "28 px, about 2 min here. Expect colours and shapes, not faces. 300 is few: some copies "
        "are likely."
    )


@pytest.mark.parametrize(
    ("count", "meaning"),
    [
        (16, "16 is very few"),
        (99, "99 is very few"),
        (100, "100 is few"),
        (999, "999 is few"),
        (1_000, "1,000 is enough"),
        (4_999, "4,999 is enough"),
        (5_000, "5,000 is plenty"),
    ],
)
def test_the_fewer_pictures_the_likelier_are_copies(count: int, meaning: str) -> None:
    assert meaning in said(count)


def test_a_short_run_promises_blurs_and_grey_pictures_no_colours() -> None:
    assert "blurs" in said(images=SHORT - 1)
    assert "blurs" not in said(images=SHORT)
    assert "colours" not in said(colour=False)
    assert "strokes" in said(colour=False)


def test_a_time_that_nobody_knows_is_not_told() -> None:
    assert said().startswith("28 px; how long it takes, its first seconds will tell.")


def test_the_form_tells_it_of_own_pictures_alone_and_suggests_the_recipe_for_few(
    tmp_path: Path,
) -> None:
    def told(count: int | None = None, **settings: Any) -> dict[str, Any]:
        ask = {"token": MINE, "settings": {"preset": "quick", **settings}, "count": count}
        return answer_of(SettingsForm(tmp_path).describe, ask)

    own = {"dataset": "upload:0123456789abcdef", "image_size": 32, "fit": "pad"}
    few = told(FOR_FEW - 1, **own)
    assert worded(few["forecast"]).startswith("32 px, about ")
    assert few["few"]
    assert "2,999 is enough" in worded(few["forecast"])
    assert not told(FOR_FEW, **own)["few"]
    assert (told(300)["forecast"], told(300)["few"]) == (None, False)  # MNIST is chosen
    assert (told(**own)["forecast"], told(**own)["few"]) == (None, False)  # none are there yet
