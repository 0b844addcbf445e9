"""A visitor's own pictures: received within bounds, examined in sentences, kept and forgotten."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import io
import os
import re
import shutil
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganmodel.data import Budget, Data, DataError, load_data
from ganmodel.files import write_json
from ganmodel.hosting import Limits, Quotas, hosted
from ganmodel.runs import UPLOADS, Run, RunError, create_run, list_runs, place_of, trash_run
from ganmodel.ui.http.door import NOBODY_LISTENS, Door
from ganmodel.ui.http.visitors import own_run, owner_of
from ganmodel.ui.routes import ROUTES
from ganmodel.ui.train.form.contact_sheets import ContactSheets
from ganmodel.ui.train.form.settings_form import form_html
from ganmodel.ui.train.form.upload_route import UploadRoute
from ganmodel.ui.train.form.uploads import MOST_UPLOADS, Uploads
from ganmodel.ui.train.run_control import RunControl
from ganmodel.words import worded
from tests.asking import Answer, Direct, answer_of, direct, run_beside, visitor
from tests.patient import PATIENCE
from tests.support import MINE, OTHER, tiny_config

ID = "0123456789abcdef"


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "runs")


@pytest.fixture
def client(uploads: Uploads) -> Iterator[Direct]:
    parts = (uploads, ContactSheets(uploads), receiving(uploads, upload_bytes=200_000))
    with direct(*parts) as made:
        yield made


def receiving(uploads: Uploads, **limits: Any) -> UploadRoute:
    quotas = Quotas(uploads.runs, Limits(**limits), lambda run: False, uploads.ledger)
    return UploadRoute(uploads, quotas)


def picture(grey: int, side: int = 28, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side), grey).save(buffer, kind)
    return buffer.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def greys(count: int = 20, folder: str = "") -> dict[str, bytes]:
    return {f"{folder}{k:02}.png": picture(10 * k) for k in range(count)}


def send(
    client: Direct, name: str, content: bytes, *, upload: str = ID, token: str = MINE
) -> Answer:
    return dataclasses.replace(client, token=token).upload(upload, name, content)


def examine(uploads: Uploads, **more: Any) -> dict[str, Any]:
    ask = {"token": MINE, "upload": ID, "size": 28, "with_classes": False, **more}
    return answer_of(ContactSheets(uploads).examine, ask)


def learn(uploads: Uploads, upload: str = ID) -> Run:
    """A run on an upload, as a page begins it."""
    config = tiny_config(dataset=uploads.dataset(visitor(MINE), upload), image_size=28)
    return create_run(uploads.runs, config, name="learns", owner=owner_of(MINE))


# --- what it costs ------------------------------------------------------------------------------


def test_looking_into_an_upload_costs_so_much_at_most_and_nobody_waits_long(
    client: Direct, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks anew ends their own earlier question, which frees the one who reads."""
    dear = ContactSheets(uploads, seconds=PATIENCE, pixels=10**6)
    send(client, "greys.zip", archive(greys()))
    large = archive({f"{k}.png": picture(k, 300) for k in range(20)})
    send(client, "large.zip", large, token=OTHER)
    with pytest.raises(DataError, match="more than 1 million pixels in all"):
        answer_of(dear.examine, {"token": OTHER, "upload": ID, "size": 28})

    reading = threading.Event()

    def endless(*args: Any, budget: Budget, **named: Any) -> Data:
        while named["size"] == 28:
            reading.set()
            budget.check()
            time.sleep(0.01)
        return load_data(*args, budget=budget, **named)

    monkeypatch.setattr("ganmodel.ui.train.form.prepared.load_data", endless)
    asked = {"upload": ID, "with_classes": False}
    with ThreadPoolExecutor() as pool:
        first = pool.submit(client.call, "examine", size=28, **asked)
        assert reading.wait(PATIENCE)
        assert client.call("examine", size=32, **asked)["count"] == 20
        assert first.result(PATIENCE)["code"] == "asked-again"


# --- what is told -------------------------------------------------------------------------------


def test_an_archive_is_read_counted_and_shown_as_the_networks_see_it(
    client: Direct, uploads: Uploads
) -> None:
    members = {**greys(), "broken.png": b"no picture", "notes.txt": b"beside"}
    assert send(client, "my digits.zip", archive(members)).status == 200
    found = examine(uploads)
    assert (found["name"], found["count"], found["size"]) == ("my digits.zip", 20, 28)
    assert not found["colour"]
    assert any("broken.png" in note for note in found["notes"])
    shown = base64.b64decode(found["preview"].split(",")[1])
    sheet = np.asarray(Image.open(io.BytesIO(shown)))
    data = load_data(str(uploads.path_of(visitor(MINE), ID)), size=28)
    assert np.array_equal(sheet[:28, :28], data.images[0, 0].numpy())
    assert np.array_equal(sheet[30:58, 30:58], data.images[6, 0].numpy())


