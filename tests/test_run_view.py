"""What a page is told of a run: what is new, an earlier moment, its pictures; and who is told."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ganmodel.errors import KnownError
from ganmodel.files import write_json
from ganmodel.runs import Run, RunError, create_run, fork_run
from ganmodel.ui.http.offers import Offers
from ganmodel.ui.http.visitors import owner_of, readable_run
from ganmodel.ui.shared.bundled_runs import BUNDLED, BundledRuns
from ganmodel.ui.shared.discriminator_ranks import DiscriminatorRanks
from ganmodel.ui.shared.reference_data import ReferenceData
from ganmodel.ui.train.charts import CURVES
from ganmodel.ui.train.grids import Grids
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from ganmodel.ui.train.thinning import thin
from ganmodel.words import worded
from tests.asking import TOKEN_HEADER, Direct, answer_of, direct, visitor
from tests.support import MINE, OTHER, metric_rows, record, tiny_config, tiny_images


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = tmp_path_factory.mktemp("watched") / "runs"
    made = create_run(runs, tiny_config(), name="mine", owner=owner_of(MINE))
    record(made, knobs={32: {"lr_g": 1e-4}})
    return runs


@pytest.fixture
def run(recorded: Path, tmp_path: Path) -> Run:
    """A finished run of the visitor MINE, of whose knobs one was set at 32 images."""
    return Run(shutil.copytree(recorded, tmp_path / "runs") / "mine")


@pytest.fixture
def view(run: Run) -> RunView:
    return RunView(RunControl(run.folder.parent), BundledRuns(run.folder.parent / "none"))


@pytest.fixture
def pictures(view: RunView) -> Grids:
    return pictures_of(view)


def pictures_of(view: RunView) -> Grids:
    reals = ReferenceData()
    return Grids(view, reals, DiscriminatorRanks(), Offers())


@pytest.fixture
def client(pictures: Grids) -> Iterator[Direct]:
    with direct(pictures) as made:
        yield made


def ask(**more: Any) -> dict[str, Any]:
    return {"token": MINE, "run": "mine", **more}


def test_a_page_is_told_by_which_address_others_reach_it(view: RunView) -> None:
    view.control.address = "https://demo.example/"
    assert answer_of(view.watch, ask())["about"]["address"] == "https://demo.example/"


def measured(run: Run, images: int, distance: float, *, in_rows: bool = True) -> None:
    """An evaluation as a trainer leaves it, or, without the row, just before it has."""
    found = {"fd": 1.0, "fd_over_r": distance, "fd_over_r_error": 0.1}
    if in_rows:
        with run.path("metrics.jsonl").open("a") as file:
            file.write(json.dumps({"images": images, "loss_d": 1.4, "loss_g": 0.7, **found}) + "\n")
    run.path("quality", f"{images:09}.json").write_text(json.dumps(found))


def test_coach_and_readout_speak_of_the_same_evaluation(run: Run, view: RunView) -> None:
    with run.path("metrics.jsonl").open("a") as file:  # so many that each look judges few
        file.writelines(json.dumps({"images": 10**6 + k}) + "\n" for k in range(600))
    measured(run, 2 * 10**6, 8.0)
    assert answer_of(view.watch, ask())["quality"]["fd_over_r"] == 8.0
    measured(run, 3 * 10**6, 7.0, in_rows=False)
    news = answer_of(view.watch, ask())
    assert news["quality"]["fd_over_r"] == 8.0
    measured(run, 3 * 10**6, 7.0)
    news = answer_of(view.watch, ask())
    assert news["quality"]["fd_over_r"] == 7.0
    assert news["verdict"] == answer_of(view.moment, ask(images=3 * 10**6))["verdict"]


# --- what is new ------------------------------------------------------------------------------


def test_watching_from_the_start_gives_the_whole_history(run: Run, view: RunView) -> None:
    news = answer_of(view.watch, {"token": MINE, "run": None, "offset": 0, "grid": -1})
    rows = metric_rows(run.folder)
    assert [point[0] for point in news["curves"]] == [row["images"] for row in rows]
    for name in ("picks", "loss_d", "loss_g", "d_real"):
        column = CURVES.index(name)
        told = [point[column] for point in news["curves"]]
        assert told == pytest.approx([row[name] for row in rows], rel=1e-3)
    assert news["state"] == "finished"
    assert news["own"] is True
    assert news["images_seen"] == news["images_total"] == 128
    assert news["grids"] == list(run.moments("samples"))
    assert news["marks"] == [{"images": 32, "values": {"lr_g": 1e-4}}]
    assert news["about"]["knobs"]["lr_g"]["value"] == run.config().lr_g


def test_watching_again_sends_only_what_is_new(view: RunView) -> None:
    first = answer_of(view.watch, ask(offset=0, grid=-1))
    had = {"offset": first["offset"], "history": first["history"], "marks": 1}
    again = answer_of(view.watch, ask(grid=128, **had))
    assert again["curves"] == []
    assert not {"grids", "marks", "about", "quality"} & again.keys()
    assert len(json.dumps(again)) < 1500


def test_curves_of_another_trainer_are_sent_from_the_start(view: RunView) -> None:
    """After a resume the file was cut off, so that an old offset means nothing."""
    whole = answer_of(view.watch, ask(offset=0))
    other = answer_of(view.watch, ask(offset=whole["offset"], history="mine/1/0"))
    assert other["curves"] == whole["curves"]


def test_thinned_curves_keep_their_ends_and_their_mean() -> None:
    rows = [[k, float(k % 7), None] for k in range(1, 5001)]
    thinned = thin(rows, 500)
    assert len(thinned) == 500
    assert thinned[-1][0] == 5000
    mean = sum(point[1] for point in thinned) / 500
    assert mean == pytest.approx(sum(row[1] for row in rows) / 5000, abs=0.01)
    assert all(point[2] is None for point in thinned)
    assert thin([], 500) == []


@pytest.mark.parametrize(
    ("state", "said"), [("stopped", True), ("paused", True), ("finished", False)]
)
def test_where_bits_do_not_repeat_the_message_beside_resume_says_so(
    run: Run, view: RunView, state: str, said: bool
) -> None:
    status = run.status()
    assert "accelerator" not in worded(view.control.states.words(run, state, status))
    told = worded(view.control.states.words(run, state, {**status, "repeats": False}))
    assert ("does not make the same bits" in told) is said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"state": "failed", "error": "It broke."}, "It broke."),
        ({"state": "waiting", "doing": "reading MNIST"}, "Getting ready: reading MNIST."),
        ({"state": "finished"}, "Finished. Its generator is ready for the Playground."),
    ],
)
def test_sentences_of_an_earlier_edition_are_shown_as_they_are(
    run: Run, view: RunView, told: dict[str, Any], said: str
) -> None:
    """They stand in a run's folder as plain text."""
    notes = [{"images": 0, "text": "2 files were left out."}]
    write_json(run.path("status.json"), {**run.status(), "notes": notes, **told})
    assert worded(view.control.states.words(run, told["state"], run.status())) == said
    news = answer_of(view.watch, {"token": MINE, "run": run.name})
    assert news["notes"] == ["2 files were left out."]


