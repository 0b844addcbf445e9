"""Behind the Playground's picture: whose generators, which point, directions, and wrong calls."""

from __future__ import annotations

import base64
import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
import torch

from ganmodel.latents import noise, plane
from ganmodel.places import Place
from ganmodel.runs import RunError
from ganmodel.sampling import Sampler
from ganmodel.ui.http.visitors import OPEN, make_link, own_run
from ganmodel.ui.playground.directions import Directions
from ganmodel.ui.playground.drawing import Drawing
from ganmodel.ui.playground.generators import Generators
from tests.asking import answer_of, direct, visitor
from tests.support import MINE, OTHER


def ask(place: str = "stops=3,8&at=0.5", **changed: Any) -> dict[str, Any]:
    return {"token": MINE, "generator": "shipped:mnist", "place": place, **changed}


def pixels(answer: dict[str, Any]) -> np.ndarray:
    shape = [answer[name] for name in ("count", "height", "width", "channels")]
    return np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(shape)


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """To rounding: many pictures at once are added up in another order than one."""
    return a.shape == b.shape and np.abs(a.astype(int) - b.astype(int)).max() <= 1


def test_the_picture_is_the_generators_own_at_that_point(generators: Generators) -> None:
    place = Place((3, 8), at=0.25, rest=(0.0, 0.0, 0.5, 0.0), psi=0.8)
    drawn = pixels(answer_of(Drawing(generators).draw, ask(str(place))))
    direct = Sampler.load(generators.bundled.shipped / "mnist.safetensors").draw(place.z(4))
    assert same(drawn, direct)


def test_the_answer_tells_the_point_on_the_way_without_what_was_moved(
    generators: Generators,
) -> None:
    place = Place((3, 8), at=0.25, rest=(1.0, 0.0, 0.0, 0.0), psi=0.3)
    base = torch.tensor(answer_of(Drawing(generators).draw, ask(str(place)))["base"])
    torch.testing.assert_close(base, place.base(4)[0], rtol=0, atol=1e-5)


def test_a_spot_on_the_map_is_drawn_and_told_as_what_lies_beside_the_way(
    generators: Generators,
) -> None:
    """So that the page can go on from there by any other way of moving."""
    spot = {"third": 21, "u": 0.3, "v": 0.6}
    answer = answer_of(Drawing(generators).draw, ask("stops=3,8&at=0.5", spot=spot))
    anchors = noise([3, 8, 21], 4)
    expected = plane(anchors, torch.tensor([0.3]), torch.tensor([0.6]))
    again = Place((3, 8), at=0.5, rest=tuple(answer["rest"]))
    torch.testing.assert_close(again.z(4), expected, rtol=0, atol=1e-5)
    assert same(pixels(answer), pixels(answer_of(Drawing(generators).draw, ask(str(again)))))


def test_a_run_of_ones_own_can_be_drawn_with_and_anothers_cannot(generators: Generators) -> None:
    assert answer_of(Drawing(generators).draw, ask(generator="run:mine"))["moment"] == 128
    for function in (Drawing(generators).draw, generators.generator):
        with pytest.raises(RunError, match="no such run"):
            answer_of(function, ask(generator="run:mine", token=OTHER))


def test_a_reader_by_link_draws_with_that_run_and_its_key_alone(generators: Generators) -> None:
    key = make_link(own_run(generators.runs, visitor(MINE), "mine"))
    reader = ask(generator="run:mine", token=OTHER, key=key)
    assert answer_of(Drawing(generators).draw, reader)["moment"] == 128
    listed = answer_of(generators.generators, {"token": OTHER, "run": "mine", "key": key})
    assert "run:mine" in [entry["id"] for entry in listed["generators"]]
    with pytest.raises(RunError, match="opens nothing"):
        answer_of(Drawing(generators).draw, reader | {"key": "0" * 32})


def test_generators_lists_own_runs_and_tells_why_a_file_cannot_be_used(
    generators: Generators,
) -> None:
    def listed(token: str) -> dict[str, Any]:
        found = answer_of(generators.generators, {"token": token})["generators"]
        return {entry["id"]: entry for entry in found}

    mine = listed(MINE)
    shipped = {"shipped:mnist", "shipped:mnist-classes", "shipped:broken"}
    assert set(mine) == {*shipped, "run:mine"}
    assert mine["shipped:broken"]["reason"]["code"] == "weights-damaged"
    assert set(listed(OTHER)) == shipped


def test_the_moments_of_a_run_are_told_and_each_draws_its_own_picture(
    generators: Generators,
) -> None:
    run = own_run(generators.runs, visitor(MINE), "mine")
    moments = answer_of(generators.generator, ask(generator="run:mine"))["moments"]
    assert moments == list(run.moments("weights"))
    assert len(moments) > 1
    for moment in (moments[0], moments[-1]):
        answer = answer_of(Drawing(generators).draw, ask(generator="run:mine", moment=moment))
        assert answer["moment"] == moment
        direct = Sampler.load(run.moments("weights")[moment])
        assert same(pixels(answer), direct.draw(Place((3, 8), at=0.5).z(4)))


