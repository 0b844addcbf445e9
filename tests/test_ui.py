"""What stands behind the page, without a browser: ownership, steering, drawing, bad calls."""

from __future__ import annotations

import base64
import math
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganmodel.latents import noise, slerp
from ganmodel.networks import NetworkSpec, build_pair
from ganmodel.runs import Recorder, RunError, create_run
from ganmodel.sampling import Sampler
from ganmodel.training import train
from ganmodel.ui.desk import Desk
from ganmodel.ui.easel import Easel
from ganmodel.ui.visitors import answers_in_sentences, own_run, owner_of
from ganmodel.ui.watching import Watch
from ganmodel.weights import save_weights
from tests.support import tiny_config, tiny_data, wait_until

MINE, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A runs folder with one finished run, "mine", that belongs to the token MINE."""
    run = create_run(tmp_path / "runs", tiny_config(), name="mine", owner=owner_of(MINE))
    data = tiny_data()
    with Recorder(run) as recorder:
        state = recorder.begin(data)
        recorder.record(train(recorder.config, data, state=state, controls=recorder.controls))
    return tmp_path / "runs"


@pytest.fixture
def easel(finished: Path, tmp_path: Path) -> Easel:
    shipped = tmp_path / "weights"
    shipped.mkdir()
    spec = NetworkSpec("small", 4, 4, 1)
    G, _ = build_pair(spec, 0)
    tensors = {f"G_ema.{name}": tensor for name, tensor in G.state_dict().items()}
    save_weights(shipped / "mnist.safetensors", tensors, spec, {"images_seen": 7})
    (shipped / "broken.safetensors").write_bytes(b"not weights")
    return Easel(finished, shipped)


def ask(**changed: Any) -> dict[str, Any]:
    point = {"token": MINE, "generator": "shipped:mnist", "a": 3, "b": 8, "alpha": 0.5}
    return {**point, "path": "slerp", "offsets": {}, **changed}


def pixels(answer: dict[str, Any]) -> np.ndarray:
    shape = [answer[name] for name in ("count", "height", "width", "channels")]
    return np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(shape)


# --- whose run it is --------------------------------------------------------------------------


def test_a_run_answers_to_its_owner_and_to_nobody_else(finished: Path):
    assert own_run(finished, MINE, "mine").name == "mine"
    with pytest.raises(RunError, match="no such run"):
        own_run(finished, OTHER, "mine")


@pytest.mark.parametrize(
    "name", ["../mine", "mine/..", "", ".", None, 7, "x" * 500, "mine\0", "C:"]
)
def test_names_that_are_no_run_of_ours_are_refused_as_unknown(finished: Path, name: Any):
    with pytest.raises(RunError, match="no such run"):
        own_run(finished, MINE, name)


@pytest.mark.parametrize("token", [None, "", "short", "g" * 64, "A" * 64, 5, ["a" * 64], "a" * 65])
def test_what_is_no_token_of_a_page_is_refused(token: Any):
    with pytest.raises(RunError, match="reload the page"):
        owner_of(token)


def test_the_folder_keeps_no_token_only_its_hash(finished: Path):
    for path in finished.rglob("*"):
        if path.is_file():
            assert MINE.encode() not in path.read_bytes(), path


def test_another_visitor_can_neither_steer_nor_watch_a_run(finished: Path):
    desk = Desk(finished)
    for action in ("pause", "stop", "resume", "set", "step", "longer", "again"):
        with pytest.raises(RunError, match="no such run"):
            desk.act({"token": OTHER, "run": "mine", "action": action})
    with pytest.raises(RunError, match="no such run"):
        Watch(desk).watch({"token": OTHER, "run": "mine"})


# --- steering ----------------------------------------------------------------------------------


def test_a_finished_run_refuses_to_be_paused_in_a_sentence(finished: Path):
    with pytest.raises(RunError, match="not training: it is finished"):
        Desk(finished).act({"token": MINE, "run": "mine", "action": "pause"})


def start(desk: Desk, **settings: Any) -> dict[str, Any]:
    return desk.start({"token": MINE, "settings": settings})


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"preset": "nope"}, "no recipe named 'nope'"),
        ({"dataset": "nope"}, "no such data set"),
        ({"dataset": "/etc"}, "no such data set"),
        ({"start_from": "/etc/passwd"}, "begins with fresh networks"),
        ({"objective": "nope"}, "must be one of"),
        ({"images": 0}, "whole number from 1"),
        ({"images": None}, "whole number from 1"),
        ({"images": math.nan}, "whole number from 1"),
        ({"seed": -1}, "whole number from 0"),
        ({"seed": "x"}, "whole number from 0"),
        ({"lr_g": 3}, "number from 0"),
        ({"colour": 3}, "'colour' is not known"),
    ],
    ids=str,
)
def test_a_wrong_setting_starts_nothing_and_says_what_was_wrong(
    tmp_path: Path, choice: dict[str, Any], sentence: str
):
    desk = Desk(tmp_path / "runs")
    with pytest.raises(ValueError, match=sentence):
        start(desk, **choice)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("settings", [None, [], "quick", {str(k): k for k in range(100)}])
def test_settings_that_are_no_object_start_nothing(tmp_path: Path, settings: Any):
    with pytest.raises(ValueError, match="reload the page"):
        Desk(tmp_path / "runs").start({"token": MINE, "settings": settings})


def test_a_runs_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match="cannot be made"):
        start(Desk(tmp_path / "file" / "runs"), images=1000)


def test_a_trainer_that_can_write_nothing_is_explained_from_memory(tmp_path: Path, data_dir: Path):
    """With files limited to 100 bytes neither status.json nor the log can take the reason."""
    desk = Desk(tmp_path / "runs", data_dir)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    run = create_run(tmp_path / "runs", tiny_config(), name="full", owner=owner_of(MINE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # a trainer inherits it
    try:
        desk.launcher.start(run)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    wait_until(lambda: desk.launcher.why_ended(run), 60, "the trainer's end")
    news = Watch(desk).watch({"token": MINE, "run": "full"})
    assert news["state"] in ("failed", "died")
    assert "could no longer write its folder" in news["message"]


# --- drawing ----------------------------------------------------------------------------------


def test_the_picture_is_the_generators_own_at_that_point(easel: Easel):
    drawn = pixels(easel.draw(ask(alpha=0.25, offsets={"2": 0.5})))
    a, b = noise([3, 8], 4)
    z = slerp(a[None], b[None], 0.25)
    z[0, 2] += 0.5
    direct = Sampler.load(easel.shipped / "mnist.safetensors").draw(z)
    assert np.abs(drawn.astype(int) - direct.astype(int)).max() <= 1  # rounding at most


def test_the_strip_begins_at_a_and_ends_at_b(easel: Easel):
    strip = pixels(easel.draw(ask(strip=True)))
    assert len(strip) == 9
    for tile, alpha in ((strip[0], 0), (strip[-1], 1)):
        single = pixels(easel.draw(ask(alpha=alpha)))[0]
        assert np.abs(tile.astype(int) - single.astype(int)).max() <= 1


def test_a_run_of_ones_own_can_be_drawn_with_and_anothers_cannot(easel: Easel):
    assert easel.draw(ask(generator="run:mine"))["moment"] == 128
    with pytest.raises(RunError, match="no such run"):
        easel.draw(ask(generator="run:mine", token=OTHER))


def test_generators_lists_own_runs_and_tells_why_a_file_cannot_be_used(easel: Easel):
    mine = {entry["id"]: entry for entry in easel.generators({"token": MINE})}
    assert set(mine) == {"shipped:mnist", "shipped:broken", "run:mine"}
    assert "damaged" in mine["shipped:broken"]["reason"]
    others = {entry["id"] for entry in easel.generators({"token": OTHER})}
    assert others == {"shipped:mnist", "shipped:broken"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"alpha": math.nan},
        {"alpha": math.inf},
        {"alpha": 1.5},
        {"alpha": None},
        {"alpha": True},
        {"a": -1},
        {"a": 2**31},
        {"a": 0.5},
        {"b": "8"},
        {"path": "zigzag"},
        {"path": []},
        {"offsets": {"4": 1.0}},
        {"offsets": {"-1": 1.0}},
        {"offsets": {"0": math.nan}},
        {"offsets": {"0": "1"}},
        {"offsets": {"²": 1.0}},
        {"offsets": [1, 2]},
        {"generator": "shipped:../../secret"},
        {"generator": "shipped:missing"},
        {"generator": None},
        {"generator": "file:/etc/passwd"},
    ],
)
def test_a_wrong_call_gets_a_sentence_and_no_picture(easel: Easel, wrong: dict[str, Any]):
    answer = answers_in_sentences(easel.draw)(ask(**wrong))
    assert list(answer) == ["error"]
    assert answer["error"].endswith(".")
    assert "Something unexpected" not in answer["error"]


@pytest.mark.parametrize("call", [None, [], "x", 5, [{"token": MINE}]])
def test_a_call_that_is_no_object_gets_a_sentence(easel: Easel, call: Any):
    assert "error" in answers_in_sentences(easel.draw)(call)


def test_offsets_are_bounded_to_what_noise_can_be(easel: Easel):
    far = pixels(easel.draw(ask(offsets={"0": 1e30})))
    assert np.array_equal(far, pixels(easel.draw(ask(offsets={"0": 8.0}))))
