"""What people kept from earlier editions opens in this one, and a run of theirs goes on.

The fixtures were made by the code of those editions; see tests/fixtures/README.md.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from ganmodel.data import Data, load_data
from ganmodel.networks import NetworkSpec, build_pair
from ganmodel.places import Place
from ganmodel.runs import Run, list_runs, origin_of
from ganmodel.ui.http.visitors import owner_of, readable_run
from ganmodel.ui.playground.generators import Generators
from ganmodel.ui.playground.place_in_png import Recall
from ganmodel.ui.runs_drawer.run_list import RunList
from ganmodel.ui.serving import _host_key
from ganmodel.ui.shared.bundled_runs import BundledRuns
from ganmodel.ui.train.form.contact_sheets import ContactSheets
from ganmodel.ui.train.form.uploads import Uploads
from ganmodel.ui.train.run_control import RunControl
from ganmodel.ui.train.run_view import RunView
from ganmodel.weights import load_weights
from tests.asking import answer_of, resolved, visitor
from tests.editions import EDITIONS, Edition
from tests.support import CLOCK, OTHER, read_tensors, record

pytestmark = pytest.mark.parametrize(
    "edition", EDITIONS, ids=lambda edition: edition.folder.name, scope="module"
)
MEASURED = ("penalty", "grad_d", "grad_g", "diversity")


@pytest.fixture(scope="module")
def digits(data_dir: Path) -> Data:
    return load_data("mnist", data_dir)


@pytest.fixture(scope="module")
def unpacked(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs of an edition, which no test changes."""
    return edition.unpack(tmp_path_factory.mktemp("edition") / "runs")


@pytest.fixture
def runs(unpacked: Path, tmp_path: Path) -> Path:
    """The same as a copy."""
    return Path(shutil.copytree(unpacked, tmp_path / "runs"))


# --- a run ------------------------------------------------------------------------------------


def test_an_old_run_is_listed_and_watched(edition: Edition, unpacked: Path) -> None:
    facts = edition.facts
    token, name = facts["token"], facts["run"]
    run, fork = Run(unpacked / name), Run(unpacked / facts["fork"])
    assert {one.name for one in list_runs(unpacked, owner_of(token))} == {name, fork.name}
    assert run.title() == "Ziffern – ein Versuch"
    assert run.state() == "stopped"
    assert origin_of(fork)["run"] == name

    view = RunView(RunControl(unpacked), BundledRuns(unpacked / "none"))
    news = answer_of(view.watch, {"token": token, "run": name})
    assert sorted({point[0] for point in news["curves"]}) == [16, 32, 48, 64]
    assert news["marks"] == [
        {"images": 40, "values": {"lr_g": 4e-4}},
        {"images": 64, "values": {"lr_d": 2e-4}},
    ]
    assert news["quality"]["images"] == 64
    assert news["grids"] == list(run.moments("samples")) != []
    assert news["verdict"]["headline"]
    assert news["generator"] == f"run:{name}"
    assert (news["own"], news["has_reals"]) == (True, True)
    assert (
        answer_of(view.watch, {"token": token, "run": fork.name})["about"]["origin"]["run"] == name
    )
    listed = answer_of(RunList(view.control, view).runs, {"token": token})["runs"]
    cards = {card["name"]: card for card in listed}
    assert "trouble" not in cards[name] | cards[fork.name]
    assert cards[fork.name]["origin"] == run.title()
    assert cards[name]["resumable"]


def test_an_old_run_goes_on_to_the_same_bits(edition: Edition, runs: Path, digits: Data) -> None:
    """Where the processor and torch are those that computed them; close to them elsewhere."""
    end, run = edition.facts["end"], Run(runs / edition.facts["run"])
    started = load_weights(run.newest_weights()).tensors
    assert record(run, resume=True, data=digits) == "finished"
    rows = [row for row in run.rows()[0] if row["images"] > end["stopped"]]
    assert len(rows) == len(end["rows"])
    made = load_weights(run.newest_weights()).tensors
    wanted = load_weights(edition.folder / "end.safetensors").tensors
    if edition.is_of_this_machine():
        for row, old in zip(rows, end["rows"], strict=True):
            assert {name: row[name] for name in old if name not in CLOCK} == {
                name: value for name, value in old.items() if name not in CLOCK
            }
        _, tensors = read_tensors(max(run.moments("checkpoints").values()))
        tensors["sums"] = tensors["sums"][:4]  # averages that came later have their own
        assert {name: _digest(tensors[name]) for name in end["digests"]} == end["digests"]
    for row, old in zip(rows, end["rows"], strict=True):
        for name in old.keys() - {*CLOCK, *MEASURED}:
            assert row[name] == pytest.approx(old[name], rel=0.01)
    for prefix in ("G.", "D.", "G_ema."):
        way = _flat(wanted, prefix) - _flat(started, prefix)
        apart = _flat(made, prefix) - _flat(wanted, prefix)
        assert way.norm() > 0
        assert apart.norm() < 0.1 * way.norm()