def test_before_the_first_run_there_is_the_film_that_comes_along(run: Run) -> None:
    view = RunView(
        RunControl(run.folder.parent / "nobody's"), BundledRuns(run.folder.parent.parent)
    )
    run.folder.rename(run.folder.parent / "mnist")
    news = answer_of(view.watch, {"token": MINE, "run": None})
    assert news["run"] == BUNDLED + "mnist"
    assert news["generator"] is None
    assert (news["state"], news["own"]) == ("finished", False)
    assert news["about"]["shows_reals"]


def test_without_a_film_a_first_visitor_gets_a_sentence(tmp_path: Path) -> None:
    news = answer_of(
        RunView(RunControl(tmp_path), BundledRuns(tmp_path / "none")).watch,
        {"token": MINE, "run": None},
    )
    assert news["run"] is None
    assert "press Start" in news["message"]


@pytest.mark.parametrize("name", ["shipped/../mine", "shipped/", "shipped/nope", "shipped/."])
def test_a_film_is_named_and_never_a_path(view: RunView, name: str) -> None:
    with pytest.raises(RunError, match="does not come with ganmodel any more"):
        answer_of(view.watch, {"token": MINE, "run": name})
    with pytest.raises(RunError, match="no such run"):
        answer_of(view.moment, {"token": MINE, "run": name, "images": 0})


