"""A visitor's contact sheet: what it shows, what is left out on it, and what runs make of it."""

from __future__ import annotations

import base64
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganmodel.config import changed_from_preset, make_config
from ganmodel.data import Budget, copies_in, fingerprint, load_data
from ganmodel.files import write_json
from ganmodel.hosting import Limits, Quotas
from ganmodel.runs import Run, create_run, place_of
from ganmodel.ui.http.visitors import owner_of
from ganmodel.ui.train.form.contact_sheets import COLUMNS, SHEET, ContactSheets
from ganmodel.ui.train.form.prepared import Prepared, Way
from ganmodel.ui.train.form.upload_route import UploadRoute
from ganmodel.ui.train.form.uploads import STARTING_SECONDS, Uploads
from ganmodel.words import worded
from tests.asking import Direct, direct, visitor
from tests.support import MINE, OTHER, tiny_config
from tests.support_data import packed

ID = "0123456789abcdef"


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "runs")


@pytest.fixture
def client(uploads: Uploads) -> Iterator[Direct]:
    quotas = Quotas(uploads.runs, Limits(), lambda run: False, uploads.ledger)
    with direct(uploads, ContactSheets(uploads), UploadRoute(uploads, quotas)) as made:
        yield made


def send(client: Direct, count: int = 20, shape: tuple[int, int] = (40, 20)) -> None:
    """Pictures that can be told apart; the last one is a copy of the first."""
    for number in range(count):
        grey = 0 if number == count - 1 else 5 * number
        image = Image.new("L", shape, grey)
        image.putpixel((0, 0), 255)
        assert client.upload(ID, f"{number:03}.png", packed(image)).status == 200


def asked(client: Direct, name: str, **values: Any) -> Any:
    return client.call(name, upload=ID, size=28, **values)


def picture_in(address: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))))


def learn(uploads: Uploads, **chosen: Any) -> Run:
    """A run on the upload, as a page begins it."""
    config = tiny_config(dataset=uploads.dataset(visitor(MINE), ID), image_size=28, **chosen)
    return create_run(uploads.runs, config, owner=owner_of(MINE))


# --- what it shows --------------------------------------------------------------------------------