def _digest(tensor: torch.Tensor) -> str:
    return hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()[:16]


def _flat(tensors: Any, prefix: str) -> torch.Tensor:
    named = {k: t for k, t in tensors.items() if k.startswith(prefix) and "weight" in k}
    return torch.cat([named[name].double().flatten() for name in sorted(named)])


def test_an_old_fork_goes_on(edition: Edition, runs: Path, digits: Data) -> None:
    fork, run = Run(runs / edition.facts["fork"]), Run(runs / edition.facts["run"])
    past = run.rows()[0]
    assert record(fork, resume=True, data=digits) == "finished"
    rows = fork.rows()[0]
    assert rows[: len(past)] == past
    assert rows[-1]["images"] == fork.config().images


def test_an_old_config_means_the_old_start(edition: Edition) -> None:
    """The weights that each pair begins with; the first fixtures did not note them."""
    if "starts" not in edition.facts or not edition.is_of_this_machine():
        pytest.skip("not noted, or by another processor or torch")
    for network, digest in edition.facts["starts"].items():
        spec = NetworkSpec(network, z_dim=8, width=8, channels=1, classes=10)
        sums = hashlib.sha256()
        for player in build_pair(spec, 0, edition.facts["edition"]):
            for tensor in player.state_dict().values():
                sums.update(tensor.numpy().tobytes())
        assert sums.hexdigest()[:16] == digest, network


# --- weights, pictures, places ----------------------------------------------------------------


def test_old_weights_draw(edition: Edition) -> None:
    whole = load_weights(edition.folder / "end.safetensors")
    averaged = load_weights(edition.folder / "averaged.safetensors")
    assert whole.has_D
    assert not averaged.has_D
    z = torch.zeros(2, whole.spec.z_dim)
    for generator in (whole.generator(), whole.generator(raw=True), averaged.generator()):
        assert generator(z).shape == (2, 1, 28, 28)
    assert whole.discriminator()(whole.generator()(z)).shape == (2, 1)
    assert whole.about["images_seen"] == whole.about["config"]["images"]


def test_an_old_picture_leads_back_to_where_it_was_drawn(edition: Edition, unpacked: Path) -> None:
    generators, facts = Generators(unpacked, BundledRuns(unpacked / "none")), edition.facts
    content = (edition.folder / "kept.png").read_bytes()
    there = answer_of(Recall(generators).recall, {"token": facts["token"]}, content)
    assert there["generator"] in (f"run:{facts['run']}", f"run:{facts['fork']}")  # it has them, too
    assert there["moment"] == 72
    found = resolved(generators, facts["token"], **there)
    drawn = found.draw(found.place.z(found.z_dim))[0, :, :, 0]
    with Image.open(edition.folder / "kept.png") as picture:
        kept = picture.convert("L").resize(drawn.shape, Image.Resampling.NEAREST)
    assert np.abs(np.asarray(kept, int) - drawn).max() <= 1


def test_old_places_mean_the_same_noise(edition: Edition) -> None:
    for text, z in edition.facts["places"].items():
        found = Place.parse(text).z(len(z))[0]
        torch.testing.assert_close(found, torch.tensor(z), rtol=0, atol=1e-5)


# --- links and uploads ------------------------------------------------------------------------


def test_old_links_open_what_they_opened(edition: Edition, unpacked: Path) -> None:
    """That of a run, for anybody; and that of a class's host, whose key stays theirs."""
    name, key = (part.split("=")[1] for part in edition.facts["visit"]["link"][1:].split("&"))
    reading = readable_run(unpacked, visitor(OTHER), name, key)
    assert (reading.run.name, reading.own) == (edition.facts["run"], False)
    assert edition.facts["visit"]["class_link"] == f"?host={_host_key(unpacked)}"


def test_old_uploads_can_be_used(edition: Edition, unpacked: Path) -> None:
    own = json.loads(edition.facts["visit"]["remembered"]["own"])
    found = answer_of(
        ContactSheets(Uploads(unpacked)).examine,
        {"token": edition.facts["token"], "upload": own["upload"], "size": own["size"]},
    )
    assert (found["count"], found["size"]) == (16, 28)