def test_single_images_and_folders_of_them_become_one_data_set(
    client: Direct, uploads: Uploads
) -> None:
    for folder in ("cats/", "dogs/"):
        for name, content in greys(10, folder).items():
            assert send(client, f"mine/{name}", content).status == 200
    assert examine(uploads)["count"] == 20
    found = examine(uploads, with_classes=True)
    assert found["classes"] == ["cats", "dogs"]
    assert found["conditional"]


def test_where_strangers_come_only_vetted_decoders_are_reached(
    client: Direct, uploads: Uploads, cli: Callable[..., Any]
) -> None:
    """By the page and by the trainer alike, and what the page asks for is no more than that."""
    scans = {f"{k}.tif": picture(k, kind="TIFF") for k in range(16)}
    send(client, "scans.zip", archive(scans))
    assert examine(uploads)["count"] == 16
    shared = RunControl(uploads.runs, limits=hosted())
    with pytest.raises(DataError, match="not a PNG, JPEG, WebP, GIF or BMP image"):
        answer_of(
            ContactSheets(shared.uploads, trusted=False).examine,
            {"token": MINE, "upload": ID, "size": 28},
        )
    outcome = cli("train", "--dataset", shared.uploads.path_of(visitor(MINE), ID), "--untrusted")
    assert outcome.code == 2
    assert "not a PNG, JPEG, WebP, GIF or BMP image" in outcome.err
    assert ".tif" in form_html()
    assert ".tif" not in form_html(trusted=shared.limits.trusted)


def test_size_is_the_visitors_choice(client: Direct, uploads: Uploads) -> None:
    send(client, "a.zip", archive(greys()))
    assert examine(uploads, size=32)["size"] == 32
    with pytest.raises(DataError, match="28 or 32"):
        examine(uploads, size=64)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("broken.zip", archive(greys())[:300], "not a whole zip"),
        ("few.zip", archive(greys(3)), "at least 16 are needed"),
        ("empty.zip", archive({}), "no usable image"),
        ("nested.zip", archive({"inner.zip": archive(greys())}), "no usable image"),
        ("words.txt", b"no picture at all", "no usable image"),
    ],
)
def test_what_is_of_no_use_gets_one_sentence_without_a_path(
    client: Direct, uploads: Uploads, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    send(client, name, content)
    with pytest.raises(DataError, match=sentence) as error:
        examine(uploads)
    assert UPLOADS not in str(error.value)
    assert tmp_path.name not in str(error.value)
    assert "…" not in str(error.value)


# --- bounds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../../../etc/up.png", "/etc/up.png", "..", "C:\\x\\up.png", "a\0b.png", "\u202eup.png"],
)
def test_no_name_leads_out_of_the_uploads_folder(
    client: Direct, uploads: Uploads, tmp_path: Path, name: str
) -> None:
    before = {p for p in tmp_path.rglob("*") if p.is_file()}
    send(client, name, picture(1))
    new = {p for p in tmp_path.rglob("*") if p.is_file()} - before
    assert all(p.is_relative_to(uploads.folder(visitor(MINE), ID)) for p in new)


@pytest.mark.parametrize("upload", ["", "x", "../../up", "0" * 15, "0" * 17, "0" * 15 + "G"])
def test_an_upload_is_named_by_sixteen_digits_and_nothing_else(client: Direct, upload: str) -> None:
    answer = send(client, "a.png", picture(1), upload=upload)
    assert answer.status == 400
    assert answer.json()["error"]["code"] == "no-such-upload"


def test_a_stranger_without_a_token_can_send_nothing(client: Direct, tmp_path: Path) -> None:
    assert send(client, "a.png", picture(1), token="x").status == 401
    assert not (tmp_path / "runs").exists()


