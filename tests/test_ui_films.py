"""The recorded runs that come along: listed, watched, compared, and gone through in time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganmodel.images import png
from ganmodel.latents import noise
from ganmodel.runs import RunError
from ganmodel.sampling import Sampler
from ganmodel.ui.desk import Desk
from ganmodel.ui.easel import Easel
from ganmodel.ui.films import FILM, Films
from ganmodel.ui.recipes import Recipes, recipe_of
from ganmodel.ui.shelf import Shelf
from ganmodel.ui.studio import Studio
from ganmodel.ui.watching import Watch
from tests.support import MINE, OTHER


@pytest.fixture
def watch(finished: Path, shipped: Path) -> Watch:
    return Watch(Desk(finished), Films(shipped))


def ask(**more: Any) -> dict[str, Any]:
    return {"token": MINE, "generator": "shipped:mnist", "place": "stops=3,8", **more}


def test_the_first_generator_and_the_first_film_are_those_a_first_visitor_should_see(
    shipped: Path,
) -> None:
    films = Films(shipped)
    assert [path.stem for path in films.generators()] == ["mnist-classes", "broken", "mnist"]
    assert [run.name for run in films.all()] == ["mnist"]
    assert films.run("shipped/mnist").folder == films.run("mnist").folder
    assert films.run("mnist-classes") is None
    assert films.run(None) is None


def test_everybody_watches_a_film_and_opens_its_generator(watch: Watch) -> None:
    news = watch.watch({"token": OTHER, "run": FILM + "mnist"})
    assert (news["state"], news["own"], news["generator"]) == ("finished", False, "shipped:mnist")
    assert news["about"]["films"] == [[FILM + "mnist", watch.films.run("mnist").title()]]
    own = watch.watch({"token": MINE, "run": "mine"})
    assert own["generator"] == "run:mine"
    assert own["about"]["films"] == []


def test_a_shipped_generator_goes_back_through_the_film_that_it_came_from(easel: Easel) -> None:
    told = easel.describe(ask())
    assert told["moments"] == [0, 3, 7]
    assert told["files"] == [
        "weights/runs/mnist/weights/000000000.safetensors",
        "weights/runs/mnist/weights/000000003.safetensors",
        "weights/mnist.safetensors",
    ]
    drawn = []
    for moment, file in zip(told["moments"], told["files"], strict=True):
        standing = easel.standing(ask(moment=moment))
        direct = Sampler.load(easel.films.shipped.parent / file).draw(noise([3], 4))
        drawn.append(standing.draw(noise([3], 4)))
        assert np.array_equal(drawn[-1], direct)
        assert easel.draw(ask(moment=moment))["moment"] == moment
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[1], drawn[2])
    answer = Studio(easel).moments(ask(moment=None))
    assert answer.headers["X-Moments"] == "[0, 3, 7]"


def test_a_generator_without_a_film_has_one_moment(easel: Easel) -> None:
    assert easel.describe(ask(generator="shipped:mnist-classes"))["moments"] == [7]


@pytest.mark.parametrize("moment", [0, None])
def test_a_picture_of_a_film_leads_back_to_its_moment(easel: Easel, moment: int | None) -> None:
    standing = easel.standing(ask(moment=moment))
    content = png(standing.draw(noise([3], 4))[0], recipe_of(standing))
    found = Recipes(easel).recall({"token": OTHER, "content": content})
    assert (found["generator"], found["moment"]) == ("shipped:mnist", moment)


def test_films_are_listed_beside_own_runs_and_compared_with_them(watch: Watch) -> None:
    shelf = Shelf(watch.desk, watch)
    found = shelf.runs_of({"token": MINE})
    assert [card["name"] for card in found["runs"]] == ["mine"]
    assert [card["name"] for card in found["films"]] == [FILM + "mnist"]
    compared = shelf.compare({"token": MINE, "runs": ["mine", FILM + "mnist"]})
    assert [run["name"] for run in compared["runs"]] == ["mine", FILM + "mnist"]
    assert "length" in {row["label"] for row in compared["differing"]}


@pytest.mark.parametrize("action", ["rename", "delete", "link", "resume"])
def test_nobody_changes_a_film(watch: Watch, action: str) -> None:
    shelf = Shelf(watch.desk, watch)
    for name in (FILM + "mnist", "mnist"):
        with pytest.raises(RunError, match="no such run"):
            shelf.file({"token": MINE, "run": name, "action": action, "title": "x"})
