"""The expected speed: operations against those of real steps, and earlier runs against rows."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from filelock import FileLock
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from ganmodel.config import RunConfig, make_config
from ganmodel.files import write_json
from ganmodel.flops import Operations, operations
from ganmodel.networks import NetworkSpec
from ganmodel.runs import Run, RunError, Throughput, create_run, expected_throughput
from ganmodel.runs.launcher import Launcher
from ganmodel.runs.throughput import matrix_rate
from ganmodel.training import Trainer
from tests.support import tiny_data

# What a step can consist of.
STEPS: dict[str, dict[str, Any]] = {
    "quick": {},
    "no penalty": {"r1_gamma": 0.0},
    "R1 in each step": {"r1_every": 1},
    "R1 and R2": {"r1_every": 3, "r2_gamma": 1.0},
    "R1 and R2 by difference": {"r1_every": 3, "r2_gamma": 1.0, "slope_by": "difference"},
    "article": {"preset": "article"},
    "wgan": {"objective": "wgan"},
    "five steps of D": {"objective": "wgan", "n_critic": 5},
    "three steps of G": {"objective": "r3gan", "g_steps": 3},
    "wgan-gp": {"objective": "wgan-gp"},
    "r3gan": {"objective": "r3gan"},
    "residual": {"network": "residual", "norm_d": "none"},
    "BatchNorm": {"norm_d": "batch", "r1_gamma": 0.0},
    "by class": {"conditional": True},
}


class Counter(TorchDispatchMode):
    total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if formula := flop_registry.get(func.overloadpacket):
            self.total += formula(*args, **(kwargs or {}), out_val=result)
        return result


def work_of(**chosen: Any) -> Operations:
    config = make_config(**chosen)
    return operations(config, NetworkSpec.of(config, 1, 28, 4 if config.conditional else 0))


@pytest.mark.parametrize("chosen", STEPS.values(), ids=STEPS)
def test_the_operations_are_those_of_real_steps(chosen: dict[str, Any]) -> None:
    """Over a whole interval of the penalties; the first layers' slopes are the difference."""
    config = make_config(**{"batch_size": 16, "width": 16, **chosen})
    trainer = Trainer(config, tiny_data(classes=4))
    with Counter() as counter:
        for _ in range(config.r1_every if config.r1_gamma or config.r2_gamma else 1):
            trainer.step()
    work = operations(config, trainer.spec)
    assert work.usual + work.exact == pytest.approx(counter.total / trainer.images_seen, rel=0.05)


def test_the_articles_operations_are_those_of_its_layers() -> None:
    """Multiplications and additions of each layer, summed by hand."""
    g = 2 * (100 * 7 * 7 * 256 + 7 * 7 * 25 * 256 * 128 + 7 * 7 * 25 * 128 * 64)
    g += 2 * 14 * 14 * 25 * 64 * 1
    d = 2 * (14 * 14 * 25 * 1 * 64 + 7 * 7 * 25 * 64 * 128 + 7 * 7 * 128 * 1)
    assert work_of(preset="article").usual == pytest.approx(3 * g + 8 * d, rel=0.02)


def test_penalties_are_computed_exactly_and_small_batches_take_more_steps() -> None:
    assert work_of(r1_gamma=0.0).exact == 0
    assert 0 < work_of(r1_gamma=1.0).exact < work_of(r1_gamma=1.0, r1_every=1).exact
    assert work_of(batch_size=16).steps == 8 * work_of(batch_size=128).steps
    assert work_of(g_steps=5).steps == pytest.approx(3 * work_of().steps)
    assert work_of(n_critic=5).steps == pytest.approx(0.6 * work_of().steps)


def test_this_machine_multiplies_matrices_at_a_sensible_rate() -> None:
    for precision in ("float32", "bf16"):
        assert 1e8 < matrix_rate(precision) < 1e14
        assert matrix_rate(precision) == matrix_rate(precision)  # measured once


no_accelerator = pytest.mark.skipif(
    torch.cuda.is_available() or torch.backends.mps.is_available(), reason="has an accelerator"
)


@no_accelerator
def test_counting_and_measuring_work_in_several_threads_at_once(tmp_path: Path) -> None:
    found: list[Throughput] = []

    def ask() -> None:
        found.append(expected_throughput(make_config(width=24), 1, 28, 0, tmp_path))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


