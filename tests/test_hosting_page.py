"""A page that many share, as a process: who sees what, what ends it, and what it goes on with."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.fuzzing import exceptions_of, victim, wrong_calls
from benchmarks.visitors import memory_of, slide, watch
from ganmodel.cli import main
from ganmodel.hosting import hosted
from ganmodel.hosting.turn import TURN
from ganmodel.runs import Run
from ganmodel.ui.http.static import PLOTLY
from ganmodel.ui.runs_drawer.run_list import RunList
from ganmodel.ui.shared.bundled_runs import BUNDLED, FIRST
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from ganmodel.words import worded
from tests.asking import ROOT, Asker, ServedPage, answer_of, page_of, run_beside
from tests.patient import PATIENCE
from tests.support import wait_until

pytestmark = pytest.mark.slow
HOSTED = ("--share", "--root-path", "/demo")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[ServedPage]:
    """Hosted in every way at once: below a proxy's path, with a password, no tunnel to be had."""
    runs = tmp_path_factory.mktemp("hosted") / "runs"
    with page_of(runs, *HOSTED, data_dir=data_dir, login="eva:correct horse") as served:
        yield served


@pytest.fixture(scope="module")
def owner(page: ServedPage) -> Asker:
    return page.visitor()


@pytest.fixture(scope="module")
def run(page: ServedPage, owner: Asker) -> Run:
    """A finished run of the owner's."""
    started = owner.start(images=4_000)
    found = Run(page.runs / started["run"])
    wait_until(lambda: found.state() == "finished" and found.moments("weights"))
    return found


# --- nobody sees another's: by a route, see `test_routes` -----------------------------------------

BEFORE = (
    "", "file=", "file/", "gradio_api/file=", "gradio_api/file/", "static/", "assets/",
    "assets/../", "gradio_api/stream/", "gradio_api/call/../file=",
)  # fmt: skip


def test_no_address_leads_to_a_file_of_a_run(page: ServedPage, run: Run) -> None:
    stranger = page.visitor()
    for place in (f"runs/{run.name}/config.json", run.path("config.json"), run.name, ".host-key"):
        for before in BEFORE:
            answer = stranger.get(f"{before}{place}")
            assert answer.status in (403, 404), (before, place, answer.status)
            assert b"preset" not in answer.body


def test_a_link_opens_a_run_for_reading_and_nothing_else(
    page: ServedPage, owner: Asker, run: Run
) -> None:
    key = owner.call("link", run=run.name)["key"]
    reader = page.visitor()
    news = reader.call("watch", run=run.name, key=key)
    assert (news["own"], news["state"]) == (False, "finished")
    assert reader.call("draw", generator=f"run:{run.name}", key=key, place="stops=1,2")["pixels"]
    for route in ("stop", "delete", "reproduce"):
        assert reader.call(route, run=run.name)["code"] == "no-such-run"
        assert reader.call(route, run=run.name, key=key)["code"] == "bad-call"
    assert reader.call("runs")["runs"] == []


# --- limits --------------------------------------------------------------------------------------


TOO_MUCH = ({"images": 5_000_000}, {"width": 200}, {"batch_size": 4096}, {"log_every": 1})


@pytest.mark.parametrize("settings", TOO_MUCH)
def test_what_takes_too_much_of_a_shared_machine_is_refused_in_a_sentence(
    page: ServedPage, settings: dict[str, Any]
) -> None:
    before = len(list(page.runs.glob("*/config.json")))
    answer = page.visitor().start(**settings)
    assert "On this page, which many share" in answer["error"]
    assert len(list(page.runs.glob("*/config.json"))) == before


def test_a_visitor_trains_one_run_at_once_and_the_next_one_waits_in_the_queue(
    page: ServedPage,
) -> None:
    first, second = page.visitor(), page.visitor()
    one = first.start(images=2_000_000)["run"]
    wait_until(lambda: first.call("watch", run=one)["state"] == "running")
    two = second.start()["run"]
    assert "training already" in first.start()["error"]
    news = second.call("watch", run=two)
    assert (news["state"], news["queued"]) == ("waiting", True)
    assert "In the queue at place 1" in worded(news["message"])
    film = second.call("watch", run=BUNDLED + FIRST)
    assert film["waits"]["run"] == two
    assert film["curves"]
    assert worded(second.call("stop", run=two)["said"]) == "Taken out of the queue."
    assert second.call("watch", run=two)["state"] == "stopped"
    assert first.call("stop", run=one)["said"]
    wait_until(lambda: first.call("watch", run=one)["state"] == "stopped")


# --- many visitors, in short; at length in benchmarks/load.py -------------------------------------


def test_visitors_who_slide_at_once_all_get_their_pictures(page: ServedPage) -> None:
    waits, errors = run_beside(slide(page, visitors=10, seconds=1.0))
    assert not errors
    assert len(waits) >= 10


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="measures memory by Linux's way")
def test_pages_that_watch_take_little_memory(page: ServedPage, owner: Asker, run: Run) -> None:
    key = owner.call("link", run=run.name)["key"]
    before = memory_of(page.process.pid)
    run_beside(watch(page, 20, 1.0, run.name, key))
    assert memory_of(page.process.pid) < before + 60  # MB; most of it is Gradio's first time


def test_wrong_calls_break_nothing(page: ServedPage, owner: Asker, run: Run) -> None:
    player = page.visitor()
    queued = player.start()["run"]
    others = victim(page, owner.token, run.name)
    found = wrong_calls(page, [others], victim(page, player.token, queued), 500)
    assert not found.trouble
    assert not found.leaks
    assert found.codes["200"]
    assert found.codes["400"]
    assert exceptions_of(page) == []
    assert page.process.poll() is None