def test_more_bytes_than_allowed_are_refused_and_nothing_half_is_kept(
    client: Direct, uploads: Uploads
) -> None:
    assert send(client, "small.png", bytes(150_000)).status == 200
    answer = send(client, "large.png", bytes(100_000))
    assert answer.status == 400
    assert answer.json()["error"]["code"] == "too-much"
    with pytest.raises(DataError, match=r"not a PNG.*: small\.png\.$"):
        examine(uploads)
    kept = [
        p.stat().st_size
        for p in uploads.folder(visitor(MINE), ID).iterdir()
        if p.suffix != ".jsonl"
    ]
    assert kept == [150_000]


def sent_by_hand(
    uploads: Uploads, said: int | None, *messages: dict[str, Any] | None, **limits: Any
) -> int:
    """The status of an upload whose body comes as these messages; None: nothing comes any more."""
    named = {"token": MINE, "upload": ID, "name": "a.png"}
    headers = [(f"x-ganmodel-{key}".encode(), value.encode()) for key, value in named.items()]
    if said is not None:
        headers.append((b"content-length", str(said).encode()))
    told, waiting = [], list(messages)

    async def receive() -> dict[str, Any]:
        message = waiting.pop(0)
        return await asyncio.Event().wait() if message is None else message

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "path": "/ganmodel-upload", "headers": headers}
    table = [route for route in ROUTES if route.function is UploadRoute.upload]
    (route,) = Door(table, [receiving(uploads, **limits)]).routes()
    run_beside(route.app(scope, receive, send))
    return told[0]["status"]


