"""Many pictures at once, files to keep, and places that lead back, through the real routes."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from PIL import Image

from ganmodel.networks import NetworkSpec, build_pair
from ganmodel.places import Place
from ganmodel.runs import Run
from ganmodel.sampling import Sampler
from ganmodel.ui.http.offers import Offers
from ganmodel.ui.http.route import LONG
from ganmodel.ui.playground.drawing import Drawing
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.playground.place_in_png import Recall
from ganmodel.ui.playground.renders import Renders
from ganmodel.ui.playground.search import Search
from ganmodel.weights import save_weights
from tests.asking import TOKEN_HEADER, Answer, Direct, answer_of, direct, told_in
from tests.support import MINE, OTHER
from tests.test_playground_generators import ask, pixels, same


@pytest.fixture
def client(generators: Generators) -> Iterator[Direct]:
    parts = Renders(generators, Offers()), Recall(generators), Search(generators)
    with direct(*parts) as visitor:
        yield visitor


def sheet(answer: Answer) -> np.ndarray:
    assert answer.headers["content-type"] == "image/png", answer.body
    return np.asarray(Image.open(io.BytesIO(answer.body)).convert("L"))


def tile(of: np.ndarray, row: int, column: int) -> np.ndarray:
    return of[28 * row : 28 * row + 28, 28 * column : 28 * column + 28][None, :, :, None]


def kept(client: Direct, form: str, **more: Any) -> tuple[bytes, dict[str, Any]]:
    news = client.call("keep", **ask(**{"form": form, **more}))
    return client.get(news["address"]).body, news


# --- the way, the map, the table --------------------------------------------------------------


def test_every_frame_of_the_way_is_the_picture_at_its_share(
    client: Direct, generators: Generators
) -> None:
    frames = sheet(client.ask("frames", **ask(count=41)))
    for index in (0, 13, 25, 40):
        single = pixels(answer_of(Drawing(generators).draw, ask(f"stops=3,8&at={index / 40}")))
        assert same(tile(frames, *divmod(index, 20)), single)


def test_strips_are_the_pictures_of_their_paths_varieties_and_stops(
    client: Direct, generators: Generators
) -> None:
    place = "stops=3,8,21&at=0.5&psi=0.8"
    answer = client.ask("strips", **ask(place, rows=["stops", "lerp", "psi", "lerp"]))
    pictures = [tile(sheet(answer), *divmod(index, 7)) for index in range(3 + 7 + 7)]
    lengths = json.loads(answer.headers["x-lengths"])
    assert [len(row) for row in lengths] == [3, 7, 7]
    wanted = {
        1: "stops=3,8,21&at=0.5&psi=0.8",
        3 + 3: "stops=3,8,21&path=lerp&at=0.5&psi=0.8",
        3 + 5: "stops=3,8,21&path=lerp&at=0.8333333&psi=0.8",
        3 + 7 + 2: "stops=3,8,21&at=0.5&psi=0.5",
        3 + 7 + 6: "stops=3,8,21&at=0.5&psi=1.5",
    }
    z_dim = answer_of(generators.generator, ask())["z_dim"]
    told = [length for row in lengths for length in row]
    for index, text in wanted.items():
        single = pixels(answer_of(Drawing(generators).draw, ask(text)))
        assert np.abs(pictures[index].astype(int) - single).max() <= 1
        z = Place.parse(text).z(z_dim)
        assert told[index] == pytest.approx(float(z.norm()), abs=0.01)


def test_the_map_shows_its_anchors_where_they_belong(
    client: Direct, generators: Generators
) -> None:
    """Three by three around a point: that point's own picture is in the middle."""
    for (u, v), seed in (((0, 0), 3), ((1, 0), 8), ((0, 1), 21)):
        answer = client.ask("map", **ask(third=21, u=u, v=v, span=0.3, side=3))
        own = Sampler.load(generators.bundled.shipped / "mnist.safetensors").sample([seed])
        assert same(tile(sheet(answer), 1, 1), own)


def test_the_table_crosses_moments_with_the_way(client: Direct, generators: Generators) -> None:
    answer = client.ask("moments", **ask(generator="run:mine"))
    moments = json.loads(answer.headers["x-moments"])
    assert moments == answer_of(generators.generator, ask(generator="run:mine"))["moments"][-8:]
    for row, moment in enumerate(moments):
        single = answer_of(
            Drawing(generators).draw, ask("stops=3,8&at=0.5", generator="run:mine", moment=moment)
        )
        assert same(tile(sheet(answer), row, 4), pixels(single))


def test_moments_whose_weights_draw_other_pictures_are_left_out_of_the_table(
    client: Direct, finished: Path
) -> None:
    run = Run(finished / "mine")
    spec = NetworkSpec.of(run.config(), channels=3)
    G, _ = build_pair(spec, 0)
    tensors = {f"G_ema.{name}": tensor for name, tensor in G.state_dict().items()}
    moments = run.moments("weights")
    last = max(moments)
    about = {"images_seen": last, "dataset": "mnist", "config": run.config().to_json()}
    save_weights(moments[last], tensors, spec, about)
    answer = client.ask("moments", **ask(generator="run:mine", moment=min(moments)))
    assert answer.status == 200
    assert last not in json.loads(answer.headers["x-moments"])


