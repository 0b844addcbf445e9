"""Weights files: what was saved is what is drawn, and whatever is none of ours is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from ganmodel.networks import NetworkSpec, build_pair
from ganmodel.weights import WeightsError, load_tensors, load_weights, save_tensors, save_weights
from tests.support import differing, read_tensors, run_through, tiny_config, under

SPEC = NetworkSpec("small", z_dim=4, width=4, channels=1)


def _tensors(spec: NetworkSpec = SPEC) -> dict[str, torch.Tensor]:
    networks = dict(zip(("G", "D"), build_pair(spec, seed=0), strict=True))
    networks["G_ema"], _ = build_pair(spec, seed=1)
    return {f"{k}.{n}": t for k, net in networks.items() for n, t in net.state_dict().items()}


def _header(**changed: Any) -> dict[str, str]:
    described = {"format": 1, "images_seen": 5, "spec": SPEC.to_json(), **changed}
    return {"ganmodel": json.dumps(described)}


def test_what_was_saved_is_loaded_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(path, _tensors(), SPEC, {"images_seen": 512, "dataset": "mnist"})
    weights = load_weights(path)
    assert differing(weights.tensors, _tensors()) == []
    assert weights.spec == SPEC
    assert (weights.about["images_seen"], weights.about["dataset"]) == (512, "mnist")
    assert [p.name for p in tmp_path.iterdir()] == ["w.safetensors"]


def test_the_networks_come_back_as_they_were_in_training(tmp_path: Path) -> None:
    path, tensors = tmp_path / "w.safetensors", run_through(tiny_config())[-1].weights
    save_weights(path, tensors, SPEC, {})
    weights = load_weights(path)
    assert weights.has_D
    for network, prefix in (
        (weights.generator(), "G_ema"),
        (weights.generator(raw=True), "G"),
        (weights.discriminator(), "D"),
    ):
        assert differing(network.state_dict(), under(tensors, prefix)) == []
        assert not network.training
        assert not any(p.requires_grad for p in network.parameters())


def test_a_shipped_generator_needs_neither_raw_g_nor_d(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    alone = {name: t for name, t in _tensors().items() if name.startswith("G_ema.")}
    save_weights(path, alone, SPEC, {})
    weights = load_weights(path)
    weights.generator()
    assert not weights.has_D
    with pytest.raises(WeightsError, match="does not hold"):
        weights.discriminator()
    with pytest.raises(WeightsError, match="averaged G alone, and no raw one"):
        weights.generator(raw=True)


def test_tensors_of_any_memory_layout_are_saved(tmp_path: Path) -> None:
    """safetensors itself refuses channels_last."""
    tensor = torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last)
    save_tensors(tmp_path / "t.safetensors", {"x": tensor, "y": tensor.mT}, {"a": [1, None]})
    about, tensors = read_tensors(tmp_path / "t.safetensors")
    assert about == {"a": [1, None]}
    assert torch.equal(tensors["x"], tensor)
    assert torch.equal(tensors["y"], tensor.mT)


def test_a_description_with_nan_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        save_tensors(tmp_path / "t.safetensors", {}, {"loss": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_place_is_an_os_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="directory"):
        save_weights(tmp_path / "file" / "w.safetensors", _tensors(), SPEC, {})
    assert (tmp_path / "file").read_text() == ""


# --- files that are none of ours -------------------------------------------------------------


def _truncated(path: Path) -> None:
    save_weights(path, _tensors(), SPEC, {})
    path.write_bytes(path.read_bytes()[:-100])


def _other_shapes(path: Path) -> None:
    save_file(_tensors(NetworkSpec("small", 4, 8, 1)), path, metadata=_header())


def _with_spec(**changed: Any) -> Callable[[Path], None]:
    spec = {**SPEC.to_json(), **changed}
    return lambda path: save_file(_tensors(), path, metadata=_header(spec=spec))


IMPOSTORS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "missing": (lambda path: None, "There is no file"),
    "a folder": (lambda path: path.mkdir(), "cannot be read|has no weights"),
    "empty": (lambda path: path.write_bytes(b""), "damaged or not a safetensors file"),
    "truncated": (_truncated, "damaged or not a safetensors file"),
    "text": (lambda path: path.write_text("hello\n" * 99), "damaged or not a safetensors file"),
    "picture": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" * 99), "damaged or not"),
    "pickle": (lambda path: torch.save(_tensors(), path), "damaged or not a safetensors file"),
    "no header": (lambda path: save_file(_tensors(), path), "carries no description"),
    "header no json": (
        lambda path: save_file(_tensors(), path, metadata={"ganmodel": "{torn"}),
        "damaged or not",
    ),
    "header a list": (
        lambda path: save_file(_tensors(), path, metadata={"ganmodel": "[1]"}),
        "carries no description",
    ),
    "header deep": (
        lambda path: save_file(_tensors(), path, metadata={"ganmodel": "[" * 100_000}),
        "damaged or not",
    ),
    "another format": (
        lambda path: save_file(_tensors(), path, metadata=_header(format=99)),
        "format 99",
    ),
    "no spec": (
        lambda path: save_file(_tensors(), path, metadata=_header(spec=None)),
        "another architecture",
    ),
    "another network": (_with_spec(network="biggan"), "another architecture.*'biggan'"),
    "absurd z_dim": (_with_spec(z_dim=10**12), "another architecture.*z_dim"),
    "negative z_dim": (_with_spec(z_dim=-1), "another architecture.*z_dim"),
    "text z_dim": (_with_spec(z_dim="64"), "another architecture.*z_dim"),
    "other width": (_with_spec(width=8), "do not fit the network"),
    "other channels": (_with_spec(channels=3), "do not fit the network"),
    "other shapes": (_other_shapes, "do not fit the network"),
    "no tensors": (lambda path: save_file({}, path, metadata=_header()), "do not fit"),
    "tensors too many": (
        lambda path: save_file(
            {**_tensors(), "G_ema.extra": torch.zeros(1)}, path, metadata=_header()
        ),
        "do not fit",
    ),
}
every_impostor = pytest.mark.parametrize(
    ("make", "words"), IMPOSTORS.values(), ids=[name.replace(" ", "-") for name in IMPOSTORS]
)


@every_impostor
def test_what_is_not_ours_is_refused_in_one_sentence(
    tmp_path: Path, make: Callable[[Path], Any], words: str
) -> None:
    path = tmp_path / "stranger.safetensors"
    make(path)
    with pytest.raises(WeightsError) as caught:
        load_weights(path)
    message = str(caught.value)
    assert re.search(words, message)
    assert "stranger.safetensors" in message
    assert message.endswith(".")
    assert "\n" not in message


@every_impostor
def test_the_command_line_refuses_it_with_exit_code_2(
    tmp_path: Path, make: Callable[[Path], Any], words: str, cli: Callable[..., Any]
) -> None:
    path, out = tmp_path / "stranger.safetensors", tmp_path / "out.png"
    make(path)
    outcome = cli("sample", path, "--out", out)
    assert outcome.code == 2
    assert re.search(words, outcome.err)
    assert outcome.err.startswith("ganmodel: ")
    assert outcome.err.count("\n") == 1  # a sentence, not a traceback
    assert not out.exists()


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    """Opening a stranger's file must not execute what is in it."""
    touched = tmp_path / "touched"

    class Trap:
        def __reduce__(self) -> tuple[Any, tuple[Any]]:
            return Path.touch, (touched,)

    path = tmp_path / "trap.safetensors"
    torch.save(Trap(), path)
    with pytest.raises(WeightsError):
        load_weights(path)
    assert not touched.exists()


def test_an_enormous_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.safetensors"
    with path.open("wb") as file:
        file.truncate(2**33)  # sparse: takes no room
    with pytest.raises(WeightsError, match="larger than any file of ganmodel"):
        load_tensors(path, "weights")