def part(content: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": content, "more_body": more}


def test_what_is_announced_as_too_much_is_refused_before_any_of_it_comes(uploads: Uploads) -> None:
    assert sent_by_hand(uploads, 201, upload_bytes=200) == 400  # nothing is asked for
    assert uploads.ledger.held() == 0


def test_what_is_not_announced_counts_as_it_comes(uploads: Uploads) -> None:
    parts = [part(bytes(90)), part(bytes(90)), part(bytes(90), more=False)]
    assert sent_by_hand(uploads, None, *parts, upload_bytes=200) == 400
    assert uploads.ledger.held() == 0
    assert sent_by_hand(uploads, None, *parts[1:], upload_bytes=200) == 200
    assert uploads.ledger.held(owner_of(MINE)[:32]) == 180


@pytest.mark.parametrize("end", [{"type": "http.disconnect"}, None], ids=["hung up", "stalled"])
def test_what_never_came_whole_counts_no_more(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch, end: dict[str, Any] | None
) -> None:
    monkeypatch.setattr("ganmodel.ui.http.door.STALL_SECONDS", 0.02)
    status = sent_by_hand(uploads, 150, part(bytes(50)), end, upload_bytes=200)
    assert status == (NOBODY_LISTENS if end else 408)
    assert uploads.ledger.held() == 0
    assert not [path for path in uploads.folder(visitor(MINE), ID).rglob("*") if path.is_file()]
    whole = part(bytes(150), more=False)
    assert sent_by_hand(uploads, 150, whole, upload_bytes=200) == 200


def test_an_upload_that_is_removed_leaves_room_for_another(uploads: Uploads) -> None:
    whole = part(bytes(150), more=False)
    assert sent_by_hand(uploads, 150, whole, upload_bytes=200) == 200
    assert sent_by_hand(uploads, 150, whole, upload_bytes=200) == 400
    answer_of(uploads.forget, {"token": MINE, "upload": ID})
    assert uploads.ledger.held() == 0


def test_a_run_in_the_trash_keeps_its_pictures(client: Direct, uploads: Uploads) -> None:
    send(client, "a.zip", archive(greys()))
    run = learn(uploads)
    run.path("status.json").write_text('{"state": "stopped"}')
    trash_run(run)
    uploads.expire(-1)
    assert uploads.path_of(visitor(MINE), ID).exists()


@pytest.mark.parametrize(("first", "second"), [("a.png", "b.zip"), ("b.zip", "a.png")])
def test_an_archive_and_images_do_not_mix(client: Direct, first: str, second: str) -> None:
    assert send(client, first, picture(1)).status == 200
    answer = send(client, second, picture(1))
    assert answer.json()["error"]["code"] == "archive-or-images"


def test_only_the_newest_uploads_stay_and_those_that_runs_learn_from(
    client: Direct, uploads: Uploads
) -> None:
    names = [f"{k:016x}" for k in range(MOST_UPLOADS + 3)]
    for age, name in enumerate(names):
        send(client, "a.zip", archive(greys()), upload=name)
        os.utime(uploads.folder(visitor(MINE), name), (1000 + age, 1000 + age))
        if age == 0:
            learn(uploads, name)
    left = sorted(p.name for p in uploads.folder(visitor(MINE), ID).parent.iterdir())
    assert left == [names[0], *names[-MOST_UPLOADS:]]


def test_on_a_page_that_many_share_unused_uploads_go_after_the_stated_time(
    client: Direct, uploads: Uploads
) -> None:
    for name, age in (("0" * 16, 5000), ("1" * 16, 100), ("2" * 16, 5000)):
        send(client, "a.zip", archive(greys()), upload=name)
        folder = uploads.folder(visitor(MINE), name)
        os.utime(folder, (time.time() - age,) * 2)
    learn(uploads, "2" * 16)
    RunControl(uploads.runs).expire_uploads()  # one's own page keeps all
    assert len(list(folder.parent.iterdir())) == 3
    RunControl(uploads.runs, limits=hosted()).expire_uploads()
    assert sorted(path.name for path in folder.parent.iterdir()) == ["1" * 16, "2" * 16]


def test_forgetting_removes_an_upload_but_not_under_a_run(client: Direct, uploads: Uploads) -> None:
    send(client, "a.zip", archive(greys()))
    learn(uploads)
    answer_of(uploads.forget, {"token": MINE, "upload": ID})
    assert uploads.path_of(visitor(MINE), ID).exists()
    (uploads.runs / "learns" / "config.json").unlink()
    answer_of(uploads.forget, {"token": MINE, "upload": ID})
    with pytest.raises(RunError, match="choose them again"):
        uploads.path_of(visitor(MINE), ID)


def test_nobody_elses_upload_can_be_examined_trained_on_or_forgotten(
    client: Direct, uploads: Uploads
) -> None:
    send(client, "a.zip", archive(greys()))
    with pytest.raises(RunError, match="choose them again"):
        answer_of(ContactSheets(uploads).examine, {"token": OTHER, "upload": ID, "size": 28})
    answer_of(uploads.forget, {"token": OTHER, "upload": ID})
    settings = {"preset": "quick", "dataset": f"upload:{ID}"}
    with pytest.raises(RunError, match="choose them again"):
        answer_of(RunControl(uploads.runs).start, {"token": OTHER, "settings": settings})
    assert uploads.path_of(visitor(MINE), ID).exists()
    assert list_runs(uploads.runs) == []


def test_the_folder_of_uploads_is_no_run(client: Direct, uploads: Uploads) -> None:
    send(client, "config.json/a.png", picture(1))
    assert list_runs(uploads.runs) == []


# --- names --------------------------------------------------------------------------------------

# Names that differ and that some system, or a cleaning, would take for the same, or not at all.
ODD_NAMES = (
    "A/1.png", "A+/1.png", "A-/1.png", "a/1.png", "A/1 (1).png", "A/1 [1].png", "A/1 #1.png",
    "A/1.PNG", "+/1.png", "-/1.png", "Ä/1.png", "A\u0308/1.png", "😀/😀.png", "😀/😁.png",
    "con/aux.png", "A/1.png.", "A/ 1.png", "A/1\n.png", "A/\u202e1.png", f"A/{'𐌰' * 90}.png",
    f"A/{'𐌰' * 89}b.png", "x/y/A/1.png", "x/1.png", "x/1.png/1.png", "A/‮.png", "A/%31.png",
)  # fmt: skip


def test_every_name_is_kept_as_it_is_and_no_two_become_one(
    client: Direct, uploads: Uploads
) -> None:
    for grey, name in enumerate(ODD_NAMES):
        assert send(client, name, picture(9 * grey)).json() == {"received": name}
    data = load_data(str(uploads.path_of(visitor(MINE), ID)), size=28, with_classes=True)
    assert sorted(int(image[0, 0, 0]) for image in data.images) == [
        9 * grey for grey in range(len(ODD_NAMES))
    ]
    # Ä as one sign and as two are two folders that look alike, so one of them gets a number.
    expected = {"+", "-", "A", "A+", "A-", "a", "con", "x", "Ä", "Ä (2)", "😀"}
    assert set(data.classes) == expected
    assert len(data.classes) == len(expected)
    made = {p.name for p in uploads.folder(visitor(MINE), ID).iterdir()}
    assert all(re.fullmatch(r"[0-9a-f]{16}|index\.jsonl", name) for name in made)


def test_a_name_that_comes_twice_is_told_and_the_first_stays(
    client: Direct, uploads: Uploads
) -> None:
    for name, content in greys().items():
        send(client, name, content)
    send(client, "03.png", picture(255))
    found = examine(uploads)
    assert found["count"] == 20
    assert found["notes"] == ["1 file was left out (a name that was there before): 03.png."]
    assert load_data(str(uploads.path_of(visitor(MINE), ID)), size=28).images[3, 0, 0, 0] == 30


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["Blümchen.zip"], "Blümchen.zip"),
        (["folder/фото.zip"], "фото.zip"),
        (["🎉.zip"], "🎉.zip"),
        (["写真/a/1.png", "写真/2.png"], "写真"),
        (["a/1.png", "b/1.png"], "your pictures"),
        (["a/1.png", "1.png"], "your pictures"),
    ],
)
def test_an_upload_is_called_what_its_owner_calls_it_and_its_run_by_no_name(
    client: Direct, uploads: Uploads, names: list[str], title: str
) -> None:
    for name in names:
        send(client, name, archive(greys()) if name.endswith(".zip") else picture(1))
    config = tiny_config(dataset=uploads.dataset(visitor(MINE), ID))
    run = create_run(uploads.runs, config, owner=owner_of(MINE))
    assert re.fullmatch(r"\d{8}T\d{6}Z-own-quick", run.name)
    assert worded(run.title()).startswith(f"{title} · quick · ")
    assert worded(run.title(for_others=True)).startswith("own pictures · quick · ")
    assert ID not in worded(run.title())