def test_an_earlier_moment_has_its_own_verdict_and_the_checkpoint_to_try_again_from(
    view: RunView,
) -> None:
    then = answer_of(view.moment, ask(images=70))
    assert then["verdict"]["images"] <= 70
    assert then["again"] == 64
    assert answer_of(view.moment, ask(images=5))["again"] == 0


def test_a_run_that_tries_again_lies_over_the_curves_of_the_first(run: Run, view: RunView) -> None:
    again = fork_run(run.folder.parent, run, 64, {"lr_d": 1e-4}, owner=owner_of(MINE))
    news = answer_of(view.watch, {"token": MINE, "run": again.name})
    assert news["about"]["origin"]["changes"] == {"lr_d": 1e-4}
    overlay = answer_of(view.overlay, {"token": MINE, "run": again.name})
    assert [point[0] for point in overlay["curves"]] == [
        r["images"] for r in metric_rows(run.folder)
    ]
    assert answer_of(view.overlay, ask()) == {"curves": []}


def test_no_answer_holds_a_path_of_this_machine(tmp_path: Path) -> None:
    config = tiny_config(dataset=str(tmp_path / "secret" / "faces.zip"))
    create_run(tmp_path / "runs", config, name="own", owner=owner_of(MINE))
    news = answer_of(RunView(RunControl(tmp_path / "runs")).watch, {"token": MINE, "run": "own"})
    assert str(tmp_path) not in json.dumps(news)
    assert "faces.zip" in news["about"]["words"]


# --- pictures ---------------------------------------------------------------------------------


def test_a_grid_has_the_pixels_of_that_moment_or_of_the_last_before_it_and_is_never_heavier(
    run: Run, client: Direct
) -> None:
    for images, expected in ((64, 64), (70, 64), (10**9, 128)):
        answer = client.ask("picture", run="mine", kind="samples", images=images)
        assert answer.headers["x-moment"] == str(expected)
        path = run.path("samples", f"{expected:09}.png")
        sent, kept = (
            Image.open(source).convert("RGB") for source in (io.BytesIO(answer.body), path)
        )
        assert sent.tobytes() == kept.tobytes()
        assert len(answer.body) <= path.stat().st_size


def test_a_film_shows_every_grid_in_order_and_holds_the_last(run: Run, client: Direct) -> None:
    answer = client.file("film", run="mine", form="gif")
    assert answer.headers["content-type"] == "image/gif"
    film = Image.open(io.BytesIO(answer.body))
    grids = [Image.open(path) for path in run.moments("samples").values()]
    factor = film.width // grids[0].width
    shown = []
    for frame in range(film.n_frames):
        film.seek(frame)
        small = np.asarray(film.convert("L"))[::factor, ::factor]
        if not shown or not np.array_equal(shown[-1], small):
            shown.append(small)
    # Neighbours that look the same are one frame of a GIF; the first and the last always show.
    assert np.array_equal(shown[0], np.asarray(grids[0].convert("L")))
    assert np.array_equal(shown[-1], np.asarray(grids[-1].convert("L")))
    assert film.info["duration"] >= 1000