# --- ways to host --------------------------------------------------------------------------------


def test_a_password_a_proxys_path_and_a_public_link_that_cannot_be_had(page: ServedPage) -> None:
    wait_until(lambda: "A hosted page" in page.printed())
    assert "No public link could be made" in page.printed()
    stranger = page.visitor(headers={})
    for address in ("", "config", PLOTLY):
        assert stranger.get(address).status == 401
    assert stranger.post("ganmodel-draw", {}).status == 401
    eva = page.visitor()
    assert eva.get("config").json()["root"].endswith("/demo")
    assert b'"mode": "hosted"' in eva.get("").body  # which the scripts go by
    assert eva.call("generators")
    assert "On this page, which many share" in eva.start(width=256)["error"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--auth", "eva"], "NAME:PASSWORD"),
        (["--auth", "eva:short"], "at least 8 characters"),
        (["--port", "99999"], "--port must be from 0 to 65,535"),
        (["--root-path", "demo"], "--root-path must begin with /"),
    ],
)
def test_wrong_flags_get_a_sentence(
    flags: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["app", *flags]) == 2
    assert said in capsys.readouterr().err


def test_a_space_finds_what_it_needs_in_the_front_matter_and_the_requirements() -> None:
    front = (ROOT / "README.md").read_text("utf-8").split("---")[1]
    facts = dict(line.split(": ", 1) for line in front.strip().splitlines())
    assert facts["sdk"] == "gradio"
    assert (ROOT / facts["app_file"]).is_file()
    wanted = (ROOT / "requirements.txt").read_text("utf-8").split()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert sorted(wanted) == sorted(project["dependencies"])
    gradio = next(one for one in wanted if one.startswith("gradio"))
    assert facts["sdk_version"].startswith(gradio.split(">=")[1].split(",")[0])


def test_the_container_copies_what_there_is_and_runs_without_rights() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    copied = [word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]]
    assert all((ROOT / name).exists() for name in copied)
    let_in = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert all(f"!{name}" in let_in for name in copied)
    assert "USER visitor" in lines
    assert "VOLUME /runs" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)


# --- ending and going on -------------------------------------------------------------------------


def test_runs_and_the_queue_outlive_a_page_that_is_killed(tmp_path: Path, data_dir: Path) -> None:
    """The next page is what stands behind one, in this process; how a page ends that is asked to,
    see the class's tests."""
    with page_of(tmp_path / "runs", "--hosted", data_dir=data_dir) as page:
        outlive(page, data_dir)


def outlive(page: ServedPage, data_dir: Path) -> None:
    runs, visitor, waiter = page.runs, page.visitor(), page.visitor()
    small = {"width": 8, "conditional": False}
    run = Run(runs / visitor.start(images=1_000_000, **small)["run"])
    queued = Run(runs / waiter.start()["run"])
    wait_until(lambda: len(run.rows()[0]) > 2)
    trainer = run.status()["pid"]

    page.process.kill()
    page.process.wait(PATIENCE)
    control = RunControl(runs, data_dir, hosted())
    watching = RunView(control)

    def news(visitor: Asker, run: Run | None = None) -> dict[str, Any]:
        control.queue.look()
        return answer_of(watching.watch, {"token": visitor.token, "run": run and run.name})

    again = news(visitor)
    assert (again["run"], again["state"]) == (run.name, "running")
    assert run.status()["pid"] == trainer  # which did not even notice
    assert news(waiter, queued)["queued"]
    os.kill(trainer, signal.SIGKILL)  # as if the machine had ended both
    wait_until(lambda: news(visitor, run)["state"] == "died" or not run.is_alive())
    seen = run.rows()[0][-1]["images"]

    def goes_on() -> bool:
        """From its last checkpoint, perhaps the one of no images: its rows come again."""
        rows = news(visitor, run) and run.rows()[0]
        return bool(rows) and rows[-1]["images"] > seen

    wait_until(goes_on)
    assert news(waiter, queued)["queued"]
    control.queue.close()
    images = [row["images"] for row in run.rows()[0]]
    assert images == sorted(set(images))


def test_want_of_memory_is_told_in_a_sentence(
    run_trainer: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    def little_memory() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (4_500_000_000, 4_500_000_000))

    flags = ("--width", "128", "--batch-size", "4096", "--precision", "float32")
    trainer = run_trainer(tmp_path / "run", *flags, preexec_fn=little_memory)
    told = trainer.communicate(timeout=PATIENCE)[1]
    assert trainer.returncode == 1
    assert "too little memory for this run: lower its batch or its width" in told
    assert "Traceback" not in told
    assert "too little memory" in worded(Run(tmp_path / "run").status()["error"])


def test_strange_folders_among_the_runs_disturb_nobody(tmp_path: Path, data_dir: Path) -> None:
    """A page starts, lists and trains beside what others left in its runs folder."""
    runs = tmp_path / "runs"
    for name, content in (("empty", None), ("broken", b"{"), ("binary", bytes(range(256)))):
        (runs / name).mkdir(parents=True)
        if content is not None:
            (runs / name / "config.json").write_bytes(content)
            (runs / name / TURN).write_bytes(content)
    (runs / "file").write_text("not a folder")
    (runs / "loop").symlink_to(runs)
    control = RunControl(runs, data_dir, hosted())
    control.queue.look()
    view = RunView(control)
    token = "a" * 64
    assert answer_of(RunList(control, view).runs, {"token": token})["runs"] == []
    assert answer_of(view.watch, {"token": token})["run"] == BUNDLED + FIRST
    control.quotas.make_room("nobody")
    assert (runs / "broken" / "config.json").exists()
