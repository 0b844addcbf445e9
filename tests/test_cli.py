"""The command line: what it makes, and that every known trouble is one sentence and a code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganmodel.config import SETTINGS, make_config
from ganmodel.networks import NetworkSpec
from ganmodel.runs import Run
from ganmodel.sampling import Sampler
from ganmodel.weights import load_weights, save_weights
from tests.support import TINY, run_through, tiny_config

TINY_FLAGS = [f"--{k.replace('_', '-')}={v}" for k, v in TINY.items()]


def _is_one_sentence(outcome: Any, *words: str, code: int = 2) -> None:
    assert outcome.code == code
    assert outcome.err.startswith("ganmodel: ")
    assert outcome.err.endswith(".\n")
    assert outcome.err.count("\n") == 1
    for word in words:
        assert word in outcome.err


# --- train -----------------------------------------------------------------------------------


def test_train_makes_a_run_of_preset_and_flags(cli: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "run"
    outcome = cli("train", "--run", folder, "--objective", "minimax", "--seed", 7, *TINY_FLAGS)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Finished: ")
    run = Run(folder)
    assert run.config() == make_config("quick", objective="minimax", seed=7, **TINY)
    assert run.state() == "finished"
    assert run.load_weights().about["images_seen"] == 128
    assert str(run.newest_weights()) in outcome.out


def test_without_a_name_a_run_goes_below_runs(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("train", *TINY_FLAGS).code == 0
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.endswith("-mnist-quick")
    assert Run(folder).state() == "finished"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--preset", "slow"], ["'slow'", "quick, article"]),
        (["--objective", "wishful"], ["(objective)", "'wishful'", "minimax"]),
        (["--dataset", "imagination"], ["'imagination'", "mnist"]),
        (["--network", "huge"], ["(network)", "small, article"]),
        (["--images", "many"], ["(images)", "'many'"]),
        (["--images", "0"], ["(images)", "from 1 to"]),
        (["--images", "1.5"], ["(images)", "whole number"]),
        (["--images", "9" * 5000], ["(images)"]),
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
    _is_one_sentence(outcome, *words)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_runs_folder_is_one_sentence(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file" / "run", tmp_path / "file" / "runs" / "run", "/dev/null/run"):
        outcome = cli("train", "--run", folder, *TINY_FLAGS)
        _is_one_sentence(outcome, str(folder), "cannot be made")
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_run_that_exists_is_neither_overwritten_nor_changed(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(tiny_config().to_json()))
    assert cli("train", "--run", tmp_path).code == 0
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.name != "lock"}
    _is_one_sentence(cli("train", "--run", tmp_path), "has finished")
    _is_one_sentence(cli("train", "--run", tmp_path, "--resume"), "has finished", "new run")
    _is_one_sentence(cli("train", "--run", tmp_path, "--seed", 3), "--seed", "config.json")
    _is_one_sentence(cli("train", "--run", tmp_path, "--preset", "quick"), "--preset")
    after = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.name != "lock"}
    assert {p: t for p, t in after.items() if p.is_file()} == {
        p: t for p, t in before.items() if p.is_file()
    }


def test_a_folder_with_something_else_in_it_is_left_alone(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    _is_one_sentence(cli("train", "--run", tmp_path, *TINY_FLAGS), "exists already")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_there_must_be_something_to_resume(cli: Callable[..., Any], tmp_path: Path) -> None:
    _is_one_sentence(cli("train", "--run", tmp_path / "none", "--resume"), "no run to resume")
    _is_one_sentence(cli("train", "--resume"), "no run to resume")


@pytest.mark.parametrize("content", ["torn {", "[]", '{"lr_g": "fast"}', '{"unheard": 1}'])
def test_a_damaged_config_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, content: str
) -> None:
    (tmp_path / "config.json").write_text(content)
    _is_one_sentence(cli("train", "--run", tmp_path))


def test_divergence_is_one_sentence_and_a_code_of_its_own(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    flags = ["--optimizer=sgd", "--momentum=0.9", "--lr-g=1", "--lr-d=1", "--r1-gamma=0"]
    tiny = [flag for flag in TINY_FLAGS if not flag.startswith("--images")]
    outcome = cli("train", "--run", tmp_path / "run", "--images=4096", *tiny, *flags)
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1].startswith("ganmodel: ")
    assert "Traceback" not in outcome.err
    assert "images, again after its rates were halved" in outcome.err
    run = Run(tmp_path / "run")
    assert run.state() == "failed"
    assert run.status()["error"] in outcome.err
    assert [note["text"].count("halved rates") for note in run.status()["notes"]] == [1]
    assert run.load_weights().generator()


# --- sample ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    save_weights(path, run_through(tiny_config())[-1].weights, NetworkSpec("small", 4, 4, 1), {})
    return path


def test_sample_draws_a_npy_a_grid_and_a_folder(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    expected = Sampler(load_weights(weights)).sample(range(5, 11))
    for name in ("new/out.npy", "out.png", "pictures"):
        outcome = cli("sample", weights, "--count", 6, "--seed", 5, "--out", tmp_path / name)
        assert (outcome.code, outcome.err) == (0, "")
    np.testing.assert_array_equal(np.load(tmp_path / "new" / "out.npy"), expected)
    sheet = np.asarray(Image.open(tmp_path / "out.png"))
    assert sheet.shape == (58, 88)
    for index in range(6):
        top, left = 30 * (index // 3), 30 * (index % 3)
        cell = sheet[top : top + 28, left : left + 28]
        np.testing.assert_array_equal(cell, expected[index, :, :, 0])
    names = sorted(os.listdir(tmp_path / "pictures"))
    assert names == [f"{seed:06}.png" for seed in range(5, 11)]
    for name, picture in zip(names, expected, strict=True):
        pixels = np.asarray(Image.open(tmp_path / "pictures" / name))
        np.testing.assert_array_equal(pixels, picture[:, :, 0])


def test_sample_takes_raw_g_when_asked(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    for flags in ([], ["--raw"]):
        out = tmp_path / f"{len(flags)}.npy"
        assert cli("sample", weights, "--count", 4, "--out", out, *flags).code == 0
    averaged, raw = np.load(tmp_path / "0.npy"), np.load(tmp_path / "1.npy")
    np.testing.assert_array_equal(raw, Sampler(load_weights(weights), raw=True).sample(range(4)))
    assert not np.array_equal(averaged, raw)


def test_sample_takes_a_runs_folder_for_its_newest_weights(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    assert cli("train", "--run", tmp_path / "run", *TINY_FLAGS).code == 0
    out = tmp_path / "a.npy"
    assert cli("sample", tmp_path / "run", "--count", 2, "--out", out).code == 0
    newest = tmp_path / "run" / "weights" / "000000128.safetensors"
    np.testing.assert_array_equal(np.load(out), Sampler(load_weights(newest)).sample([0, 1]))


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--count", "0"], "--count"),
        (["--count", "1000000"], "--count"),
        (["--seed", "-1"], "--seed"),
        (["--seed", str(2**31)], "--seed"),
        (["--out", "x.jpg"], ".png or .npy"),
    ],
)
def test_a_wrong_flag_of_sample_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, weights: Path, flags: list[str], word: str
) -> None:
    _is_one_sentence(cli("sample", weights, "--out", tmp_path / "out.png", *flags), word)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_picture_is_one_sentence(
    cli: Callable[..., Any], tmp_path: Path, weights: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    outcome = cli("sample", weights, "--count", 1, "--out", tmp_path / "file" / "out.png")
    _is_one_sentence(outcome, "file", code=1)
    (tmp_path / "taken.png").mkdir()
    outcome = cli("sample", weights, "--count", 1, "--out", tmp_path / "taken.png")
    _is_one_sentence(outcome, "taken.png", code=1)
    assert sorted(os.listdir(tmp_path)) == ["file", "taken.png"]


# --- both ------------------------------------------------------------------------------------


def test_every_setting_has_its_flag_with_its_range_in_the_help(cli: Callable[..., Any]) -> None:
    outcome = cli("train", "--help")
    assert outcome.code == 0
    words = " ".join(outcome.out.split())
    for name, setting in SETTINGS.items():
        assert f"--{name.replace('_', '-')}" in words
        if name != "preset":
            assert setting.metadata["explanation"].split(".")[0].split(" ")[0] in words


def test_unknown_commands_and_flags_are_refused(cli: Callable[..., Any]) -> None:
    for arguments in ([], ["dream"], ["train", "--telepathy"], ["sample"]):
        outcome = cli(*arguments)
        assert outcome.code == 2
        assert "Traceback" not in outcome.err


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