def test_what_has_no_history_says_so(client: Direct) -> None:
    answer = client.ask("moments", **ask(generator="shipped:mnist-classes"))
    assert answer.status == 400
    assert answer.json()["error"]["code"] == "no-history"


@pytest.mark.parametrize(
    ("route", "wrong"),
    [
        ("frames", {"count": 10**6}),
        ("frames", {"count": True}),
        ("frames", {}),
        ("map", {"third": 1, "u": 0, "v": 0, "span": 0, "side": 5}),
        ("map", {"third": 1, "u": 0, "v": 0, "span": 1, "side": 1000}),
        ("moments", {"generator": "run:mine", "token": OTHER}),
        ("frames", {"count": 20, "place": "x" * 100_000}),
    ],
    ids=str,
)
def test_a_wrong_question_gets_one_sentence(
    client: Direct, route: str, wrong: dict[str, Any]
) -> None:
    answer = client.ask(route, **ask() | wrong)
    assert answer.status == 400
    assert told_in(answer.body)[0]["error"].endswith(".")


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b"{", b"[" * 5000, b"x" * 300_000])
def test_a_body_that_is_no_question_gets_one_sentence(client: Direct, body: bytes) -> None:
    for name in ("frames", "keep"):
        answer = client.post(f"ganmodel-{name}", body, **{TOKEN_HEADER: client.token})
        code = "too-large" if len(body) > LONG else "bad-call"
        assert answer.json()["error"]["code"] == code


# --- files to keep ----------------------------------------------------------------------------


def test_a_kept_picture_has_the_pixels_of_the_canvas_each_as_a_square(
    client: Direct, generators: Generators
) -> None:
    content, news = kept(client, "png")
    assert news["name"] == "ganmodel-mnist-png.png"
    large = np.asarray(Image.open(io.BytesIO(content)))
    assert same(
        large[::16, ::16][None, :, :, None], pixels(answer_of(Drawing(generators).draw, ask()))
    )


def test_a_grid_is_the_samples_of_consecutive_start_numbers(
    client: Direct, generators: Generators
) -> None:
    content, _ = kept(client, "grid", seed=5, rows=2, columns=3)
    large = np.asarray(Image.open(io.BytesIO(content)))
    own = Sampler.load(generators.bundled.shipped / "mnist.safetensors").sample(range(5, 11))
    second_row_first = large[60 : 60 + 56 : 2, 0:56:2]
    assert same(second_row_first[None, :, :, None], own[3:4])


def test_a_grid_by_class_has_a_class_in_each_row(client: Direct, generators: Generators) -> None:
    generator = {"generator": "shipped:mnist-classes", "by_class": True}
    content, _ = kept(client, "grid", seed=5, rows=9, columns=3, **generator)
    large = np.asarray(Image.open(io.BytesIO(content)))
    assert large.shape[0] == 4 * 60 - 4
    own = Sampler.load(generators.bundled.shipped / "mnist-classes.safetensors").sample(
        [5], label=2
    )
    assert same(large[120 : 120 + 56 : 2, 0:56:2][None, :, :, None], own)


def frames_of(content: bytes, form: str) -> list[np.ndarray]:
    if form == "mp4":
        with av.open(io.BytesIO(content)) as container:
            return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    with Image.open(io.BytesIO(content)) as film:
        found = []
        for index in range(film.n_frames):
            film.seek(index)
            found.append(np.asarray(film.convert("L")))
        return found


def test_a_film_tells_how_far_it_is_and_holds_its_frames(client: Direct) -> None:
    news = client.lines("keep", **ask("stops=3,8", form="mp4", count=60, speed=20))
    shares = [line["share"] for line in news[:-1]]
    assert shares == sorted(shares)
    assert len(shares) >= 3
    assert len(frames_of(client.get(news[-1]["address"]).body, "mp4")) == 60


def test_a_film_of_a_way_goes_there_and_back_and_a_loops_has_no_seam(client: Direct) -> None:
    """From its last frame to its first is a step as small as those between."""
    for place in ("stops=3,8,21", "stops=3,8,21&path=loop"):
        content, _ = kept(client, "gif", place=place, count=48, speed=20)
        frames = [frame.astype(float) for frame in frames_of(content, "gif")]
        steps = [np.abs(a - b).mean() for a, b in itertools.pairwise(frames)]
        assert np.abs(frames[-1] - frames[0]).mean() <= 1.5 * max(steps)
        assert max(steps) > 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"form": "exe"},
        {"form": None},
        {"form": "gif", "count": 10**9, "speed": 10},
        {"form": "gif", "count": 10, "speed": "fast"},
        {"form": "grid", "seed": 0, "rows": 0, "columns": 8},
        {"form": "grid", "seed": -1, "rows": 8, "columns": 8},
        {"form": "png", "place": "at=7"},
    ],
    ids=str,
)
def test_a_wrong_wish_ends_with_one_sentence_and_no_file(
    client: Direct, wrong: dict[str, Any]
) -> None:
    news = client.lines("keep", **ask() | wrong)
    assert set(news[-1]) == {"error", "code"}
    assert news[-1]["error"].endswith(".")