@pytest.mark.parametrize(
    "name", ["Blümchen-zip", "фото-zip", "my run (1).v2", "写真", "-", "a" * 255]
)
def test_a_run_is_reached_by_whatever_its_folder_is_called(tmp_path: Path, name: str) -> None:
    made = create_run(tmp_path, tiny_config(), name=name, owner=owner_of(MINE))
    (listed,) = list_runs(tmp_path, owner_of(MINE))
    assert own_run(tmp_path, visitor(MINE), listed.name).folder == made.folder
    with pytest.raises(RunError, match="no such run"):
        own_run(tmp_path, visitor(OTHER), name)


# --- where they lie -----------------------------------------------------------------------------


def test_pictures_are_found_again_wherever_the_runs_are_moved_and_from_the_trash(
    client: Direct, uploads: Uploads, tmp_path: Path
) -> None:
    send(client, "a.zip", archive(greys()))
    run = learn(uploads)
    assert place_of(run) == str(uploads.path_of(visitor(MINE), ID))
    write_json(run.path("status.json"), {"state": "stopped"})
    trash_run(run)
    answer_of(uploads.forget, {"token": MINE, "upload": ID})
    deleted = Run(uploads.runs / ".trash" / "learns")
    assert load_data(place_of(deleted), size=28).images.shape == (20, 1, 28, 28)
    uploads.runs.rename(tmp_path / "moved")
    moved = Run(tmp_path / "moved" / ".trash" / "learns")
    assert place_of(moved).startswith(str(tmp_path / "moved"))
    assert load_data(place_of(moved), size=28).images.shape == (20, 1, 28, 28)


def test_pictures_that_an_earlier_edition_kept_by_their_path_are_found_again(
    tmp_path: Path,
) -> None:
    there = tmp_path / "runs" / UPLOADS / owner_of(MINE)[:32] / ID / "your-pictures"
    for name, content in greys().items():
        there.mkdir(parents=True, exist_ok=True)
        (there / name).write_bytes(content)
    create_run(tmp_path / "runs", tiny_config(dataset=str(there)), name="old", owner=owner_of(MINE))
    (tmp_path / "runs").rename(tmp_path / "moved")
    place = place_of(Run(tmp_path / "moved" / "old"))
    assert load_data(place, size=28).images.shape == (20, 1, 28, 28)
    moved = Uploads(tmp_path / "moved")
    answer_of(moved.forget, {"token": MINE, "upload": ID})
    assert (
        answer_of(ContactSheets(moved).examine, {"token": MINE, "upload": ID, "size": 28})["name"]
        == "your-pictures"
    )


def test_pictures_that_are_gone_are_told_in_a_sentence_without_a_place(
    client: Direct, uploads: Uploads, tmp_path: Path
) -> None:
    send(client, "faces.zip", archive(greys()))
    run = learn(uploads)
    shutil.rmtree(uploads.folder(visitor(MINE), ID))
    with pytest.raises(
        DataError, match=r"of this run \(faces\.zip\) are not here any more"
    ) as told:
        place_of(run)
    assert ID not in str(told.value)
    assert str(tmp_path) not in str(told.value)
