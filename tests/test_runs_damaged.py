"""A damaged run is its own trouble: its owner sees it and can delete it, nobody else notices."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ganmodel.files import write_json
from ganmodel.hosting import Limits
from ganmodel.runs import Asked, Run, RunError, create_run, list_runs
from ganmodel.ui.http.visitors import make_link, owner_of
from ganmodel.ui.playground.drawing import Drawing
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.runs_drawer.run_list import RunList
from ganmodel.ui.shared.bundled_runs import BundledRuns
from ganmodel.ui.train.form.settings_form import SettingsForm
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from ganmodel.words import worded
from tests.asking import answer_of, told_by
from tests.support import (
    CLOCK,
    MINE,
    OTHER,
    Crash,
    crash_at,
    metric_rows,
    new_run,
    record,
    tiny_config,
)


def nested(depth: int) -> dict[str, Any]:
    """Messages within each other."""
    said: Any = "the innermost"
    for _ in range(depth):
        said = {"id": "run.doing-share", "values": {"doing": said, "share": 0.5}}
    return said


# What stands where a sentence belongs, and is none.
ODD_WORDS: tuple[Any, ...] = (
    [],
    5,
    {},
    {"id": "run.hung"},
    {"id": "run.hung", "values": []},
    {"id": 5, "values": {}},
    {"id": "constructor", "values": {}},
    {"id": "page." + "x" * 200, "values": {}},
    {"id": "page.\ud800", "values": {}},
    {"id": "run.trainer-failed", "values": {"kind": "\ud800", "error": ""}},
    {"id": "run.outgrown", "values": {"most": float("nan")}},
    {"id": "run.outgrown", "values": {"most": 10**400}},
    {"id": "run.outgrown", "values": {"most": {"n": 1}}},
    {"id": "run.outgrown", "values": {str(k): 1 for k in range(5000)}},
    [{"id": "run.hung", "values": {}}, None, {"id": "run.hung", "values": 1}],
    ["x" * 2000] * 20,
    nested(100),
)
# Sentences as earlier or later editions may have written them, and what is read.
FINE_WORDS: dict[str, tuple[Any, str]] = {
    "earlier text": ("The disk is full.", "The disk is full."),
    "message": ({"id": "run.ended-with-code", "values": {"code": 9}}, "exit code 9."),
    "several": ([{"id": "run.hung", "values": {}}, "And more."], "outside. And more."),
    "nested": (nested(3), "the innermost, 50%, 50%, 50%"),
    "listed": ({"id": "run.ended-with-code", "values": {"code": [1, "x"]}}, "exit code 1, x."),
    "later id": ({"id": "run.of-tomorrow", "values": {"x": True}}, "run.of-tomorrow"),
    "no value": ({"id": "run.outgrown", "values": {}}, "fill the {most:,} MB"),
    "other value": ({"id": "run.outgrown", "values": {"most": "many"}}, "fill the many MB"),
    "long": ({"id": "run.ended-with-code", "values": {"code": "x" * 9000}}, "code " + "x" * 2000),
}
# Each file of a run, and what is wrong in it alone; what is wrong in any is in `ODD`.
FILES: dict[str, tuple[Any, ...]] = {
    "status.json": (
        {"state": ["x"]},
        {"state": "finished", "images_seen": 10**30},
        {"state": "finished", "images_seen": None, "notes": None, "knobs": [1], "networks": 5},
        {"state": "finished", "images_seen": "x", "notes": [1, {"x": 2}, None, {"images": -1}]},
        {"state": "failed", "error": {"a": 1}, "knobs": {"lr_g": "x", "lr_d": 9, "z": 1}},
        {"state": "running", "updated": "x", "images_per_second": [], "pid": "y", "more": [1]},
        b'{"state": "failed", "error": "\\ud800", "images_seen": Infinity, "seconds": 1e999}',
        *({"state": "failed", "error": odd} for odd in ODD_WORDS),
        {"state": "finished", "notes": [{"images": 1, "text": odd} for odd in ODD_WORDS]},
    ),
    "config.json": (
        {"unknown": 1},
        {"preset": "nope"},
        {"dataset": [1]},
        {"objective": []},
        {"dataset": "a\0b"},
        b'{"dataset": "\\ud800"}',
    ),
    "metrics.jsonl": (
        b'{"images": "x"}\n5\n[1]\n{"images": null}\n{}\n{"loss_d": 1}\n' * 3,
        b'{"images": 5, "loss_d": NaN, "d_real": Infinity}\n' * 20,
        b'{"images": 5, "loss_d": "x", "d_real": "y", "seconds": "z"}\n' * 20,
        b'{"images": 1e400, "loss_d": 1e308, "grad_d": 1e308, "grad_g": -1e308}\n' * 20,
        b'{"images": 5, "grad_d": 1e308, "grad_g": -1e308, "loss_d": 1e308}\n' * 20,
        b'{"images": 5, "loss_d": 1}\n{"images": 1, "loss_d": 1}\n' * 10,
        b'{"images": [1], "loss_d": {}}\n' * 20,
    ),
    "title": (b"x" * 100_000, b"a\0b\x1b[31m\n\nc", b"\xed\xa0\x80", "\u202eabc".encode()),
    "link": (b"\xff" * 64,),
    "origin.json": (
        {"title": "x"},
        {"run": 5, "title": 5, "moment": "x", "changes": 5},
        {"run": "../../etc", "title": None, "moment": 1, "changes": [1]},
    ),
    "turn": (
        {"since": "x", "began": None},
        {"since": {}, "began": "x", "trains": []},
        {"since": 1, "began": 1, "trains": "x", "images": "x"},
        {"since": 1e300},
        b'{"since": NaN}',
    ),
    "replies/000001.json": (
        {"ok": True, "set": 5, "images_seen": "x"},
        {"ok": True, "set": {"x": "y", "lr_g": "z"}, "images_seen": 32, "rollbacks": []},
    ),
    "quality/000000064.json": (
        {"fd": "x", "classes": None, "histogram": 5, "fd_over_r": {}},
        b'{"fd": NaN, "fd_over_r": Infinity, "histogram": [NaN]}',
    ),
    # All at once: none of these is read for what another says.
    "samples/000000128.png weights/000000128.safetensors checkpoints/000000128.safetensors "
    "reals.png lock kept log.txt": ((2**62).to_bytes(8, "little") + b"{}",),
}
FOLDER = None  # instead of a file
ODD = (b"", b"\xff\xfe\0garbage", b"null", b"[1]", b"[" * 5000, FOLDER)


class Page:
    """All that a hosted page asks of its runs folder, for two visitors."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        # No trainer: whoever waits goes on waiting, while the page looks after the queue.
        self.control = RunControl(runs, limits=Limits(trainers=0, turn_seconds=60.0, runs_in_all=9))
        bundled = BundledRuns(runs / "none")
        self.view, self.generators = RunView(self.control, bundled), Generators(runs, bundled)
        self.run_list = RunList(self.control, self.view)

    def of(self, token: str, name: str) -> dict[str, Any]:
        """What the visitor is told, their run's age and what changes with time left out."""
        asked = {"token": token, "run": name}
        place = {"token": token, "generator": f"run:{name}", "place": "stops=1,2"}
        calls: list[tuple[Callable[[Any], Any], dict[str, Any]]] = [
            (self.view.watch, {"token": token}),
            (self.view.moment, asked | {"images": 64}),
            (self.view.overlay, asked),
            (self.run_list.runs, {"token": token}),
            (self.run_list.reproduce, asked),
            (self.generators.generators, asked),
            (Drawing(self.generators).draw, place),
        ]
        told = {function.__name__: told_by(function, ask) for function, ask in calls}
        for card in told["runs"].get("runs", []):
            card.pop("age", None)
        return told

    def news_of(self, token: str) -> Any:
        """The quick part of it, for somebody who has nothing to do with the damage."""
        told = told_by(self.run_list.runs, {"token": token})
        for card in told["runs"]:
            card.pop("age", None)
        return told, told_by(self.view.watch, {"token": token})

    def common(self) -> tuple[Any, ...]:
        """What happens to all runs at once: the queue, quotas, uploads, how fast a run will be."""
        self.control.queue.look()
        self.control.stop_outgrown()
        removed = self.control.quotas.make_room(owner_of(OTHER))
        self.control.uploads.expire(0)
        told = answer_of(SettingsForm(self.runs).describe, {"settings": {"preset": "quick"}})
        waiting = self.control.queue.waiting(Run(self.runs / "other"))
        self.control.queue.close()
        return removed, told["refusal"], waiting.ahead, len(list_runs(self.runs))