# --- places -----------------------------------------------------------------------------------


def recall(client: Direct, content: bytes, token: str = MINE) -> dict[str, Any]:
    answer = client.post("ganmodel-recall", content, **{TOKEN_HEADER: token})
    return told_in(answer.body)[0]


@pytest.mark.parametrize("generator", ["shipped:mnist", "run:mine"])
def test_a_kept_picture_leads_back_to_exactly_where_it_was_drawn(
    client: Direct, generator: str
) -> None:
    vector = tuple(torch.randn(4, generator=torch.Generator().manual_seed(1)).tolist())
    place = Place((3, vector), "lerp", 0.123, rest=(0.5, 0.0, -0.25, 1.0), psi=0.7)
    content, _ = kept(client, "png", place=str(place), generator=generator)
    answer = recall(client, content)
    assert Place.parse(answer["place"]) == place
    assert answer["generator"] == generator
    assert answer["moment"] == (128 if generator == "run:mine" else None)


def test_the_recipe_names_the_files_sha256_as_any_tool_computes_it(
    client: Direct, generators: Generators
) -> None:
    import hashlib

    content, _ = kept(client, "png")
    recipe = json.loads(Image.open(io.BytesIO(content)).info["ganmodel"])
    file = generators.bundled.shipped / "mnist.safetensors"
    assert recipe["weights"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_picture_of_anothers_run_leads_nowhere(client: Direct) -> None:
    content, _ = kept(client, "png", generator="run:mine")
    assert "other weights (mine)" in recall(client, content, OTHER)["error"]


def test_a_picture_without_a_recipe_is_told_from_one_with(client: Direct) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "red").save(buffer, "JPEG")
    assert recall(client, buffer.getvalue()) == {"plain": True}


def broken_pictures(generators: Generators) -> list[tuple[bytes, str]]:
    from PIL.PngImagePlugin import PngInfo

    def with_entry(text: str) -> bytes:
        buffer, carried = io.BytesIO(), PngInfo()
        carried.add_text("ganmodel", text)
        Image.new("L", (28, 28)).save(buffer, "PNG", pnginfo=carried)
        return buffer.getvalue()

    weights = {"name": "x", "sha256": "0" * 64}
    return [
        (b"", "no picture"),
        (b"no picture at all", "no picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "no picture"),
        (as_tiff(), "no picture"),  # what nobody asks for reaches no decoder
        (b"\0" * (9 * 2**20), "larger than the 8,388,608 bytes"),
        (with_entry("not json"), "changed or cut off"),
        (with_entry("[" * 100_000), "changed or cut off"),
        (with_entry(json.dumps({"weights": weights})), "changed or cut off"),
        (with_entry(json.dumps({"weights": weights, "place": "at=7"})), "changed or cut off"),
        (with_entry(json.dumps({"weights": weights, "place": "at=0.5"})), "other weights"),
    ]


def as_tiff() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (4, 4)).save(buffer, "TIFF")
    return buffer.getvalue()


def test_broken_or_foreign_pictures_get_one_sentence_each(
    client: Direct, generators: Generators
) -> None:
    for content, sentence in broken_pictures(generators):
        assert sentence in recall(client, content)["error"]


# --- my drawing -------------------------------------------------------------------------------


def test_a_drawing_is_searched_for_line_by_line_and_ends_with_its_noise(
    client: Direct, generators: Generators
) -> None:
    own = Sampler.load(generators.bundled.shipped / "mnist.safetensors").sample([5])
    news = client.lines("search", **ask(drawing=own.flatten().tolist()))
    losses = [line["loss"] for line in news]
    assert losses == sorted(losses, reverse=True)
    assert [line["done"] for line in news] == [False] * (len(news) - 1) + [True]
    found = Place((tuple(news[-1]["z"]), 0))
    assert same(pixels(answer_of(Drawing(generators).draw, ask(str(found)))), pixels(news[-1]))


@pytest.mark.parametrize(
    ("drawing", "sentence"),
    [
        ([0] * 784, "draw something first"),
        ([255] * 784, "draw something first"),
        ([0, 1] * 300, "784 whole numbers"),
        ([0.5] * 784, "does not understand"),
        ([0] * 783 + [256], "784 whole numbers"),
        ("x" * 784, "does not understand"),
        (None, "does not understand"),
    ],
)
def test_what_is_no_drawing_gets_one_sentence(client: Direct, drawing: Any, sentence: str) -> None:
    news = client.lines("search", **ask(drawing=drawing))
    assert sentence in news[-1]["error"]
