"""What programs may ask of the page, through gradio_client as they would; no browser needed."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image

from ganmodel.places import Place
from ganmodel.sampling import SHIPPED, Sampler
from ganmodel.ui.playground.place_in_png import place_in

ENDPOINTS = {"/list_weights", "/sample", "/walk", "/find"}


@pytest.fixture(scope="module")
def client(served: Any) -> Iterator[Client]:
    made = Client(served.url, verbose=False)
    yield made
    made.close()


def decoded(url: str) -> bytes:
    kind, _, content = url.partition(",")
    assert kind.endswith(";base64")
    return base64.b64decode(content)


def picture(url: str) -> Image.Image:
    return Image.open(io.BytesIO(decoded(url)))


def test_the_four_endpoints_and_no_others_are_named_and_documented(client: Client) -> None:
    described = client.view_api(return_format="dict")["named_endpoints"]
    assert set(described) == ENDPOINTS
    for name, facts in described.items():
        assert len(facts["description"]) > 40, name


def test_list_weights_tells_what_each_generator_is(client: Client) -> None:
    found = {entry["name"]: entry for entry in client.predict(api_name="/list_weights")}
    assert found["mnist"]["z_dim"] == Sampler.load(SHIPPED / "mnist.safetensors").spec.z_dim
    assert len(found["mnist"]["sha256"]) == 64


def test_sample_draws_the_start_numbers_that_the_command_line_draws(client: Client) -> None:
    grid = np.asarray(picture(client.predict("mnist", 7, 1, 2, api_name="/sample")))
    own = Sampler.load(SHIPPED / "mnist.safetensors").sample([7, 8])
    second = grid[0:56:2, 60 : 60 + 56 : 2].astype(int)
    assert np.abs(second - own[1, :, :, 0].astype(int)).max() <= 1


def test_sample_at_a_place_carries_its_recipe(client: Client) -> None:
    place = "stops=53,46&at=0.25&psi=0.8"
    content = decoded(client.predict(place=place, api_name="/sample"))
    assert Place.parse(place_in(content)["place"]) == Place.parse(place)


@pytest.mark.parametrize(("form", "begins"), [("gif", b"GIF8"), ("strip", b"\x89PNG")])
def test_walk_makes_a_film_or_a_strip(client: Client, form: str, begins: bytes) -> None:
    film = client.predict(frames=12, form=form, api_name="/walk")
    assert decoded(film).startswith(begins)


def test_find_answers_with_a_place_that_draws_what_was_asked_for(client: Client) -> None:
    asked = client.predict(place="stops=11,12", api_name="/sample")
    found = client.predict(asked, api_name="/find")
    assert found["explained"] > 0.9
    again = picture(client.predict(place=found["place"], api_name="/sample"))
    error = np.abs(np.asarray(again).astype(int) - np.asarray(picture(asked)).astype(int)).mean()
    assert error < 8


@pytest.mark.parametrize(
    ("endpoint", "arguments", "sentence"),
    [
        ("/sample", {"weights": "../../secret"}, "no such generator"),
        ("/sample", {"rows": 10**9}, "rows must be at most 20, but it is 1000000000"),
        ("/sample", {"place": "at=nan"}, "at must be a number"),
        ("/walk", {"form": "exe"}, "does not understand"),
        ("/walk", {"frames": 10**9}, "frames must be at most 241"),
        ("/find", {"drawing": "data:image/png;base64,AAAA"}, "no picture that can be read"),
        ("/find", {"drawing": "!"}, "no picture that can be read"),
    ],
    ids=str,
)
def test_a_wrong_call_is_answered_by_one_sentence(
    client: Client, endpoint: str, arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AppError, match=sentence):
        client.predict(**arguments, api_name=endpoint)
