"""One's own pictures as a person brings them: drop, look, train; what is broken; cancel; reload."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.driving import (
    end_all_runs,
    newest_run,
    open_form,
    open_own_sheet,
    start,
    wait_for_state,
    wait_for_text,
)


@pytest.fixture(scope="module")
def tab(visits: Any) -> Any:
    return visits()


@pytest.fixture
def page(tab: Any, visits: Any, served: Any) -> Iterator[Any]:
    """One visitor's sheet for all tests, each of which finds it without pictures."""
    open_own_sheet(tab)
    tab.wait_for_selector("#own-sheet")
    # What is brought while the last files are still on their way is not taken.
    tab.wait_for_selector('[data-part="own-sending"]', state="hidden")
    tab.click('[data-to="1"]')
    if tab.is_visible('[data-part="own-remove"]'):
        tab.click('[data-part="own-remove"]')
        tab.wait_for_selector('[data-part="own-held"]', state="hidden")
    yield tab
    assert visits.trouble == []
    end_all_runs(served)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """24 pictures in two folders, and a broken one."""
    path = tmp_path / "my shapes.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(24):
            buffer = io.BytesIO()
            Image.new("L", (40, 30), 10 * number).save(buffer, "PNG")
            packed.writestr(f"{'dark' if number < 12 else 'light'}/{number}.png", buffer.getvalue())
        packed.writestr("dark/broken.png", b"no picture")
    return path


def bring(page: Any, *paths: Path) -> None:
    """Until they are there, or refused: what earlier ones left on the sheet says neither."""
    page.set_input_files("#own-drop input", [str(path) for path in paths])
    page.wait_for_selector('[data-part="own-sending"]', state="hidden")


def close(page: Any) -> None:
    page.click("#own-sheet [data-close]")
    page.wait_for_selector("#own-sheet", state="hidden")


def test_a_dropped_archive_is_shown_counted_and_trained_on(
    page: Any, served: Any, archive: Path
) -> None:
    bring(page, archive)
    wait_for_text(page, "own-found", "my shapes.zip: 24, grey")
    assert "broken.png" in page.inner_text('[data-part="own-notes"]')
    wait_for_text(page, "own-class-names", "2 classes: dark, light")
    page.click('label:has([name="own-size"][value="32"])')
    wait_for_text(page, "own-read", "my shapes.zip: 24, 32 × 32, cropped")
    close(page)
    assert page.get_attribute('[data-part="own-preview"]', "src").startswith("data:image/png")
    start(page, 2048, evaluate_every=0)
    wait_for_state(page, "finished")
    config = newest_run(served).config()
    assert (config.image_size, config.conditional, config.preset) == (32, True, "few")
    assert "my shapes.zip" in page.text_content('[data-part="settings"]')
    assert str(served.runs) not in page.content()


def test_a_broken_archive_gets_a_sentence_and_what_was_there_stays(
    page: Any, archive: Path, tmp_path: Path
) -> None:
    bring(page, archive)
    wait_for_text(page, "own-found", "my shapes.zip: 24")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(archive.read_bytes()[:300])
    bring(page, broken)
    wait_for_text(page, "own-said", "broken.zip is not a whole zip or tar archive")
    assert "my shapes.zip: 24 are here" in page.inner_text('[data-part="own-held"]')


def test_single_images_are_taken_together_and_too_few_are_refused(
    page: Any, tmp_path: Path
) -> None:
    paths = []
    for number in range(18):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (28, 28), (10 * number, 0, 0)).save(paths[-1])
    bring(page, *paths[:3])
    wait_for_text(page, "own-said", "at least 16 are needed")
    bring(page, *paths)
    wait_for_text(page, "own-found", "your pictures: 18, in colour")
    assert page.is_visible('[data-part="own-squares"]')
    assert not page.is_visible('[data-part="own-fits"]')


def leaves_out(index: int) -> Callable[[Any], bool]:
    """Whether an answer is to leaving out this one; others may be on their way."""

    def is_told(response: Any) -> bool:
        asked = response.url.endswith("ganmodel-leave-out") and response.request.post_data_json
        return bool(asked) and index in asked["out"]

    return is_told


def test_the_choice_is_there_again_after_a_reload_until_it_is_removed(
    page: Any, archive: Path
) -> None:
    bring(page, archive)
    wait_for_text(page, "own-found", "my shapes.zip: 24")
    page.click('label:has([name="own-fit"][value="squeeze"])')
    wait_for_text(page, "own-read", "squeezed")
    page.click('.gm-own-cells [data-index="3"]')
    wait_for_text(page, "own-read", "my shapes.zip: 23")
    with page.expect_response(leaves_out(4)):
        page.click('.gm-own-cells [data-index="4"]')
    page.reload()
    page.wait_for_selector("#train-start", state="attached")
    wait_for_text(page, "own-read", "my shapes.zip: 22, 28 × 28, squeezed")
    open_form(page)
    page.click('[data-part="own-open"]')
    page.wait_for_selector('.gm-own-cells [data-index="3"][aria-pressed="true"]')
    page.click('[data-to="1"]')
    page.click('[data-part="own-remove"]')
    close(page)
    page.click('[data-part="sheet-start"]')
    wait_for_text(page, "refusal", "Choose your own pictures first")


def test_sending_can_be_cancelled_and_leaves_nothing(
    page: Any, served: Any, tmp_path: Path
) -> None:
    large = tmp_path / "large.zip"
    large.write_bytes(bytes(60_000_000))
    page.route("**/ganmodel-upload", lambda route: None)  # a line on which nothing arrives
    page.set_input_files("#own-drop input", str(large))
    page.wait_for_selector('[data-part="own-cancel"]')
    page.click('[data-part="own-cancel"]')
    wait_for_text(page, "own-said", "Cancelled")
    page.unroute("**/ganmodel-upload")
    assert not page.is_visible('[data-part="own-held"]')


def test_a_phones_picture_is_made_small_and_upright_and_what_nobody_opens_is_counted(
    page: Any, served: Any, tmp_path: Path
) -> None:
    large = Image.new("RGB", (4000, 3000), "white")
    large.paste("red", (0, 0, 2000, 1500))
    turned = Image.Exif()
    turned[0x0112] = 6  # to be shown turned by a quarter: red at the top right
    paths = [tmp_path / "IMG_0001.JPG", tmp_path / "IMG_0002.HEIC", tmp_path / "notes.txt"]
    large.save(paths[0], "JPEG", exif=turned)
    paths[1].write_bytes(b"\0\0\0\x18ftypheic" + bytes(60_000))
    paths[2].write_text("beside")
    for number in range(16):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (28, 28), (10 * number, 0, 0)).save(paths[-1])
    sent = set(arrived(served))
    bring(page, *paths)
    wait_for_text(page, "own-found", "your pictures: 17")
    assert "IMG_0002.HEIC" in page.inner_text('[data-part="own-notes"]')
    assert "1 (notes.txt)" in page.inner_text('[data-part="own-notes"]')
    came = {path: path.read_bytes() for path in set(arrived(served)) - sent}
    assert {path.read_bytes() for path in paths[3:]} <= set(came.values())
    photo = next(
        Image.open(path) for path, content in came.items() if content[:3] == b"\xff\xd8\xff"
    )
    assert photo.size == (256, 341)
    assert photo.getpixel((200, 60))[1] < 40
    assert min(photo.getpixel((60, 60))) > 220


def arrived(served: Any) -> list[Path]:
    return [path for path in (served.runs / ".uploads").rglob("*") if path.is_file()]