@no_accelerator
def test_an_estimate_follows_what_makes_a_run_slower(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def speed(**chosen: Any) -> float:
        config = make_config(**{"precision": "float32", **chosen})
        pace = expected_throughput(config, 1, 28, 0, tmp_path)
        assert not pace.measured
        return pace.images_per_second

    assert speed() > speed(width=64) > speed(width=128)
    assert speed() > max(speed(objective="wgan-gp"), speed(objective="r3gan"))
    assert speed() > speed(batch_size=8)
    assert speed() > 3 * speed(preset="article")
    assert max(speed(), speed(precision="bf16")) >= speed(precision="auto") >= 0.85 * speed()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    one = speed()
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    assert 2 * one < speed() < 4 * one  # steps have a part that does not divide


@pytest.mark.skipif(not torch.cuda.is_available(), reason="has no CUDA")
def test_an_unused_accelerator_is_not_guessed_at(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="known after a first run"):
        expected_throughput(make_config(), 1, 28, 0, tmp_path)


# --- measured in an earlier run ----------------------------------------------------------------


def ran(runs: Path, name: str, speeds: list[float | None], **chosen: Any) -> Run:
    """A run that says that it had these speeds."""
    run = create_run(runs, make_config(**chosen), name=name)
    rows = [
        {"images": 1024 * n, "images_per_second": speed, "seconds": 1.0 * n}
        for n, speed in enumerate(speeds, 1)
    ]
    run.path("metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return run


def measured(runs: Path, config: RunConfig | None = None) -> float | None:
    try:
        pace = expected_throughput(config or make_config(), 1, 28, 0, runs)
    except RunError:  # on an accelerator
        return None
    return pace.images_per_second if pace.measured else None


def test_the_newest_runs_with_the_same_costs_are_believed(tmp_path: Path) -> None:
    assert measured(tmp_path) is None
    ran(tmp_path, "1", [900.0] * 5)
    ran(tmp_path, "2", [None, 100.0, 1000.0, 1010.0, 990.0, 5.0])  # a slow moment, a short row
    ran(tmp_path, "3", [2000.0] * 5, width=16)
    ran(tmp_path, "4", [3000.0])  # too short to be believed
    ran(tmp_path, "5", [])
    assert measured(tmp_path) == 990.0
    ran(tmp_path, "6", [90.0] * 5)  # beside other work
    assert measured(tmp_path) == 990.0


@pytest.mark.parametrize(
    ("chosen", "same"),
    [
        ({"seed": 5, "images": 10_000, "lr_g": 1e-4, "r1_gamma": 0.2}, True),
        ({"dataset": "kmnist"}, True),  # pictures of the same shape
        ({"dataset": "cifar10"}, False),
        ({"dataset": "/own/faces.zip"}, False),
        ({"r1_gamma": 0.0}, False),
        ({"r1_every": 1}, False),
        ({"batch_size": 64}, False),
        ({"precision": "float32"}, False),
        ({"objective": "hinge", "r1_gamma": 0.1}, False),
    ],
    ids=str,
)
def test_only_what_costs_time_decides_which_run_is_alike(
    tmp_path: Path, chosen: dict[str, Any], same: bool
) -> None:
    ran(tmp_path, "1", [900.0] * 5, **chosen)
    assert measured(tmp_path) == (900.0 if same else None)


def test_the_interval_of_no_penalty_is_of_no_account(tmp_path: Path) -> None:
    ran(tmp_path, "1", [900.0] * 5, r1_gamma=0.0, r1_every=4)
    assert measured(tmp_path, make_config(r1_gamma=0.0)) == 900.0


def test_a_run_whose_costs_were_changed_by_hand_is_passed_over(tmp_path: Path) -> None:
    run = ran(tmp_path, "1", [900.0] * 5)
    write_json(run.path("status.json"), {"knobs": {"lr_g": 1e-4}})
    assert measured(tmp_path) == 900.0
    write_json(run.path("status.json"), {"knobs": {"n_critic": 3}})
    assert measured(tmp_path) is None


@pytest.mark.parametrize("knobs", ["none", {"lr_g": -1}, {"lr": 1}])
def test_knobs_that_cannot_be_read_were_not_set(tmp_path: Path, knobs: Any) -> None:
    broken = ran(tmp_path, "1", [900.0] * 5)
    write_json(broken.path("status.json"), {"knobs": knobs})
    assert measured(tmp_path) == 900.0


def test_damaged_folders_do_not_disturb(tmp_path: Path) -> None:
    ran(tmp_path, "1", [900.0] * 5)
    ran(tmp_path, "5", []).path("metrics.jsonl").write_text('{"images": 5}\n{"seconds": "x"}\n')
    ran(tmp_path, "6", []).path("config.json").write_text("{")
    assert measured(tmp_path) == 900.0


# --- beside others ------------------------------------------------------------------------------


@contextlib.contextmanager
def training(runs: Path, name: str, **status: Any) -> Iterator[Run]:
    """A run whose trainer lives, as far as its folder tells."""
    run = create_run(runs, make_config(width=16), name=name)
    write_json(run.path("status.json"), {"state": "running", "images_seen": 0, **status})
    with FileLock(run.path("lock"), is_singleton=False):
        yield run


def test_trainers_that_start_beside_others_share_the_cores_by_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    run, launcher = create_run(tmp_path, make_config(), name="new"), Launcher()
    assert launcher._threads(run) is None  # alone it has them all, as ever
    with training(tmp_path, "a"):
        assert launcher._threads(run) == 2
        with training(tmp_path, "b"), training(tmp_path, "c"):
            assert launcher._threads(run) == 1
            with training(tmp_path, "d"):
                assert launcher._threads(run) == 1
    assert launcher._threads(run) is None


def test_what_trains_already_is_counted_in_what_is_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    write_json(ran(tmp_path, "1", [1000.0] * 5).path("status.json"), {"threads": 2})
    assert measured(tmp_path) == 1000.0
    one = 1000.0 / 2**0.8
    with training(tmp_path, "other", threads=1):
        assert measured(tmp_path) == pytest.approx(one)  # each has a core of its own
    with training(tmp_path, "other2", threads=2), training(tmp_path, "third") as third:
        assert measured(tmp_path) == pytest.approx(one * 2 / 3)  # three on two cores
        write_json(third.path("status.json"), {"state": "paused"})
        assert measured(tmp_path) == pytest.approx(one)
        if measured(tmp_path) is not None:  # where one trains at a time, this one's turn comes then
            assert expected_throughput(make_config(), 1, 28, 0, tmp_path, at_once=1).beside == 0


@no_accelerator
def test_an_estimate_is_set_right_by_what_other_runs_here_really_did(tmp_path: Path) -> None:
    wanted = make_config(width=24)
    guessed = expected_throughput(wanted, 1, 28, 10, tmp_path)
    assert not guessed.compared
    known = expected_throughput(make_config(), 1, 28, 10, tmp_path).images_per_second
    ran(tmp_path, "1", [0.4 * known] * 5)
    found = expected_throughput(wanted, 1, 28, 10, tmp_path)
    assert (found.measured, found.compared) == (False, True)
    assert found.images_per_second == pytest.approx(0.4 * guessed.images_per_second)
