"""Nothing of whose or where: whatever a page answers, sends or says of a run on own pictures holds
no path of the machine and no upload's name, and for readers nothing that its owner calls them.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ganmodel.data import load_data
from ganmodel.errors import KnownError
from ganmodel.files import read_json, without_folders, write_json
from ganmodel.recording import Recorder
from ganmodel.runs import Run, create_run, place_of
from ganmodel.ui.http.asks import Refusal
from ganmodel.ui.http.offers import Offers
from ganmodel.ui.http.visitors import make_link, owner_of
from ganmodel.ui.playground.drawing import Drawing
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.playground.opinions import Opinions
from ganmodel.ui.playground.place_in_png import Recall
from ganmodel.ui.playground.renders import Renders
from ganmodel.ui.runs_drawer.downloads import Downloads
from ganmodel.ui.runs_drawer.run_list import RunList
from ganmodel.ui.shared.bundled_runs import BundledRuns
from ganmodel.ui.shared.discriminator_ranks import DiscriminatorRanks
from ganmodel.ui.shared.reference_data import ReferenceData
from ganmodel.ui.train.form.upload_route import UploadRoute
from ganmodel.ui.train.grids import Grids
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from ganmodel.weights import load_tensors, save_tensors
from tests.asking import TOKEN_HEADER, answer_of, direct, told_by, visitor
from tests.support import MINE, OTHER, record, tiny_config

UPLOAD = "0123456789abcdef"
# What the owner calls them: theirs to see.
CALLED = ("patients-2026", "Anna-Meier", "Bob-Secret")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run by class on an archive that was received, in a folder whose name has a blank."""
    runs = tmp_path_factory.mktemp("anna") / "My runs"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(20):
            drawn = io.BytesIO()
            Image.new("L", (28, 28), 9 * number).save(drawn, "PNG")
            archive.writestr(f"{CALLED[1 + number % 2]}/{number}.png", drawn.getvalue())
        archive.writestr(f"{CALLED[1]}/broken.png", b"no picture")
    control = RunControl(runs)
    uploads = control.uploads
    with direct(UploadRoute(uploads, control.quotas)) as client:
        assert client.upload(UPLOAD, "patients-2026.zip", packed.getvalue()).status == 200
    config = tiny_config(
        dataset=uploads.dataset(visitor(MINE), UPLOAD), image_size=28, conditional=True, images=32
    )
    run = create_run(runs, config, name="own", owner=owner_of(MINE))
    record(run, data=load_data(place_of(run), size=28, with_classes=True))
    return run


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Run:
    """A copy that a test may damage."""
    shutil.copytree(trained.folder.parent, tmp_path / "My runs")
    return Run(tmp_path / "My runs" / "own")


def answers(run: Run, **who: Any) -> str:
    """All that the page tells of a run, to its owner or to a reader, errors among it."""
    runs = run.folder.parent
    control, reals, bundled = RunControl(runs), ReferenceData(), BundledRuns(runs / "none")
    view, generators, ranks = (
        RunView(control, bundled),
        Generators(runs, bundled),
        DiscriminatorRanks(),
    )
    run_list, grids = RunList(control, view), Grids(view, reals, ranks, Offers())
    own, of_run = {"token": who["token"]}, {"run": run.name, **who}
    standing = {"generator": f"run:{run.name}", "place": "", **who}
    asked = (
        (view.watch, of_run),
        (view.moment, of_run | {"images": 32}),
        (view.overlay, of_run),
        (generators.generators, of_run),
        (generators.generator, standing),
        (run_list.runs, own),
        (run_list.reproduce, own | {"run": run.name}),
        (grids.sheet, of_run | {"images": 32, "index": 0}),
        (run_list.compare, own | {"runs": [run.name, run.name]}),
        (Opinions(generators, reals, ranks).opinion, standing),
        (run_list.rename, own | {"run": run.name, "title": ""}),
    )
    found = [told_by(function, ask) for function, ask in asked]
    assert [one for one in found if "code" in one and one["code"] == "bad-call"] == []
    return json.dumps(found, ensure_ascii=False)


def assert_discreet(told: str | bytes, run: Run, *more: str) -> None:
    """Neither where the run lies nor which upload it learns from, nor any of `more`."""
    text = told.decode("latin-1") if isinstance(told, bytes) else told
    where = (str(run.folder.parent.parent), "/My runs", UPLOAD, owner_of(MINE)[:32], ".uploads/")
    assert [word for word in (*where, *more) if word in text] == []


def test_no_answer_tells_where_a_run_lies_and_a_reader_learns_no_name(run: Run) -> None:
    own, read = answers(run, token=MINE), answers(run, token=OTHER, key=make_link(run))
    assert_discreet(own, run)
    assert all(name in own for name in CALLED)
    assert_discreet(read, run, *CALLED)
    assert "own pictures" in read


def test_a_title_that_its_owner_gave_is_for_readers_too(run: Run) -> None:
    run.path("title").write_text("Faces of friends")
    assert "Faces of friends" in json.dumps(
        answer_of(
            RunView(RunControl(run.folder.parent)).watch,
            {"token": OTHER, "run": "own", "key": make_link(run)},
        )
    )


