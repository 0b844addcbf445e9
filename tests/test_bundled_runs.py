"""The recorded runs that come along: listed, watched, compared, and gone through in time."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganmodel.images import png
from ganmodel.latents import noise
from ganmodel.runs import RunError
from ganmodel.sampling import Sampler
from ganmodel.ui.http.offers import Offers
from ganmodel.ui.playground.drawing import Drawing
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.playground.place_in_png import Recall, entries_for
from ganmodel.ui.playground.renders import Renders
from ganmodel.ui.runs_drawer.run_list import RunList
from ganmodel.ui.shared.bundled_runs import BUNDLED, BundledRuns
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from tests.asking import answer_of, resolved
from tests.support import MINE, OTHER


@pytest.fixture
def view(finished: Path, shipped: Path) -> RunView:
    return RunView(RunControl(finished), BundledRuns(shipped))


def ask(**more: Any) -> dict[str, Any]:
    return {"token": MINE, "generator": "shipped:mnist", "place": "stops=3,8", **more}


def test_the_first_generator_and_the_first_film_are_those_a_first_visitor_should_see(
    shipped: Path,
) -> None:
    bundled = BundledRuns(shipped)
    assert [path.stem for path in bundled.generators()] == ["mnist-classes", "broken", "mnist"]
    assert [run.name for run in bundled.all()] == ["mnist"]
    assert bundled.run("shipped/mnist").folder == bundled.run("mnist").folder
    assert bundled.run("mnist-classes") is None
    assert bundled.run(None) is None


def test_everybody_watches_a_film_and_opens_its_generator(view: RunView) -> None:
    news = answer_of(view.watch, {"token": OTHER, "run": BUNDLED + "mnist"})
    assert (news["state"], news["own"], news["generator"]) == ("finished", False, "shipped:mnist")
    assert news["about"]["bundled"] == [[BUNDLED + "mnist", "mnist · quick"]]
    own = answer_of(view.watch, {"token": MINE, "run": "mine"})
    assert own["generator"] == "run:mine"
    assert own["about"]["bundled"] == []


def test_a_shipped_generator_goes_back_through_the_film_that_it_came_from(
    generators: Generators,
) -> None:
    told = answer_of(generators.generator, ask())
    assert told["moments"] == [0, 3, 7]
    assert told["files"] == [
        "weights/runs/mnist/weights/000000000.safetensors",
        "weights/runs/mnist/weights/000000003.safetensors",
        "weights/mnist.safetensors",
    ]
    drawn = []
    for moment, file in zip(told["moments"], told["files"], strict=True):
        place = resolved(generators, **ask(moment=moment))
        direct = Sampler.load(generators.bundled.shipped.parent / file).draw(noise([3], 4))
        drawn.append(place.draw(noise([3], 4)))
        assert np.array_equal(drawn[-1], direct)
        assert answer_of(Drawing(generators).draw, ask(moment=moment))["moment"] == moment
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[1], drawn[2])
    answer = answer_of(Renders(generators, Offers()).moments, ask(moment=None))
    assert answer.headers["X-Moments"] == "[0, 3, 7]"


def test_a_generator_without_a_film_has_one_moment(generators: Generators) -> None:
    assert answer_of(generators.generator, ask(generator="shipped:mnist-classes"))["moments"] == [7]


@pytest.mark.parametrize("moment", [0, None])
def test_a_picture_of_a_film_leads_back_to_its_moment(
    generators: Generators, moment: int | None
) -> None:
    place = resolved(generators, **ask(moment=moment))
    content = png(place.draw(noise([3], 4))[0], entries_for(place))
    found = answer_of(Recall(generators).recall, {"token": OTHER}, content)
    assert (found["generator"], found["moment"]) == ("shipped:mnist", moment)


def test_a_picture_of_a_moment_that_is_gone_leads_nowhere(
    finished: Path, shipped: Path, tmp_path: Path
) -> None:
    fewer = Path(shutil.copytree(shipped, tmp_path / "fewer"))
    place = resolved(Generators(finished, BundledRuns(fewer)), **ask(moment=3))
    content = png(place.draw(noise([3], 4))[0], entries_for(place))
    shutil.rmtree(fewer / "runs")
    generators = Generators(finished, BundledRuns(fewer))
    with pytest.raises(RunError, match="drawn by other weights"):
        answer_of(Recall(generators).recall, {"token": OTHER}, content)


def test_raw_gs_pictures_are_offered_where_a_film_has_them(view: RunView) -> None:
    def averaged() -> bool:
        news = answer_of(view.watch, {"token": OTHER, "run": BUNDLED + "mnist"})
        return news["about"]["averaged"]

    assert not averaged()
    raw = view.bundled.run("mnist").path("samples_raw")
    raw.mkdir()
    try:
        (raw / "000000003.png").touch()
        assert averaged()
    finally:
        shutil.rmtree(raw)


def test_films_are_listed_beside_own_runs_and_compared_with_them(view: RunView) -> None:
    run_list = RunList(view.control, view)
    found = answer_of(run_list.runs, {"token": MINE})
    assert [card["name"] for card in found["runs"]] == ["mine"]
    assert [card["name"] for card in found["bundled"]] == [BUNDLED + "mnist"]
    compared = answer_of(run_list.compare, {"token": MINE, "runs": ["mine", BUNDLED + "mnist"]})
    assert [run["name"] for run in compared["runs"]] == ["mine", BUNDLED + "mnist"]
    assert "length" in {row["label"] for row in compared["differing"]}


def test_nobody_changes_a_film(view: RunView) -> None:
    run_list = RunList(view.control, view)
    functions = (run_list.delete, run_list.link, view.control.resume, run_list.rename)
    for name in (BUNDLED + "mnist", "mnist"):
        for function in functions:
            more = {"title": "x"} if function == run_list.rename else {}
            with pytest.raises(RunError, match="no such run"):
                answer_of(function, {"token": MINE, "run": name, **more})