@pytest.mark.parametrize("fit", ["crop", "pad", "squeeze"])
def test_a_sheet_shows_every_picture_as_the_networks_will_see_it(
    client: Direct, uploads: Uploads, fit: str
) -> None:
    send(client, 45)
    data = load_data(str(uploads.path_of(visitor(MINE), ID)), size=28, fit=fit)
    answer = client.ask("contact_sheet", upload=ID, size=28, fit=fit, first=2)
    assert answer.headers["content-type"] == "image/png"
    sheet = np.asarray(Image.open(io.BytesIO(answer.body)))
    assert sheet.shape == (3 * 28, COLUMNS * 28)
    for k in (0, 1, 21, 42):
        top, left = 28 * (k // COLUMNS), 28 * (k % COLUMNS)
        shown = sheet[top : top + 28, left : left + 28]
        assert np.array_equal(shown, data.images[k + 2, 0])
    assert asked(client, "contact_sheet", first=45)["code"] == "no-such-picture"


def test_thousands_come_some_at_a_time(client: Direct) -> None:
    send(client, SHEET + 5, (28, 28))
    whole = client.ask("contact_sheet", upload=ID, size=28)
    assert Image.open(io.BytesIO(whole.body)).size == (COLUMNS * 28, SHEET // COLUMNS * 28)
    rest = client.ask("contact_sheet", upload=ID, size=28, first=SHEET)
    assert Image.open(io.BytesIO(rest.body)).size == (COLUMNS * 28, 28)


def test_duplicates_are_marked_and_told_only_once(client: Direct) -> None:
    send(client)
    found = asked(client, "examine")
    assert (found["copies"], found["left_out"], found["notes"]) == ([19], [], [])


def test_the_ways_into_a_square_are_shown_by_one_picture_of_theirs(client: Direct) -> None:
    send(client)
    found = asked(client, "examine", fit="pad")
    assert found["fit"] == "pad"
    shown = {fit: picture_in(address) for fit, address in found["examples"].items()}
    assert list(shown) == ["crop", "pad", "squeeze"]
    assert len({picture.tobytes() for picture in shown.values()}) == 3
    assert all(picture.shape == (28, 28) for picture in shown.values())


def test_squares_need_no_way(client: Direct) -> None:
    send(client, shape=(28, 28))
    assert asked(client, "examine")["examples"] == {}


def test_folders_are_counted_whether_or_not_they_are_classes(client: Direct) -> None:
    for number in range(20):
        content = packed(Image.new("L", (28, 28), 5 * number))
        client.upload(ID, f"{'ab'[number % 2]}/{number}.png", content)
    assert asked(client, "examine", with_classes=False)["folders"] == 2
    found = asked(client, "examine", with_classes=None)
    assert (found["folders"], found["conditional"]) == (2, True)


def test_a_file_that_comes_later_is_shown_too(client: Direct) -> None:
    send(client)
    assert asked(client, "examine")["count"] == 20
    client.upload(ID, "later.png", packed(Image.new("L", (28, 28), 200)))
    assert asked(client, "examine")["count"] == 21


def test_what_is_kept_in_memory_is_bounded(client: Direct, uploads: Uploads) -> None:
    send(client)
    path, prepared = uploads.path_of(visitor(MINE), ID), Prepared(most_bytes=2 * 20 * 28 * 28)
    ways = [Way(28, fit, False) for fit in ("crop", "pad", "squeeze")]
    first = prepared.data(path, ways[0], Budget())
    assert prepared.data(path, ways[0], Budget()) is first
    for way in ways[1:]:
        prepared.data(path, way, Budget())
    assert prepared.data(path, ways[0], Budget()) is not first


# --- what is left out -----------------------------------------------------------------------------


def test_what_is_left_out_stays_so_until_it_is_brought_back(client: Direct) -> None:
    send(client)
    assert asked(client, "leave_out", out=[3, 19]) == {"left_out": 2, "count": 20}
    found = asked(client, "examine", fit="pad")
    assert (found["count"], found["left_out"]) == (20, [3, 19])
    assert asked(client, "leave_out", out=[4], back=[3]) == {"left_out": 2, "count": 20}
    assert asked(client, "examine")["left_out"] == [4, 19]
    assert asked(client, "leave_out", back=[4, 19]) == {"left_out": 0, "count": 20}


def test_at_least_the_fewest_that_can_be_learned_from_have_to_stay(client: Direct) -> None:
    send(client)
    assert asked(client, "leave_out", out=[0, 1, 2, 3])["left_out"] == 4
    refused = asked(client, "leave_out", out=[4])
    assert refused["error"] == (
        "At least 16 pictures have to stay, because with fewer D simply remembers them all."
    )
    assert asked(client, "examine")["left_out"] == [0, 1, 2, 3]


def test_no_picture_that_is_not_there_can_be_left_out(client: Direct, uploads: Uploads) -> None:
    send(client)
    for wrong in ([20], [2**31 - 1]):
        assert asked(client, "leave_out", out=wrong)["code"] == "no-such-picture"
    for wrong in ([-1], ["0"], [0.5], [0] * 10_001):
        assert client.ask("leave_out", upload=ID, size=28, out=wrong).status == 400
    assert asked(client, "examine")["left_out"] == []


def test_nobody_else_sees_or_leaves_out_anything(client: Direct) -> None:
    send(client)
    for name in ("contact_sheet", "leave_out"):
        refused = client.ask(name, token=OTHER, upload=ID, size=28)
        assert refused.json()["error"]["code"] == "no-such-upload"


# --- what a run makes of it -----------------------------------------------------------------------


def test_a_run_learns_from_what_stays_and_goes_on_with_the_same_later(
    client: Direct, uploads: Uploads
) -> None:
    send(client)
    asked(client, "leave_out", out=[3, 19])
    run = learn(uploads, fit="pad")
    client.call("forget", upload=ID)  # which a run that needs it prevents
    before = load_data(place_of(run), size=28, fit="pad")
    assert len(before.images) == 18
    assert worded(run.title()).startswith("your pictures · ")
    asked(client, "leave_out", out=[0], back=[3, 19])
    assert fingerprint(load_data(place_of(run), size=28, fit="pad")) == fingerprint(before)
    other = learn(uploads)
    assert len(load_data(place_of(other), size=28).images) == 19
    asked(client, "leave_out", back=[0])
    assert place_of(learn(uploads)) == str(uploads.path_of(visitor(MINE), ID))


def test_copies_that_no_run_needs_are_removed_in_time(client: Direct, uploads: Uploads) -> None:
    send(client)
    folder = uploads.path_of(visitor(MINE), ID)
    asked(client, "leave_out", out=[1])
    used = learn(uploads)
    write_json(used.path("status.json"), {"state": "stopped"})
    asked(client, "leave_out", out=[2])
    uploads.dataset(visitor(MINE), ID)  # of a run that was refused then
    assert len(copies_in(folder)) == 2
    long_ago = time.time() - 2 * STARTING_SECONDS
    for path in copies_in(folder).values():
        os.utime(path, (long_ago, long_ago))
    asked(client, "leave_out", out=[3])
    uploads.dataset(visitor(MINE), ID)
    assert len(copies_in(folder)) == 2
    assert len(load_data(place_of(used), size=28).images) == 19


def test_a_run_whose_choice_is_gone_says_so(client: Direct, uploads: Uploads) -> None:
    send(client)
    asked(client, "leave_out", out=[1])
    run = learn(uploads)
    for path in copies_in(uploads.path_of(visitor(MINE), ID)).values():
        path.unlink()
    with pytest.raises(ValueError, match=r"The pictures of this run .* are not here any more"):
        place_of(run)


def test_the_way_into_a_square_is_no_change_of_the_recipe() -> None:
    assert changed_from_preset(make_config("few", dataset="/own", fit="squeeze")) == []