def test_nothing_that_leaves_the_machine_tells_where_it_was_made(run: Run) -> None:
    """Nor do the weights that an earlier edition made, which named the path of the pictures."""
    newest = run.newest_weights()
    about, tensors = load_tensors(newest, "weights")
    path = str(run.folder.parent / ".uploads" / owner_of(MINE)[:32] / UPLOAD / "patients-2026.zip")
    for old in (False, True):
        if old:
            about |= {"dataset": path, "config": about["config"] | {"dataset": path}}
            save_tensors(newest, tensors, about)
            write_json(run.path("status.json"), run.status() | {"error": f"{run.folder} is full"})
        with direct(Downloads(run.folder.parent, Offers())) as client:
            weights = client.file("download", run="own", what="weights")
            packed = client.file("download", run="own", what="zip")
        assert_discreet(weights.body, run, CALLED[0])
        with zipfile.ZipFile(io.BytesIO(packed.body)) as members:
            for name in members.namelist():
                assert_discreet(members.read(name), run, CALLED[0])
    with direct(Renders(Generators(run.folder.parent), Offers())) as client:
        kept = client.file("keep", generator="run:own", place="", form="png")
    assert_discreet(kept.body, run, *CALLED)


TROUBLES = {
    "config": "cannot be read",
    "weights": "is damaged",
    "upload": "not here any more",
    "moved": "no file first.safetensors",
    "full": "the disk is full",
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_trouble_tells_where_a_run_lies(run: Run, trouble: str) -> None:
    if trouble == "config":
        run.path("config.json").write_text("{")
    elif trouble == "weights":
        for path in run.moments("weights").values():
            path.write_bytes(b"damaged")
    elif trouble == "upload":
        shutil.rmtree(run.folder.parent / ".uploads")
    elif trouble == "moved":  # as the trainer's own process would say it
        with Recorder(run, resume=True, images=64) as recorder:
            recorder.fail(f"There is no file {run.path('weights', 'first.safetensors')}.")
    else:
        with Recorder(run, resume=True, images=64) as recorder:
            recorder.fail(recorder._not_writable(OSError(28, "")).message)
    said = answers(run, token=MINE)
    assert_discreet(said, run)
    assert TROUBLES[trouble] in said


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("/srv/My runs/x/config.json is missing.", "config.json is missing."),
        (
            "The folder /data/Anna M/runs cannot be made: full.",
            "The folder runs cannot be made: full.",
        ),
        ("[Errno 2] No such file: '/srv/a/b.png'", "[Errno 2] No such file: 'b.png'"),
        (r"C:\Users\Anna M\x.zip holds nothing.", "x.zip holds nothing."),
        ("PNG/JPEG and/or 1/2 of http://a.b/c/d", "PNG/JPEG and/or 1/2 of http://a.b/c/d"),
        ("Put it into ~/.cache/ganmodel/raw.", "Put it into ~/.cache/ganmodel/raw."),
    ],
)
def test_a_sentence_keeps_of_a_path_its_last_part(sentence: str, shown: str) -> None:
    assert without_folders(sentence) == shown
    assert Refusal.of(KnownError(sentence)).values == {"sentence": shown}


# --- letters that are none ----------------------------------------------------------------------


@pytest.mark.parametrize("half", ["\ud800", {"a": ["\udfff"]}, {"\udc80": 1}], ids=ascii)
def test_half_a_letter_is_refused_in_a_sentence_at_every_door(
    half: Any, generators: Generators
) -> None:
    with direct(generators, Drawing(generators)) as client:
        for route, name in (("generators", "run"), ("draw", "place"), ("draw", "spot")):
            values = {"generator": "shipped:mnist", "place": "", name: half}
            wanted = values if route == "draw" else {name: half}
            assert client.call(route, **wanted)["code"] == "bad-call"
    drawn, recipe = io.BytesIO(), {"weights": {"sha256": "x", "name": half}, "place": ""}
    Image.new("L", (1, 1)).save(drawn, "PNG")
    content = _with_text(drawn.getvalue(), json.dumps(recipe))
    with direct(Recall(generators)) as client:
        answer = client.post("ganmodel-recall", content, **{TOKEN_HEADER: MINE})
    code = "broken-recipe" if isinstance(half, str) else "other-weights"
    assert answer.json()["error"]["code"] == code


def _with_text(picture: bytes, text: str) -> bytes:
    """The PNG with a text entry of ours."""
    from PIL.PngImagePlugin import PngInfo

    entries, out = PngInfo(), io.BytesIO()
    entries.add_text("ganmodel", text)
    with Image.open(io.BytesIO(picture)) as image:
        image.save(out, "PNG", pnginfo=entries)
    return out.getvalue()


def test_a_file_name_of_odd_bytes_is_kept_in_json_as_it_is(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"dataset": "b\udcff/é"})
    assert read_json(tmp_path / "a.json") == {"dataset": "b\udcff/é"}