def test_a_run_that_a_class_watches_is_told_as_open_so_that_its_links_lead_others_there(
    generators: Generators,
) -> None:
    room = Generators(generators.runs, generators.bundled, in_class=True)
    assert not answer_of(room.generator, ask(generator="run:mine"))["open"]
    opened = own_run(generators.runs, visitor(MINE), "mine").path(OPEN)
    opened.touch()
    try:
        assert answer_of(room.generator, ask(generator="run:mine"))["open"]
        assert not answer_of(generators.generator, ask(generator="run:mine"))[
            "open"
        ]  # no class, nobody else
    finally:
        opened.unlink()


def test_a_moment_that_made_room_gives_way_to_the_nearest(generators: Generators) -> None:
    moments = answer_of(generators.generator, ask(generator="run:mine"))["moments"]
    assert (
        answer_of(Drawing(generators).draw, ask(generator="run:mine", moment=moments[-1] + 7))[
            "moment"
        ]
        == moments[-1]
    )


def test_a_class_or_a_blend_is_drawn_as_asked(generators: Generators) -> None:
    generator = Sampler.load(generators.bundled.shipped / "mnist-classes.safetensors")
    for text, weights in (
        ("stops=3,8&class=2", [0.0, 0, 1, 0]),
        ("stops=3,8&class=2,1,0.25", [0, 0.25, 0.75, 0]),
    ):
        drawn = pixels(
            answer_of(Drawing(generators).draw, ask(text, generator="shipped:mnist-classes"))
        )
        assert same(drawn, generator.draw(noise([3], 4), torch.tensor([weights])))


def test_what_a_page_is_told_of_a_generator_names_no_place_on_the_servers_disk(
    generators: Generators,
) -> None:
    for generator in ("shipped:mnist", "run:mine"):
        told = json.dumps(answer_of(generators.generator, ask(generator=generator)))
        assert str(generators.runs.parent) not in told
    assert answer_of(generators.generator, ask(generator="run:mine"))["files"][-1] == (
        "runs/mine/weights/000000128.safetensors"
    )


@pytest.mark.parametrize("how", ["layer", "activation"])
def test_found_changes_come_by_effect_with_strips_through_the_point(
    generators: Generators, how: str
) -> None:
    found = answer_of(Directions(generators).directions, ask(how=how))["directions"]
    effects = [one["effect"] for one in found]
    assert effects == sorted(effects, reverse=True)
    assert effects[0] > 0
    place = Place.parse(ask()["place"])
    for one in found:
        vector = np.array(one["vector"])
        assert math.hypot(*vector) == pytest.approx(1, abs=1e-3)
        z = place.z(len(vector))[0].numpy()
        to_two = dataclasses.replace(place, rest=tuple(float(v) for v in (2 - z @ vector) * vector))
        there = pixels(answer_of(Drawing(generators).draw, ask(str(to_two))))
        assert np.abs(pixels(one)[5].astype(int) - there[0]).max() <= 2


WRONG = [
    {"place": "at=nan"},
    {"place": "stops=1"},
    {"place": None},
    {"place": 5},
    {"place": "stops=3,8&rest=AACAPw"},
    {"place": "stops=3,8&class=0&at=2"},
    {"generator": "shipped:mnist-classes", "place": "class=9"},
    {"generator": "shipped:../../secret"},
    {"generator": "shipped:missing"},
    {"generator": "shipped:broken"},
    {"generator": None},
    {"generator": "file:/etc/passwd"},
    {"generator": "run:mine", "moment": "newest"},
    {"generator": "run:mine", "moment": math.nan},
    {"generator": "run:mine", "moment": True},
    {"spot": "here"},
    {"spot": {"third": 1, "u": math.nan, "v": 0}},
    {"spot": {"third": 1.5, "u": 0, "v": 0}},
    {"spot": {"third": 1, "u": 1e9, "v": 0}},
    {"spot": {}},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_call_gets_a_sentence_and_no_picture(
    generators: Generators, wrong: dict[str, Any]
) -> None:
    with direct(Drawing(generators)) as visitor:
        answer = visitor.call("draw", **ask() | wrong)
    assert set(answer) == {"error", "code"}
    assert answer["error"].endswith(".")
    assert answer["code"] not in ("unexpected", "said")


@pytest.mark.parametrize("call", [None, [], "x", 5, [{"token": MINE}]])
def test_a_call_that_is_no_object_gets_a_sentence(generators: Generators, call: Any) -> None:
    with direct(Drawing(generators)) as visitor:
        answer = visitor.post("ganmodel-draw", call)
    assert (answer.status, answer.json()["error"]["code"]) == (400, "bad-call")
