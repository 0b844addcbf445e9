"""`import ganmodel` as a program uses it: data, networks, rules and callbacks of one's own."""

from __future__ import annotations

import ast
import dataclasses
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import ganmodel
from ganmodel.errors import KnownError
from ganmodel.images import to_bytes
from ganmodel.latents import noise
from ganmodel.objectives import OBJECTIVES
from ganmodel.runs import Run
from ganmodel.training import train
from ganmodel.weights import load_weights
from ganmodel.words import catalogue
from tests.support import CLOCK, TINY, data_of, differing, tiny_config, tiny_images
from tests.support_data import pictures, write


@pytest.fixture(scope="module", autouse=True)
def rules_left() -> Iterator[None]:
    """Rules of these tests are unknown to others in the same process."""
    yield
    OBJECTIVES.pop("mine", None)
    for id in [id for id in catalogue() if id.startswith("objectives.mine.")]:
        del catalogue()[id]


ROOT = Path(__file__).resolve().parents[1]
FEW = {name: value for name, value in TINY.items() if name != "evaluate_every"}


def own_pair(z_dim: int = 4, outputs: int = 784) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    G = nn.Sequential(nn.Linear(z_dim, outputs), nn.Tanh(), nn.Unflatten(1, (1, 28, -1)))
    return G, nn.Sequential(nn.Flatten(), nn.Linear(784, 1))


def block_of(page: str, heading: str) -> str:
    """The first Python block below a heading."""
    text = (ROOT / page).read_text("utf-8")
    below = text[text.index(f"\n{heading}\n") :]
    return re.search(r"```python\n(.*?)```", below, re.DOTALL)[1]


