"""Where training computes and how precisely: devices by name, bf16, and what "auto" settles."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from ganmodel.networks import NetworkSpec
from ganmodel.training import DeviceError, pick_device, train, trainer
from ganmodel.training.devices import bf16_is_better, repeats
from tests.support import (
    differing,
    rows_of,
    run_through,
    states_of,
    tiny_config,
    tiny_data,
    tiny_images,
    tiny_trainer,
)

# --- devices ---------------------------------------------------------------------------------


def test_only_the_processor_repeats_its_bits() -> None:
    """Beforehand, by what kind of device it is: measured on one GPU, expected of the others."""
    found = {name: repeats(torch.device(name)) for name in ("cpu", "cuda", "cuda:1", "mps")}
    assert found == {"cpu": True, "cuda": False, "cuda:1": False, "mps": False}


def test_the_processor_can_always_be_had() -> None:
    assert pick_device("cpu") == torch.device("cpu")


def test_auto_takes_what_is_there() -> None:
    expected = "cpu"
    if torch.backends.mps.is_available():
        expected = "mps"
    if torch.cuda.is_available():
        expected = "cuda"
    assert pick_device("auto").type == pick_device().type == expected


@pytest.mark.parametrize("name", ["", "gpu", "toaster", "cuda:99", "cpu,cuda", "xla", "meta"])
def test_a_device_that_is_not_here_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(DeviceError) as caught:
        pick_device(name)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert "cpu" in message  # what to choose instead
    assert repr(name) in message


def test_on_the_processor_named_or_not_the_bits_are_the_same() -> None:
    config = tiny_config(images=64)
    plain, named = run_through(config), run_through(config, device=torch.device("cpu"))
    assert differing(plain[-1].state.tensors, named[-1].state.tensors) == []


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"objective": "wgan-gp", "conditional": True},
        {"objective": "r3gan", "augment": "translation+cutout"},
        {"objective": "hinge", "precision": "bf16"},
        {"objective": "wgan"},
    ],
    ids=str,
)
def test_on_cuda_training_runs_and_what_leaves_it_is_on_the_processor(
    chosen: dict[str, Any],
) -> None:
    """The first row agrees with the processor's: the noise is drawn there for every device."""
    config, cuda = tiny_config(**chosen), torch.device("cuda")
    snapshots = run_through(config, device=cuda)
    for snapshot in snapshots:
        for tensors in (snapshot.weights or {}, snapshot.state.tensors if snapshot.state else {}):
            assert {t.device.type for t in tensors.values()} <= {"cpu"}
    if chosen.get("precision") != "bf16":
        (_, row), (_, reference) = rows_of(snapshots)[0], rows_of(run_through(config))[0]
        for name in ("loss_d", "loss_g", "d_real", "d_fake"):
            assert row[name] == pytest.approx(reference[name], rel=0.02, abs=0.02)
    resumed = run_through(config, device=cuda, state=states_of(snapshots)[0])
    assert resumed[-1].ended == "finished"


# --- bf16 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("objective", ["non-saturating", "hinge", "wgan", "wgan-gp", "r3gan"])
def test_bf16_steps_keep_weights_in_float32(objective: str) -> None:
    """And are no float32 steps: their results differ from those, but not by much."""
    chosen = {"objective": objective, "images": 48}
    short = run_through(tiny_config(**chosen, precision="bf16"))
    exact = run_through(tiny_config(**chosen))
    for name, tensor in short[-1].state.tensors.items():
        assert tensor.dtype == exact[-1].state.tensors[name].dtype, name
    weights = short[-1].weights
    assert all(t.dtype == torch.float32 for t in weights.values() if t.is_floating_point())
    assert differing(weights, exact[-1].weights) != []
    (_, row), (_, reference) = rows_of(short)[0], rows_of(exact)[0]
    assert all(math.isfinite(value) for value in row.values() if value is not None)
    assert row["loss_d"] == pytest.approx(reference["loss_d"], rel=0.2, abs=0.2)


def test_under_bf16_the_layers_compute_in_bf16_and_the_losses_in_float32() -> None:
    """Seen by hooks. D passes a penalty's step in float32: its second derivative needs it."""
    trained, layers, verdicts = tiny_trainer(precision="bf16", r1_gamma=0.2, r1_every=2), [], []
    trained.G.layers[0].register_forward_hook(lambda _, __, out: layers.append(("G", out.dtype)))
    trained.D.layers[0].register_forward_hook(lambda _, __, out: layers.append(("D", out.dtype)))
    trained.D.register_forward_pre_hook(lambda _, args: verdicts.append(args[0].dtype))
    trained.step(measure=False)
    short, exact = torch.bfloat16, torch.float32
    assert layers == [("G", short), ("D", exact), ("D", short)]
    layers.clear()
    trained.step(measure=False)
    assert layers == [("G", short), ("D", short), ("D", short)]
    assert set(verdicts) == {exact}
    assert trained.row.averaged.dtype == exact


def test_pictures_are_drawn_in_float32_whatever_the_training() -> None:
    """The page and the command line draw in float32 from the same weights."""
    last = run_through(tiny_config(precision="bf16", images=32))[-1]
    trained = tiny_trainer(precision="bf16")
    trained.load(last.weights)
    assert torch.equal(trained.samples(), last.samples)
    plain = tiny_trainer()
    plain.load(last.weights)
    assert torch.equal(plain.samples(), last.samples)


# --- what "auto" means -----------------------------------------------------------------------


