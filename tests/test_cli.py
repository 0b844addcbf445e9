"""The command line: what it makes, and that every known trouble is one sentence and a code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

import ganmodel
from ganmodel.cli import LOOKS
from ganmodel.config import SETTINGS, make_config, setting_explanation
from ganmodel.networks import NetworkSpec
from ganmodel.runs import Run, create_run
from ganmodel.sampling import SHIPPED
from ganmodel.weights import load_weights, save_weights
from ganmodel.words import worded
from tests.support import TINY, differing, is_one_sentence, metric_rows, run_through, tiny_config

TINY_FLAGS = [f"--{k.replace('_', '-')}={v}" for k, v in TINY.items()]


# --- train -----------------------------------------------------------------------------------


def test_train_makes_a_run_of_preset_and_flags(cli: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "run"
    outcome = cli("train", "--run", folder, "--objective", "minimax", "--seed", 7, *TINY_FLAGS)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[-1].startswith("Finished: ")
    run = Run(folder)
    assert run.config() == make_config("quick", objective="minimax", seed=7, **TINY)
    assert run.state() == "finished"
    assert run.load_weights().about["images_seen"] == 128
    assert str(run.newest_weights()) in outcome.out


def test_without_a_name_a_run_goes_below_runs(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("train", *TINY_FLAGS, "--no-conditional").code == 0
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.endswith("-mnist-quick")
    assert Run(folder).state() == "finished"
    assert not Run(folder).config().conditional


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--preset", "slow"], ["'slow'", "quick, article"]),
        (["--objective", "wishful"], ["(objective)", "'wishful'", "minimax"]),
        (["--dataset", "imagination"], ["'imagination'", "mnist"]),
        (["--network", "huge"], ["(network)", "small, article"]),
        (["--objective=r3gan", "--r1-every=4"], ["r3gan", "r1_every", "4"]),
        (["--objective=wgan-gp", "--norm-d=batch"], ["BatchNorm", "norm_d"]),
        (["--image-size=30"], ["(image_size)", "28, 32"]),
        (["--dataset", "/no/such/folder"], ["/no/such/folder"]),
        (["--images", "many"], ["(images)", "'many'"]),
        (["--images", "0"], ["(images)", "from 1 to"]),
        (["--images", "1.5"], ["(images)", "whole number"]),
        (["--images", "9" * 5000], ["(images)"]),
        (["--r1-gamma", "1,234"], ["(r1_gamma)", "1.234 or as 1234"]),
        (["--lr-g", "nan"], ["(lr_g)"]),
        (["--lr-d", "inf"], ["(lr_d)"]),
        (["--lr-d=-1"], ["(lr_d)"]),
        (["--seed", "-1"], ["(seed)"]),
        (["--batch-size", "True"], ["(batch_size)"]),
        (["--width", ""], ["(width)"]),
    ],
    ids=lambda value: " ".join(value)[:24],
)
def test_a_wrong_setting_is_one_sentence_and_makes_no_folder(
    cli: Callable[..., Any], tmp_path: Path, flags: list[str], words: list[str]
) -> None:
    outcome = cli("train", "--run", tmp_path / "run", *flags)
    is_one_sentence(outcome, *words)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_runs_folder_is_one_sentence(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file" / "run", tmp_path / "file" / "runs" / "run", "/dev/null/run"):
        outcome = cli("train", "--run", folder, *TINY_FLAGS)
        is_one_sentence(outcome, str(folder), "cannot be made")
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_run_that_exists_is_neither_overwritten_nor_changed(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(tiny_config().to_json()))
    assert cli("train", "--run", tmp_path).code == 0
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.name != "lock"}
    is_one_sentence(cli("train", "--run", tmp_path), "has finished")
    is_one_sentence(cli("train", "--run", tmp_path, "--resume"), "has finished", "--images")
    is_one_sentence(cli("train", "--run", tmp_path, "--seed", 3), "--seed", "config.json")
    is_one_sentence(cli("train", "--run", tmp_path, "--preset", "quick"), "--preset")
    after = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.name != "lock"}
    assert {p: t for p, t in after.items() if p.is_file()} == {
        p: t for p, t in before.items() if p.is_file()
    }


def test_a_folder_with_something_else_in_it_is_left_alone(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    is_one_sentence(cli("train", "--run", tmp_path, *TINY_FLAGS), "exists already")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_there_must_be_something_to_resume(cli: Callable[..., Any], tmp_path: Path) -> None:
    is_one_sentence(cli("train", "--run", tmp_path / "none", "--resume"), "no run to resume")
    is_one_sentence(cli("train", "--resume"), "no run to resume")


@pytest.mark.parametrize("content", ["torn {", "[]", '{"lr_g": "fast"}', '{"unheard": 1}'])
def test_a_damaged_config_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, content: str
) -> None:
    (tmp_path / "config.json").write_text(content)
    is_one_sentence(cli("train", "--run", tmp_path))


def test_divergence_is_one_sentence_and_a_code_of_its_own(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    flags = ["--optimizer=sgd", "--momentum=0.9", "--lr-g=1", "--lr-d=1", "--norm-d=none"]
    tiny = [flag for flag in TINY_FLAGS if not flag.startswith("--images")]
    outcome = cli("train", "--run", tmp_path / "run", "--images=4096", *tiny, *flags)
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1].startswith("ganmodel: ")
    assert "Traceback" not in outcome.err
    assert "images, again after its rates were halved" in outcome.err
    run = Run(tmp_path / "run")
    assert run.state() == "failed"
    assert worded(run.status()["error"]) in outcome.err
    assert [worded(note["text"]).count("halved rates") for note in run.status()["notes"]] == [1]
    assert run.load_weights().generator()


# --- going on, and starting from trained networks --------------------------------------------


def test_a_finished_run_goes_on_to_a_new_length_as_if_it_had_been_planned(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    """128 is a whole number of rows, so that not even the curves can tell the two apart."""
    whole = [flag for flag in TINY_FLAGS if not flag.startswith("--images")]
    assert cli("train", "--run", tmp_path / "long", "--images=256", *whole).code == 0
    assert cli("train", "--run", tmp_path / "short", "--images=128", *whole).code == 0
    outcome = cli("train", "--run", tmp_path / "short", "--resume", "--images=256")
    assert (outcome.code, outcome.err) == (0, "")
    long, short = Run(tmp_path / "long"), Run(tmp_path / "short")
    assert short.config() == long.config()
    assert metric_rows(short.folder) == metric_rows(long.folder)
    assert differing(short.load_weights().tensors, long.load_weights().tensors) == []
    is_one_sentence(cli("train", "--run", short.folder, "--resume", "--images=256"), "256")
    is_one_sentence(cli("train", "--run", short.folder, "--resume", "--images=x"), "(images)")
    assert short.state() == "finished"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    about = {"dataset": "mnist"}
    tensors = run_through(tiny_config())[-1].weights
    save_weights(path, tensors, NetworkSpec("small", 4, 4, 1), about)
    return path


def test_fine_tuning_begins_with_exactly_the_networks_of_the_file(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    """Its networks are taken over without being named, settings of training are not."""
    flags = [f for f in TINY_FLAGS if not f.startswith(("--width", "--z-dim"))]
    outcome = cli("train", "--run", tmp_path / "run", "--start-from", weights, *flags)
    assert (outcome.code, outcome.err) == (0, "")
    run = Run(tmp_path / "run")
    assert (run.config().width, run.config().z_dim) == (4, 4)
    first = load_weights(run.moments("weights")[0])
    assert differing(first.tensors, load_weights(weights).tensors) == []
    assert differing(run.load_weights().tensors, first.tensors) != []
    again = cli("train", "--run", tmp_path / "again", "--start-from", tmp_path / "run", *flags)
    assert again.code == 0
    first = load_weights(Run(tmp_path / "again").moments("weights")[0])
    assert differing(first.tensors, run.load_weights().tensors) == []


def without(weights: Path, prefix: str) -> Path:
    """The same file without one of its networks, as a shipped one may be."""
    whole = load_weights(weights)
    kept = {name: t for name, t in whole.tensors.items() if not name.startswith(prefix)}
    path = weights.with_name(f"without-{prefix}safetensors")
    save_weights(path, kept, whole.spec, {"dataset": "mnist"})
    return path


def test_fine_tuning_begins_with_averaged_g_where_a_file_holds_no_raw_one(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    flags = [f for f in TINY_FLAGS if not f.startswith(("--width", "--z-dim"))]
    small = without(weights, "G.")
    assert cli("train", "--run", tmp_path / "run", "--start-from", small, *flags).code == 0
    first = load_weights(Run(tmp_path / "run").moments("weights")[0]).tensors
    averaged = load_weights(weights).tensors
    for name in (name for name in first if name.startswith("G.")):
        assert torch.equal(first[name], averaged[name.replace("G.", "G_ema.", 1)])


def test_networks_that_come_along_are_started_from_by_their_name(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    """On every machine, so their name alone is kept; chosen by a preset or with the flag."""
    flags = ["--images=4", "--batch-size=4", "--evaluate-every=0", "--g-steps=1"]
    known = load_weights(SHIPPED / "starts" / "mnist-early.safetensors").tensors
    for name, chosen in (("a", "--preset=lesson-collapse"), ("b", "--start-from=mnist-early")):
        assert cli("train", "--run", tmp_path / name, chosen, *flags).code == 0
        run = Run(tmp_path / name)
        assert run.config().start_from == "mnist-early"
        first = load_weights(run.moments("weights")[0]).tensors
        assert torch.equal(first["G.layers.0.weight"], known["G_ema.layers.0.weight"].float())
    is_one_sentence(cli("train", "--preset=lesson-collapse", "--width=8"), "width", "8", "32")


def test_a_start_that_does_not_fit_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    run = ["train", "--run", tmp_path / "run", "--start-from"]
    is_one_sentence(cli(*run, weights, "--width=8"), "width", "4")
    is_one_sentence(cli(*run, weights, "--conditional"), "conditional")
    is_one_sentence(cli(*run, weights, "--dataset=stacked-mnist"), "channels", "stacked-mnist")
    is_one_sentence(cli(*run, tmp_path / "none.safetensors"), "none.safetensors")
    is_one_sentence(cli(*run, without(weights, "D.")), "no D to train against")
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_start_is_gone_says_so_in_its_folder(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    """As a page starts it: a folder with a config, whose trainer finds the file missing."""
    config = tiny_config(start_from=str(tmp_path / "gone.safetensors"))
    run = create_run(tmp_path, config, name="run")
    outcome = cli("train", "--run", run.folder)
    is_one_sentence(outcome, "gone.safetensors")
    assert run.state() == "failed"
    assert worded(run.status()["error"]) in outcome.err


def test_a_folder_of_pictures_is_data(cli: Callable[..., Any], tmp_path: Path) -> None:
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(10):
            colour = (number * 20, 0, 200 if name == "cats" else 0)
            Image.new("RGB", (40, 50), colour).save(tmp_path / "pets" / name / f"{number}.png")
    (tmp_path / "pets" / "cats" / "broken.png").write_bytes(b"no picture")
    flags = [*TINY_FLAGS, "--image-size=28"]  # the folders are classes, though nobody says so
    outcome = cli("train", "--run", tmp_path / "run", "--dataset", tmp_path / "pets", *flags)
    assert outcome.code == 0
    run = Run(tmp_path / "run")
    weights = run.load_weights()
    assert (weights.spec.channels, weights.spec.size, weights.spec.classes) == (3, 28, 2)
    assert weights.about["classes"] == ["cats", "dogs"]
    (note,) = run.status()["notes"]
    assert "broken.png" in worded(note["text"])
    assert run.config().dataset == str(tmp_path / "pets")
    few = cli("train", "--dataset", tmp_path / "run" / "samples")
    assert few.code == 2
    assert "at least 16" in few.err


def test_pictures_by_a_relative_path_are_found_from_any_folder_and_others_are_told_apart(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another folder holds other pictures by the same name, a measurement says so."""
    for folder, grey in (("a", 0), ("b", 100)):
        (tmp_path / folder / "pics").mkdir(parents=True)
        for number in range(16):
            Image.new("L", (28, 28), grey + number).save(tmp_path / folder / f"pics/{number}.png")
    monkeypatch.chdir(tmp_path / "a")
    flags = [*TINY_FLAGS, "--image-size=28", "--dataset=pics"]
    assert cli("train", "--run", "run", *flags).code == 0
    monkeypatch.chdir(tmp_path / "b")
    run = Run("../a/run")
    longer = run.config().images + 64
    assert cli("train", "--run", run.folder, "--resume", "--images", longer).code == 0
    weights = run.newest_weights()
    shutil.copy(weights, "away.safetensors")
    is_one_sentence(cli("evaluate", "away.safetensors"), "somebody's own", "--dataset")
    assert str(tmp_path) not in str(load_weights("away.safetensors").about)

    measure = ("evaluate", weights, "--samples=16", "--json")
    assert "other_data" not in json.loads(cli(*measure).out)
    outcome = cli(*measure, "--dataset=pics")
    assert outcome.err.endswith("learned from other pictures than these.\n")
    assert json.loads(outcome.out)["other_data"] is True
    shutil.copy("pics/0.png", tmp_path / "a/pics/0.png")
    is_one_sentence(cli("evaluate", run.folder), "learned from other pictures than", "--dataset")