def test_the_readmes_twelve_lines_train_own_networks_on_own_pictures_by_an_own_rule(
    data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANMODEL_DATA", str(data_dir))
    code = block_of("README.md", "## In Python")
    assert len(code.splitlines()) <= 12
    known: dict[str, Any] = {}
    exec(code.replace("100_000", "2_048"), known)
    printed = capsys.readouterr().out.splitlines()
    assert [ast.literal_eval(row)["images"] for row in printed] == [1024, 2048]
    assert known["sheet"].shape == (64, 28, 28, 1)
    assert known["trained"].config.objective == "mine"
    assert OBJECTIVES["mine"] is known["rule"]


def test_a_rule_of_that_name_is_replaced_by_the_next_and_none_of_ours() -> None:
    """As when a notebook's cell is run again."""
    for factor in (1.0, 2.0):
        rule = ganmodel.Objective("mine", lambda r, f: (f - r).mean(), lambda f, r: -f.mean())
        rows = ganmodel.train(tiny_images(), objective=rule, **FEW, lr_g=factor * 1e-3).rows
        assert OBJECTIVES["mine"] is rule
        assert len(rows) == 8
    with pytest.raises(KnownError, match="give yours another"):
        ganmodel.train(tiny_images(), objective=dataclasses.replace(rule, name="wgan"), **FEW)


def test_the_readmes_other_lines_draw_with_what_was_trained(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANMODEL_DATA", str(data_dir))
    monkeypatch.chdir(ROOT)
    text = (ROOT / "README.md").read_text("utf-8")
    code = next(b for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "load(" in b)
    code, last = code[code.index("import ganmodel, torch") :].rstrip().rsplit("\n", 1)
    assert "evaluate" in last  # which takes long, see below
    known: dict[str, Any] = {}
    exec(code, known)
    assert known["images"].shape == (16, 1, 28, 28)
    assert known["film"].shape == (60, 28, 28, 1)


def test_a_generator_is_measured_against_any_pictures() -> None:
    G, _ = own_pair()
    trained = ganmodel.train(tiny_images(), G, own_pair()[1], **FEW)
    quality = ganmodel.evaluate(trained.G, data_of(tiny_images()), samples=64)
    assert quality["samples"] == 64
    assert quality["fd_over_r"] > 0


def test_a_path_is_read_as_the_generator_draws(tmp_path: Path) -> None:
    """In its size, which is not the usual one of a person's own pictures, and by its classes."""
    members = {**pictures(10, "pets/cats/"), **pictures(10, "pets/dogs/", start=20)}
    pets = write(tmp_path / "pets.zip", members)
    trained = ganmodel.train(pets, conditional=True, image_size=28, **FEW)
    assert (trained.G.spec.size, trained.G.spec.classes) == (28, 2)
    assert ganmodel.evaluate(trained.G, pets, samples=64)["fd_over_r"] > 0


def test_a_rule_brings_what_it_requires() -> None:
    rule = ganmodel.Objective(
        "odd", lambda r, f: r.mean(), lambda f, r: f.mean(), requires=("clip",)
    )
    with pytest.raises(ValueError, match="requires clip"):
        ganmodel.register_objective(rule, label="odd", explanation="Odd.")
    assert "odd" not in OBJECTIVES
    assert "objectives.odd.label" not in catalogue()


def test_own_networks_learn_in_place_and_averaged_g_draws() -> None:
    G, D = own_pair()
    before = [p.detach().clone() for p in (*G.parameters(), *D.parameters())]
    trained = ganmodel.train(tiny_images(), G, D, **FEW)
    after = [*G.parameters(), *D.parameters()]
    assert all(not torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert trained.D.network is D
    assert [row["images"] for row in trained.rows] == list(range(16, 129, 16))
    z = noise(range(3), 4)
    with torch.no_grad():
        expected = to_bytes(trained.G(z)).permute(0, 2, 3, 1).numpy()
    np.testing.assert_array_equal(ganmodel.sample(trained.G, 3), expected)
    stops = ganmodel.walk(trained.G, [0, 1], frames=2)
    np.testing.assert_array_equal(stops, expected[:2])


def test_own_networks_see_labels_where_classes_are_learned() -> None:
    class Told(nn.Module):
        def __init__(self, inner: nn.Module, inputs: int) -> None:
            super().__init__()
            self.embed, self.inner = nn.Embedding(4, inputs), inner

        def forward(self, x: Tensor, labels: Tensor) -> Tensor:
            return self.inner(x + self.embed(labels).view(x.shape))

    G, D = own_pair()
    G, D = Told(G, 4), Told(D, 784)
    labels = torch.arange(64) % 4
    trained = ganmodel.train(tiny_images(), G, D, labels=labels, conditional=True, **FEW)
    assert trained.G.spec.classes == 4
    assert ganmodel.sample(trained.G, 8, label=2).shape == (8, 28, 28, 1)


def test_a_training_in_memory_is_the_one_that_its_settings_mean() -> None:
    """The same bits as the engine's own loop gives."""
    data = data_of(tiny_images())
    trained = ganmodel.train(data, preset="quick", **TINY)
    snapshots = list(train(trained.config, data))
    wanted = [snapshot.weights for snapshot in snapshots if snapshot.weights][-1]
    own = {f"G_ema.{name}": tensor for name, tensor in trained.G.state_dict().items()}
    assert differing(own, {k: t for k, t in wanted.items() if k.startswith("G_ema.")}) == []
    assert [row["loss_d"] for row in trained.rows] == [s.row["loss_d"] for s in snapshots if s.row]


def test_on_row_sets_knobs_and_ends_the_training() -> None:
    def watch(row: dict[str, Any]) -> dict[str, float] | bool | None:
        if row["images"] == 32:
            return {"lr_d": 0.0}
        return False if row["images"] >= 64 else None

    G, D = own_pair()
    weights = {}

    def remember(row: dict[str, Any]) -> Any:
        weights[row["images"]] = D[1].weight.detach().clone()
        return watch(row)

    trained = ganmodel.train(tiny_images(), G, D, on_row=remember, **FEW)
    assert trained.rows[-1]["images"] == 64
    assert not torch.equal(weights[16], weights[32])
    assert torch.equal(weights[32], weights[64])  # D's rate is 0 from there on


def test_a_run_is_recorded_like_the_command_lines(data_dir: Path, tmp_path: Path) -> None:
    settings = {**FEW, "images": 64, "evaluate_every": 32}
    seen: list[int] = []
    trained = ganmodel.train(
        "mnist",
        run=tmp_path / "mine",
        data_dir=data_dir,
        on_row=lambda row: seen.append(row["images"]),
        **settings,
    )
    run = Run(tmp_path / "mine")
    assert (trained.run.name, run.state(), run.config()) == ("mine", "finished", trained.config)
    assert seen == [row["images"] for row in run.rows()[0]] == [16, 32, 48, 64]
    for row, kept in zip(trained.rows, run.rows()[0], strict=True):
        assert all(row[n] == v for n, v in kept.items() if n in row and n not in CLOCK)
    weights = load_weights(run.newest_weights()).generator()
    assert differing(weights.state_dict(), trained.G.state_dict()) == []


def test_what_cannot_be_is_said_in_a_sentence(data_dir: Path, tmp_path: Path) -> None:
    G, D = own_pair()
    images = tiny_images()
    with_batch_norm = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(784), nn.Linear(784, 1))
    wrong: dict[str, dict[str, Any]] = {
        "G and D of your own go together": {"data": images, "G": G},
        "scale them": {"data": images.float()},
        "uint8 \\(N, C, S, S\\)": {"data": images[:, :, :20]},
        "pixels a side, not 20": {"data": images[:, :, :20, :20]},
        "at the least": {"data": images[:3]},
        "set z_dim": {"data": images, "G": own_pair(outputs=700)[0], "D": D},
        "cannot be called": {"data": images, "G": G, "D": D, "z_dim": 5},
        "needs one logit": {"data": images, "G": G, "D": nn.Flatten()},
        "register them as a pair": {"data": images, "G": G, "D": D, "run": tmp_path / "a"},
        "can go on later": {"data": images, "run": tmp_path / "a"},
        "leave start_from out": {"data": images, "G": G, "D": D, "start_from": "mnist"},
        "depend on the others|punishes": {"data": images, "G": G, "D": with_batch_norm},
        "cannot be changed while training": {"data": images, "on_row": lambda row: {"width": 4.0}},
        "no data set named": {"data": "nothing"},
        "one for each picture": {"data": images, "labels": torch.arange(3)},
    }
    for words, arguments in wrong.items():
        with pytest.raises(KnownError, match=words):
            ganmodel.train(**{**FEW, **arguments, "data_dir": data_dir})
    assert not (tmp_path / "a").exists()
    generator = ganmodel.load(ROOT / "weights" / "mnist.safetensors")
    with pytest.raises(KnownError, match="draws"):
        ganmodel.evaluate(generator, data_of(tiny_images(channels=3)))


@pytest.mark.parametrize("form", ["rows", "channels last", "floats", "numpy"])
def test_pictures_are_taken_in_every_usual_form(form: str) -> None:
    images = tiny_images()
    given: Any = {
        "rows": images[:, 0],
        "channels last": images.permute(0, 2, 3, 1),
        "floats": images.float() / 127.5 - 1,
        "numpy": images.numpy(),
    }[form]
    wanted = ganmodel.train(images, **FEW).rows
    assert ganmodel.train(given, **FEW).rows == wanted


def test_reading_the_version_loads_no_torch_and_every_name_is_there() -> None:
    code = "import sys, ganmodel; ganmodel.__version__; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    for name in ganmodel.__all__:
        assert getattr(ganmodel, name), name
    with pytest.raises(AttributeError, match="nothing"):
        _ = ganmodel.nothing


def test_tiny_settings_are_those_of_the_config() -> None:
    """A test of the test: the shortened settings above are real ones."""
    assert set(FEW) <= set(tiny_config().to_json())
