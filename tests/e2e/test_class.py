"""A class: its host trains, everybody watches and explores; asked directly, and in browsers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ganmodel.hosting import classroom
from ganmodel.hosting.turn import TURN
from ganmodel.runs import Run
from ganmodel.ui.http.visitors import owner_of
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from tests.asking import Asker, ServedPage, answer_of, page_of
from tests.e2e.conftest import Visits
from tests.e2e.driving import start, wait_for_state, wait_for_text
from tests.support import wait_until


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[ServedPage]:
    runs = tmp_path_factory.mktemp("class") / "runs"
    with page_of(runs, "--classroom", "--host", "127.0.0.1", data_dir=data_dir) as page:
        wait_until(lambda: "█" in page.printed(), what="a QR code")
        yield page


@pytest.fixture(scope="module")
def host(room: ServedPage) -> Asker:
    return room.visitor(token=(room.runs / ".host-key").read_text("ascii").strip())


@pytest.fixture(scope="module")
def run(host: Asker) -> str:
    """The host's, which trains for as long as the tests here last."""
    name = host.start(images=2_000_000)["run"]
    wait_until(lambda: (host.call("watch")["images_seen"] or 0) > 0)
    return name


@pytest.fixture
def visitor(browser: Any, room: ServedPage) -> Iterator[Visits]:
    visits = Visits(browser, room)
    yield visits
    visits.close()
    assert visits.trouble == []


def test_a_class_watches_its_hosts_run_explores_it_and_cannot_steer_it(
    room: ServedPage, host: Asker, run: str
) -> None:
    assert "The class opens http://127.0.0.1" in room.printed()
    assert host.token in room.printed()
    pupil = room.visitor()
    news = pupil.call("watch")
    assert (news["run"], news["own"]) == (run, False)
    assert "class's run" in news["message"]
    assert news["generator"] == f"run:{run}"
    assert f"run:{run}" in [one["id"] for one in pupil.call("generators")["generators"]]
    assert pupil.call("draw", generator=f"run:{run}", place="stops=1,2")["pixels"]
    for action, more in (("stop", {}), ("pause", {}), ("set", {"values": {}})):
        assert "no such run" in pupil.call(action, run=run, **more)["error"]
    own = pupil.start(images=5_000)["run"]
    news = pupil.call("watch", run=own)
    assert news["queued"]
    assert news["class_run"]["run"] == run  # and a way back to it
    assert "class_run" not in host.call("watch")
    assert pupil.call("stop", run=own)["said"] == "Taken out of the queue."
    assert "On this page" in room.visitor().start(images=1_000_000)["error"]


def test_the_host_shows_the_address_and_a_pupils_own_run_waits_in_a_queue_to_be_seen(
    room: ServedPage, host: Asker, run: str, visitor: Visits
) -> None:
    control, pupil = visitor(address=f"{room.url}?host={host.token}"), visitor(390, 844)
    control.wait_for_function("name => ganmodel.run() === name", arg=run)
    assert host.token not in control.url  # or whoever photographs the screen becomes the host
    assert control.is_visible("#train-stop")
    control.click("#class-open")
    assert control.inner_text('[data-part="class-address"]') == room.url
    assert control.evaluate("document.querySelector('[data-part=class-qr]').naturalWidth") > 20

    wait_for_text(pupil, "message", "class's run")
    wait_for_state(pupil, "running")
    for control in ("#train-pause", "#train-stop", "#train-knobs"):
        assert not pupil.is_visible(control)
    start(pupil, 5_000)
    # Until then the class's run is shown, and its generator is there to play with.
    wait_for_text(pupil, "waits-said", "in the queue at place 1")
    pupil.wait_for_function("name => ganmodel.run() === name", arg=run)
    pupil.click("#train-open")
    pupil.wait_for_selector("#play-canvas canvas[data-frame]")
    pupil.get_by_role("tab", name="Train").click()
    pupil.click('[data-part="waits-leave"]')
    pupil.wait_for_selector('[data-part="waits"]', state="hidden")


def test_a_page_asked_to_end_lets_runs_save_and_the_next_one_goes_on_with_them_and_the_queue(
    room: ServedPage, host: Asker, run: str, data_dir: Path
) -> None:
    """The last of those that share the page: it ends here. The next page is what stands behind
    one, in this process."""
    pupil, shown = room.visitor(), Run(room.runs / run)
    queued = Run(room.runs / pupil.start(images=5_000)["run"])
    room.end()  # the trainer has 5 s to save; it takes longer where others use the cores
    wait_until(lambda: not shown.is_alive())
    assert shown.state() == "stopped"
    seen = shown.status()["images_seen"]
    assert max(shown.moments("checkpoints")) == seen
    assert shown.path(TURN).exists()

    control = RunControl(room.runs, data_dir, classroom(), owner_of(host.token))

    def goes_on() -> bool:
        control.queue.look()
        return shown.rows()[0][-1]["images"] > seen

    wait_until(goes_on)
    assert answer_of(RunView(control).watch, {"token": pupil.token, "run": queued.name})["queued"]
    control.queue.close()
    images = [row["images"] for row in shown.rows()[0]]
    assert images == sorted(set(images))