def test_a_path_is_taken_as_people_write_it(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell leaves the ~ of --out=~/x alone."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    shutil.copy(SHIPPED / "mnist.safetensors", tmp_path / "w.safetensors")
    assert cli("sample", "~/w.safetensors", "--count=1", "--out=~/x.png").code == 0
    assert cli("walk", "~/w.safetensors", "--frames=2", "--out=~/y.png").code == 0
    assert {"x.png", "y.png"} <= {path.name for path in tmp_path.iterdir()}
    assert ganmodel.load("~/w.safetensors").spec.z_dim > 0
    for flags in (("app", "--runs="), ("train", "--run="), ("evaluate", "")):
        outcome = cli(*flags)
        assert outcome.code == 2
        assert "a folder, but it is empty" in outcome.err


def test_a_device_that_is_not_there_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    outcome = cli("train", "--run", tmp_path / "run", "--device", "abacus", *TINY_FLAGS)
    is_one_sentence(outcome, "'abacus'", "cpu")


def test_a_wasteful_choice_is_said_and_trained_all_the_same(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    outcome = cli("train", "--run", tmp_path / "run", "--clip=0.5", *TINY_FLAGS)
    assert outcome.code == 0
    assert outcome.err.startswith("Note: Clipping")
    assert "Clipping" in worded(Run(tmp_path / "run").status()["notes"][0]["text"])


@pytest.mark.slow
def test_a_run_is_measured_as_evaluate_measures_it(cli: Callable[..., Any], tmp_path: Path) -> None:
    """The trainer's last look and the command's, at as many samples, find the same."""
    flags = [flag for flag in TINY_FLAGS if not flag.startswith("--evaluate")]
    assert cli("train", "--run", tmp_path / "run", "--evaluate-every=64", *flags).code == 0
    run = Run(tmp_path / "run")
    assert list(run.moments("quality")) == [0, 64, 128]
    last = json.loads(run.moments("quality")[128].read_text())
    outcome = cli("evaluate", run.folder, "--samples", last["samples"], "--json")
    assert outcome.code == 0
    found = json.loads(outcome.out)
    assert found["fd"] == pytest.approx(last["fd"], rel=1e-6)
    assert found["histogram"] == last["histogram"]
    assert found["features"]["sha256"] == last["features"]["sha256"]
    (row,) = [row for row in run.rows()[0] if row["images"] == 128]
    assert row["fd_over_r"] == pytest.approx(last["fd_over_r"])
    assert row["compared"] == last["compared"]  # how much a distance says


# --- all of them ------------------------------------------------------------------------------


def test_every_setting_has_its_flag_with_its_range_in_the_help(cli: Callable[..., Any]) -> None:
    outcome = cli("train", "--help")
    assert outcome.code == 0
    words = " ".join(outcome.out.split())
    for name in SETTINGS:
        assert f"--{name.replace('_', '-')}" in words
        if name != "preset":
            assert worded(setting_explanation(name)) in words


def test_unknown_commands_and_flags_are_refused(cli: Callable[..., Any]) -> None:
    for arguments in ([], ["dream"], ["train", "--telepathy"], ["sample"]):
        outcome = cli(*arguments)
        assert outcome.code == 2
        assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("chosen", "looks"),
    [({}, LOOKS), ({"OMP_WAIT_POLICY": "active"}, None), ({"GOMP_SPINCOUNT": "7"}, "7")],
)
def test_waiting_threads_sleep_soon_unless_it_is_chosen_otherwise(
    cli: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    chosen: dict[str, str],
    looks: str | None,
) -> None:
    """Trainers, and all that is started from here, take it over; torch is not loaded yet."""
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.setenv(name, "")  # so that it is put back afterwards
        monkeypatch.delenv(name)
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    assert cli("--version").code == 0
    assert os.environ.get("GOMP_SPINCOUNT") == looks


def test_help_and_a_wrong_setting_need_no_torch(environment: dict[str, str]) -> None:
    """Who mistypes a flag should not wait seconds to read so."""
    script = (
        "import sys; from ganmodel.cli import main; code = main(['train', '--lr-g', 'x']); "
        "print(code, 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "2 False\n"
    assert "(lr_g)" in done.stderr