@pytest.mark.parametrize(("better", "settled"), [(True, "bf16"), (False, "float32")])
def test_auto_is_settled_once_and_kept_with_the_state(
    monkeypatch: pytest.MonkeyPatch, better: bool, settled: str
) -> None:
    """The answer depends on the machine, so it is given here. The run equals one that had chosen so
    by itself; and who continues does not ask again, even where the answer would be another."""
    asked: list[NetworkSpec] = []

    def probe(spec: NetworkSpec, device: torch.device, edition: int) -> bool:
        asked.append(spec)
        return better

    monkeypatch.setattr(trainer, "bf16_is_better", probe)
    config = tiny_config(precision="auto")
    straight = run_through(config)
    assert asked == [NetworkSpec("small", 4, 4, 1)]
    chosen = run_through(tiny_config(precision=settled))
    assert differing(straight[-1].state.tensors, chosen[-1].state.tensors) == []

    def never(spec: NetworkSpec, device: torch.device) -> bool:
        raise AssertionError("asked again")

    monkeypatch.setattr(trainer, "bf16_is_better", never)
    for state in states_of(straight)[:-1]:
        assert state.progress.precision == settled
        resumed = run_through(config, state=state)
        assert differing(straight[-1].state.tensors, resumed[-1].state.tensors) == []


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_how_it_computes_is_said_before_the_first_step(precision: str) -> None:
    config = tiny_config(precision=precision, images=32)
    straight = run_through(config)
    told = [snapshot for snapshot in straight if snapshot.settled]
    assert straight.index(told[0]) == 1  # after the untrained pictures, which wait for nothing
    assert {"precision": precision, "threads": 1, "repeats": True}.items() <= told[
        0
    ].settled.items()
    resumed = run_through(config, state=states_of(straight)[0])
    assert resumed[0].settled == told[0].settled


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_a_precision_chosen_is_taken_without_asking(
    monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    def never(spec: NetworkSpec, device: torch.device) -> bool:
        raise AssertionError("asked")

    monkeypatch.setattr(trainer, "bf16_is_better", never)
    assert run_through(tiny_config(precision=precision, images=16))[-1].ended == "finished"


def test_the_first_picture_does_not_wait_for_the_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(trainer, "bf16_is_better", lambda *_: bool(asked.append(1)))
    snapshots = train(tiny_config(precision="auto"), tiny_data())
    assert next(snapshots).samples is not None
    assert not asked
    next(snapshots)
    assert asked == [1]


def made_for_bf16(monkeypatch: pytest.MonkeyPatch, *instructions: str) -> None:
    """A processor with these instructions, as torch would tell."""
    known = dict.fromkeys(instructions, True)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known)


@pytest.mark.parametrize(
    ("instructions", "width", "better"),
    [
        ((), 32, False),
        (("avx2", "avx512_f", "avx512_vnni"), 32, False),
        (("avx512_bf16",), 32, True),
        (("amx_bf16",), 32, True),
        (("avx512_bf16",), 4, False),
        (("avx512_bf16",), 8, True),
    ],
)
def test_the_processor_and_the_width_decide_and_no_clock(
    monkeypatch: pytest.MonkeyPatch, instructions: tuple[str, ...], width: int, better: bool
) -> None:
    made_for_bf16(monkeypatch, *instructions)
    monkeypatch.setattr("time.perf_counter", lambda: pytest.fail("a clock was asked"))
    spec = NetworkSpec("small", 4, width, 1)
    assert bf16_is_better(spec, torch.device("cpu")) is better


def test_on_an_accelerator_auto_is_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    made_for_bf16(monkeypatch, "avx512_bf16")
    assert not bf16_is_better(NetworkSpec("small", 4, 32, 1), torch.device("cuda"))


@pytest.mark.parametrize("network", ["small", "residual"])
def test_the_check_of_gradients_leaves_the_random_state_alone(
    monkeypatch: pytest.MonkeyPatch, network: str
) -> None:
    made_for_bf16(monkeypatch, "avx512_bf16")
    before = torch.get_rng_state()
    for classes in (0, 4):
        assert bf16_is_better(NetworkSpec(network, 4, 8, 1, classes=classes), torch.device("cpu"))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_bf16_with_wrong_gradients_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    from ganmodel.training import devices

    made_for_bf16(monkeypatch, "avx512_bf16")
    for wrong in (torch.tensor([1.0, -1.0]), torch.tensor([math.nan, 1.0]), torch.ones(2)):

        def gradients(*args: Any, wrong: torch.Tensor = wrong) -> torch.Tensor:
            return wrong if args[-1] else torch.ones(2)

        monkeypatch.setattr(devices, "_gradients", gradients)
        better = bf16_is_better(NetworkSpec("small", 4, 8, 1), torch.device("cpu"))
        assert better is bool(torch.equal(wrong, torch.ones(2)))


def test_an_operation_that_bf16_lacks_means_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    from ganmodel.training import devices

    def gradients(*args: Any) -> torch.Tensor:
        if args[-1]:
            raise RuntimeError("not implemented for 'BFloat16'")
        return torch.ones(2)

    made_for_bf16(monkeypatch, "avx512_bf16")
    monkeypatch.setattr(devices, "_gradients", gradients)
    assert bf16_is_better(NetworkSpec("small", 4, 8, 1), torch.device("cpu")) is False


def test_bf16_on_three_channels_of_32_pixels_runs() -> None:
    config = tiny_config(precision="bf16", images=16, augment="translation", conditional=True)
    last = run_through(config, tiny_images(channels=3, size=32))[-1]
    assert last.samples.shape == (4, 3, 32, 32)