def test_a_film_as_mp4_has_even_sides_and_is_an_mp4(client: Direct) -> None:
    answer = client.file("film", run="mine", form="mp4")
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.body[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "weights"}, "bad-call"),
        ({"kind": "../config.json"}, "bad-call"),
        ({"images": "64"}, "bad-call"),
        ({"images": None}, "bad-call"),
        ({"images": True}, "bad-call"),
        ({"images": -1}, "no-grid"),
        ({"images": -2}, "number-too-low"),
        ({"run": "../mine"}, "no-such-run"),
        ({"run": None, "token": OTHER}, "no-such-run"),
        ({"token": OTHER}, "no-such-run"),
        ({"token": ""}, "no-token"),
    ],
    ids=str,
)
def test_a_wrong_question_for_a_picture_gets_one_sentence(
    client: Direct, wrong: dict[str, Any], code: str
) -> None:
    asked = {"run": "mine", "kind": "samples", "images": 64, **wrong}
    assert client.call("picture", **asked)["code"] == code


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 2000, b"1" * 4000])
def test_a_body_that_is_no_question_gets_one_sentence(client: Direct, body: bytes) -> None:
    answer = client.post("ganmodel-picture", body, **{TOKEN_HEADER: MINE})
    assert answer.status == 400
    assert answer.json()["error"]["code"] == "bad-call"


# --- one picture closer ------------------------------------------------------------------------


@pytest.fixture
def own_data(tmp_path: Path) -> tuple[RunView, Path]:
    """A run on 32 pictures of one's own."""
    folder = tmp_path / "faces"
    folder.mkdir()
    for number, image in enumerate(tiny_images(32)):
        Image.fromarray(image[0].numpy()).save(folder / f"{number:02}.png")
    config = tiny_config(dataset=str(folder), image_size=28)
    made = create_run(tmp_path / "runs", config, name="mine", owner=owner_of(MINE))
    from ganmodel.data import load_data

    record(made, data=load_data(str(folder), size=28))
    return RunView(RunControl(tmp_path / "runs")), folder


def test_the_sheet_tells_ds_opinion_and_the_closest_real_picture(
    own_data: tuple[RunView, Path],
) -> None:
    view, folder = own_data
    run = readable_run(view.control.runs, visitor(MINE), "mine").run
    # The grid with one of its pictures replaced by a real one: that is its own closest.
    path = run.moments("samples")[128]
    grid = np.asarray(Image.open(path)).copy()
    real = np.asarray(Image.open(folder / "07.png"))
    grid[0:28, 30:58] = real
    Image.fromarray(grid).save(path)
    found = answer_of(pictures_of(view).sheet, ask(images=128, index=1))
    assert found["closest"]["distance"] == 0
    assert found["closest"]["usual"] > 0
    assert np.array_equal(np.array(found["closest"]["pixels"]["bytes"]), real.flatten())
    assert 0 <= found["opinion"] <= 1
    assert found["opinion_of"] == 128


def test_the_opinion_is_the_share_of_reals_that_this_d_finds_less_real(
    own_data: tuple[RunView, Path],
) -> None:
    view, folder = own_data
    run = readable_run(view.control.runs, visitor(MINE), "mine").run
    from ganmodel.data import load_data
    from ganmodel.weights import load_weights

    D = load_weights(run.newest_weights()).discriminator()
    grid = np.asarray(Image.open(run.moments("samples")[128]))
    picture = torch.from_numpy(grid[30:58, 30:58].copy())[None, None].float() / 127.5 - 1
    reals = load_data(str(folder), size=28).images.float() / 127.5 - 1
    with torch.no_grad():
        expected = (D(reals) < D(picture)).double().mean().item()
    found = answer_of(pictures_of(view).sheet, ask(images=128, index=3))
    assert found["opinion"] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("index", "code"),
    [
        (-1, "number-too-low"),
        (4, "no-grid"),
        (10**30, "no-grid"),
        *((wrong, "bad-call") for wrong in (0.5, None, True, "1")),
    ],
)
def test_a_picture_that_is_not_in_the_grid_gets_a_sentence(
    pictures: Grids, index: Any, code: str
) -> None:
    with pytest.raises(KnownError) as caught:
        answer_of(pictures.sheet, ask(images=128, index=index))
    assert caught.value.code == code