@pytest.fixture(scope="module")
def page(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Page:
    runs = Path(shutil.copytree(trained_once, tmp_path_factory.mktemp("damaged") / "runs"))
    make_link(Run(runs / "mine"))
    other = create_run(runs, tiny_config(), name="other", owner=owner_of(OTHER))
    write_json(other.path("turn"), {"since": 5.0, "began": None})
    write_json(Run(runs / "mine").path("turn"), {"since": 9.0, "began": 10.0})
    return Page(runs)


def put(path: Path, content: Any) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_troubles_its_owner_alone_who_can_delete_the_run(
    page: Page, tmp_path: Path, name: str
) -> None:
    kept = Path(shutil.copytree(page.runs / "mine", tmp_path / "mine"))
    before, common = page.news_of(OTHER), page.common()
    whole = page.of(MINE, "mine")
    for content in (*ODD, *FILES[name]):
        for damaged in name.split():
            put(page.runs / "mine" / damaged, content)
        own = page.of(MINE, "mine")
        # As a page is sent it.
        sent = json.dumps(own, allow_nan=False, ensure_ascii=False).encode()
        assert sent
        assert [card["name"] for card in own["runs"]["runs"]] == ["mine"]
        assert page.news_of(OTHER) == before
        assert page.common() == common
        mine = {"token": MINE, "run": "mine"}
        if page.control.queue.waiting(Run(page.runs / "mine")):  # for a turn nobody can say when
            answer_of(page.control.stop, mine)
        answer_of(page.run_list.delete, mine)
        answer_of(page.run_list.undo, mine)
    shutil.rmtree(page.runs / "mine")
    shutil.copytree(kept, page.runs / "mine")
    assert page.of(MINE, "mine") == whole


@pytest.mark.parametrize("words", ODD_WORDS, ids=lambda words: f"{words!r:.40}")
def test_what_is_no_sentence_is_left_out_of_a_status(tmp_path: Path, words: Any) -> None:
    run = Run(tmp_path)
    notes = [{"images": 1, "text": words}, {"images": 2, "text": "kept"}]
    status = {"state": "failed", "error": words, "doing": words, "notes": notes}
    put(run.path("status.json"), status)
    assert run.status() == {"state": "failed", "notes": notes[1:]}


@pytest.mark.parametrize(("words", "said"), FINE_WORDS.values(), ids=FINE_WORDS)
def test_a_sentence_is_read_as_a_message_or_as_earlier_editions_wrote_it(
    tmp_path: Path, words: Any, said: str
) -> None:
    run = Run(tmp_path)
    status = {"state": "failed", "error": words, "doing": words}
    put(run.path("status.json"), {**status, "notes": [{"images": 1, "text": words}]})
    found = run.status()
    for one in (found["error"], found["doing"], found["notes"][0]["text"]):
        assert said in worded(one)


@pytest.mark.parametrize("words", ODD_WORDS, ids=lambda words: f"{words!r:.40}")
def test_an_odd_reply_of_a_trainer_is_a_refusal_without_a_reason(
    tmp_path: Path, words: Any
) -> None:
    run = create_run(tmp_path, tiny_config(), name="run")
    asked = Asked(run, "pause")
    run.path("replies").mkdir()
    put(run.path("replies", "000001.json"), {"ok": False, "error": words})
    with pytest.raises(RunError) as caught:
        asked.reply()
    assert str(caught.value) == ""


@pytest.mark.parametrize("content", [*ODD, b"x" * 64, "\u202e".encode() * 40])
def test_a_run_that_cannot_say_whose_it_is_is_nobodys(page: Page, content: bytes | None) -> None:
    owner = page.runs / "mine" / "owner"
    kept = owner.read_bytes()
    before, common = page.news_of(OTHER), page.common()
    put(owner, content)
    assert page.news_of(OTHER) == before
    assert page.common() == common
    assert list_runs(page.runs, owner_of(MINE)) == []
    owner.rmdir() if owner.is_dir() else owner.unlink()
    owner.write_bytes(kept)


@pytest.mark.parametrize("damage", [slice(0, 1), slice(70, 71), slice(66, None)])
def test_whose_a_run_is_outlives_a_broken_byte_and_a_lost_half(page: Page, damage: slice) -> None:
    owner = page.runs / "mine" / "owner"
    kept = owner.read_bytes()
    broken = bytearray(kept)
    broken[damage] = b"\xff"
    owner.write_bytes(broken)
    found = [run.name for run in list_runs(page.runs, owner_of(MINE))]
    owner.write_bytes(kept)
    assert found == ["mine"]


def test_a_run_with_a_damaged_row_goes_on_as_if_it_were_not_there(tmp_path: Path) -> None:
    straight, damaged = new_run(tmp_path, "straight"), new_run(tmp_path, "damaged")
    record(straight)
    with pytest.raises(Crash):
        record(damaged, on_snapshot=crash_at(80))
    rows = damaged.path("metrics.jsonl").read_bytes().splitlines(keepends=True)
    rows[1:1] = [b"\0\0\0\xff\n", b'{"images": "many"}\n', b"[]\n"]
    damaged.path("metrics.jsonl").write_bytes(b"".join(rows))
    assert record(damaged, resume=True) == "finished"
    told = [{k: v for k, v in row.items() if k not in CLOCK} for row in damaged.rows()[0]]
    assert told == metric_rows(straight.folder)
