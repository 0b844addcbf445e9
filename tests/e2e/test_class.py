"""A class in browsers: its host's dialog and run; a pupil who watches it, waits and explores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ServedPage, page_of
from tests.e2e.conftest import Visits
from tests.e2e.driving import LONG, start, wait_for_state, wait_for_text
from tests.support import wait_until


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[ServedPage]:
    runs = tmp_path_factory.mktemp("class") / "runs"
    with page_of(runs, "--classroom", "--host", "127.0.0.1", data_dir=data_dir) as page:
        yield page


@pytest.fixture
def visitor(browser: Any, room: ServedPage) -> Iterator[Visits]:
    visits = Visits(browser, room)
    yield visits
    visits.close()
    assert visits.trouble == []


def test_a_class_watches_its_hosts_run_and_own_runs_wait_in_a_queue_to_be_seen(
    visitor: Visits, room: ServedPage
) -> None:
    wait_until(lambda: "?host=" in room.printed(), 20)
    host, pupil = visitor(), visitor(390, 844)
    key = (room.runs / ".host-key").read_text("ascii").strip()
    host.goto(f"{room.url}?host={key}")
    host.wait_for_selector("#train-start")
    assert key not in host.url  # or the next screenshot would give the class away

    host.click("#class-open")
    assert host.inner_text('[data-part="class-address"]') == room.url
    assert host.evaluate("document.querySelector('[data-part=class-qr]').naturalWidth") > 20
    host.keyboard.press("Escape")
    start(host, LONG // 20)  # as long as a class may train
    wait_for_state(host, "running")

    wait_for_text(pupil, "message", "class's run")
    wait_for_state(pupil, "running")
    for control in ("#train-pause", "#train-stop", "#train-knobs"):
        assert not pupil.is_visible(control)
    start(pupil, 5_000)
    wait_for_text(pupil, "message", "In the queue at place 1")
    wait_for_text(pupil, "moment", "when it is this run's turn")
    pupil.click('[data-part="watch-film"]')
    pupil.wait_for_selector(".gm-waits")
    pupil.click("#train-open")  # and the Playground meanwhile
    pupil.wait_for_selector("#play-canvas canvas[data-frame]")
