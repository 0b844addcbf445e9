"""Small configs, small data and plain helpers that the tests of the engine share.

Nothing here stands in for code of ours: the tests use the real classes at tiny sizes.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from torch import Tensor, nn

from ganmodel.config import NETWORKS, SIZES, RunConfig
from ganmodel.data import Data
from ganmodel.networks import NetworkSpec
from ganmodel.objectives import OBJECTIVES
from ganmodel.recording import Recorder
from ganmodel.runs import Asked, Run, create_run
from ganmodel.snapshots import Draw, Evaluate, Snapshot
from ganmodel.training import Trainer, train
from tests.patient import PATIENCE

TINY = {
    "images": 128,
    "width": 4,
    "z_dim": 4,
    "batch_size": 8,
    "log_every": 16,
    "save_every": 32,
    "sample_count": 4,
    "ema_half_life": 64,
    "evaluate_every": 0,
    "precision": "float32",
}
MINE, OTHER = "a" * 64, "b" * 64  # tokens of two browsers
# What a metrics row says of the clock; everything else in it must repeat exactly.
CLOCK = ("images_per_second", "seconds")
# Every objective with what it brings along, and each thing that a step can have besides.
STEPS: dict[str, dict[str, Any]] = {
    **{name: {"objective": name} for name in OBJECTIVES},
    "wgan": {"objective": "wgan", "clip": 0.1},  # at 0.01, four clipped layers leave no signal
    "lazy R1": {"r1_gamma": 0.5, "r1_every": 3},
    "lazy R2": {"r2_gamma": 0.5, "r1_every": 2},
    "unequal R1 and R2": {"objective": "r3gan", "r1_gamma": 2.0, "r2_gamma": 0.25},
    "R1 with small networks": {"objective": "lsgan", "r1_gamma": 1.0, "r1_every": 1},
    "R1 and R2 by difference": {
        "r1_gamma": 0.5, "r2_gamma": 0.25, "r1_every": 2, "slope_by": "difference",
    },
    "article": {"network": "article"},
    "residual": {"objective": "wgan-gp", "network": "residual"},
    "batch": {"norm_d": "batch"},
    "conditional": {"conditional": True, "r1_gamma": 0.3, "r1_every": 2},
    "conditional wgan-gp": {"conditional": True, "objective": "wgan-gp"},
    "conditional r3gan": {"conditional": True, "objective": "r3gan", "slope_by": "difference"},
    "translation": {"augment": "translation", "r1_gamma": 0.3, "r1_every": 1},
    "cutout": {"augment": "translation+cutout", "objective": "lsgan"},
}  # fmt: skip
SPECS = [
    NetworkSpec(network, z_dim=6, width=4, channels=channels, size=size)
    for network in NETWORKS
    for channels in (1, 3)
    for size in SIZES
]
every_objective = pytest.mark.parametrize("objective", OBJECTIVES)
# For tests that look at what D is shown: by difference, it sees all of that again, with some noise.
ONCE = {"slope_by": "derivative"}


def tiny_config(**chosen: Any) -> RunConfig:
    """Tiny networks and intervals, and what the chosen objective needs."""
    needs = OBJECTIVES[chosen.get("objective", "non-saturating")].needs
    return RunConfig(**{**TINY, **needs, **chosen})


def tiny_images(count: int = 64, channels: int = 1, seed: int = 0, size: int = 28) -> Tensor:
    """Random uint8 `(count, channels, size, size)`."""
    generator = torch.Generator().manual_seed(seed)
    shape = (count, channels, size, size)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def data_of(images: Tensor, classes: int = 0) -> Data:
    """A data set of these images; with `classes`, labels that go round through them."""
    labels = torch.arange(len(images)) % classes if classes else None
    return Data("tiny", images, labels, tuple(str(index) for index in range(classes)))


def tiny_data(count: int = 64, channels: int = 1, classes: int = 0) -> Data:
    return data_of(tiny_images(count, channels), classes)


def numbered_images(count: int) -> Tensor:
    """Images that can be told apart: number k is grey value 3·k everywhere; at most 85."""
    assert count <= 85
    values = (3 * torch.arange(count)).to(torch.uint8)
    return values.view(count, 1, 1, 1).expand(count, 1, 28, 28).contiguous()


def spec_name(spec: NetworkSpec) -> str:
    return f"{spec.network}-{spec.channels}-{spec.size}-{spec.norm_d}"


def images_for(spec: NetworkSpec, count: int, seed: int = 0) -> Tensor:
    """Random float32 images of the shape that a pair of this spec has."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, spec.channels, spec.size, spec.size, generator=generator)


def tiny_trainer(images: Tensor | None = None, **chosen: Any) -> Trainer:
    """A trainer of tiny networks on tiny images; of four classes, where it is conditional."""
    config = tiny_config(**chosen)
    images = tiny_images() if images is None else images
    return Trainer(config, data_of(images, 4 if config.conditional else 0))


def grow(network: nn.Module) -> None:
    """Gives each layer's weights the size that keeps signals as they are (He et al. 2015).

    At N(0, 0.02) and width 4, signals and gradients of the small pair fade from layer to layer
    until rounding and bytes hide them. Weights that start at 0 stay there. Biases leave it: with
    them, what augmentation made 0 lies exactly on LeakyReLU's kink, where R1 has no slope.
    """
    generator = torch.Generator().manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            spectral = hasattr(layer, "parametrizations")  # then the weight lies underneath
            weight = layer.parametrizations.weight.original if spectral else layer.weight
            inputs = weight[0].numel()  # that one output is a sum of
            if isinstance(layer, nn.ConvTranspose2d):
                inputs = weight[:, 0].numel() / math.prod(layer.stride)
            if weight.any():
                weight.detach().mul_(math.sqrt(2 / inputs) / weight.detach().std())
            if layer.bias is not None:
                layer.bias.detach().normal_(0, 0.1, generator=generator)


def grown_trainer(images: Tensor | None = None, **chosen: Any) -> Trainer:
    """`tiny_trainer` with grown weights of the small networks; others are wide or large enough."""
    trainer = tiny_trainer(images, **chosen)
    for network in (
        (trainer.G, trainer.D, trainer.G_ema) if trainer.config.network == "small" else ()
    ):
        grow(network)
    return trainer


def weights_in(network: nn.Module) -> dict[str, Tensor]:
    """A copy of what optimizers change; BatchNorm's statistics follow each forward pass."""
    return {name: p.detach().clone() for name, p in network.named_parameters()}


def grads_in(network: nn.Module) -> dict[str, Tensor]:
    return {name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None}


def inputs_of(network: nn.Module) -> list[tuple[Any, ...]]:
    """Fills with a copy of what the network is called with from now on: a batch and labels."""
    seen: list[tuple[Any, ...]] = []

    def note(_: nn.Module, args: tuple[Any, ...]) -> None:
        seen.append(tuple(a if a is None else a.detach().clone() for a in args))

    network.register_forward_pre_hook(note)
    return seen


def run_through(config: RunConfig, images: Tensor | None = None, **options: Any) -> list[Snapshot]:
    """Every snapshot of a training on tiny images."""
    classes = 4 if config.conditional else 0
    data = data_of(tiny_images() if images is None else images, classes)
    return list(train(config, data, **options))


def rows_of(snapshots: Iterable[Snapshot]) -> list[tuple[int, dict[str, float]]]:
    return [(s.images_seen, s.row) for s in snapshots if s.row is not None]


def states_of(snapshots: Iterable[Snapshot]) -> list[Any]:
    return [s.state for s in snapshots if s.state is not None]


def bits(tensor: Tensor) -> tuple[Any, ...]:
    """All there is to a tensor: type, shape and bytes, so that NaN equals NaN and 0 is not -0."""
    plain = tensor.detach().contiguous()
    return plain.dtype, tuple(plain.shape), plain.numpy().tobytes()


def differing(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> list[str]:
    """The names of tensors that are not the same bit for bit, or that only one side has."""
    both = set(a) & set(b)
    return sorted((set(a) ^ set(b)) | {name for name in both if bits(a[name]) != bits(b[name])})


def under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = prefix + "."
    return {name[len(start) :]: t for name, t in tensors.items() if name.startswith(start)}


def wait_until(
    condition: Callable[[], Any], seconds: float = PATIENCE, what: str = "the awaited event"
) -> Any:
    """Asks until the answer is true and returns it; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        time.sleep(0.01)
    return answer


def ask_and_wait(run: Run, action: str, **details: Any) -> dict[str, Any]:
    """The trainer's reply to a request; a `RunError` where it refuses, or ends before."""
    return wait_until(Asked(run, action, **details).reply, what=f"the reply to {action}")


def read_tensors(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The header and the tensors of a safetensors file, read without any code of ours."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return json.loads(file.metadata()["ganmodel"]), tensors


def metric_rows(folder: Path) -> list[dict[str, Any]]:
    """metrics.jsonl without what the clock said."""
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [{k: v for k, v in json.loads(line).items() if k not in CLOCK} for line in lines]


def assert_same_run(straight: Path, other: Path) -> None:
    """Both folders hold the same curves, checkpoints, weights and pictures, bit for bit."""
    assert metric_rows(straight) == metric_rows(other)
    names = sorted(p.name for p in (straight / "checkpoints").iterdir())
    assert names == sorted(p.name for p in (other / "checkpoints").iterdir())
    for kind in ("checkpoints", "weights"):
        for path in sorted((straight / kind).glob("*.safetensors")):
            about, tensors = read_tensors(path)
            other_about, other_tensors = read_tensors(other / kind / path.name)
            assert differing(tensors, other_tensors) == [], f"{kind}/{path.name}"
            assert about == other_about, f"{kind}/{path.name}"
    for path in sorted((straight / "samples").glob("*.png")):
        assert path.read_bytes() == (other / "samples" / path.name).read_bytes(), path.name


def is_one_sentence(outcome: Any, *words: str, code: int = 2) -> None:
    """Asserts that a command ended with one sentence on stderr that holds all of these words."""
    assert outcome.code == code
    assert outcome.err.startswith("ganmodel: ")
    assert outcome.err.endswith(".\n")
    assert outcome.err.count("\n") == 1
    for word in words:
        assert str(word) in outcome.err


class Crash(BaseException):
    """Ends a recording at once, as nothing in the engine does."""


def crash_at(images: int) -> Callable[[Snapshot], None]:
    def on_snapshot(snapshot: Snapshot) -> None:
        if snapshot.images_seen >= images:
            raise Crash

    return on_snapshot


def new_run(folder: Path, name: str = "run", **chosen: Any) -> Run:
    """A run of a tiny config that nobody has started."""
    return create_run(folder, tiny_config(**chosen), name=name)


def record(
    run: Run,
    *,
    resume: bool = False,
    length: int | None = None,
    on_snapshot: Callable[[Snapshot], None] = lambda snapshot: None,
    data: Data | None = None,
    knobs: Mapping[int, dict[str, float]] | None = None,
    evaluate: Evaluate | None = None,
) -> str:
    """What `ganmodel train` does, in this process; `knobs` are asked for at images seen."""
    data = data or tiny_data(classes=4 if run.config().conditional else 0)
    with Recorder(run, resume=resume, images=length) as recorder:
        state = recorder.begin(data)

        def controls(images_seen: int) -> dict[str, float]:
            if knobs and images_seen in knobs and not _asked(run, knobs[images_seen]):
                run.ask("set", values=knobs[images_seen])
            return recorder.controls(images_seen)

        def measure(draw: Draw, early: bool) -> dict[str, Any]:
            return recorder.evaluate(evaluate, draw, early)

        return recorder.record(
            train(
                recorder.config,
                data,
                state=state,
                controls=controls,
                evaluate=measure if evaluate else None,
            ),
            on_snapshot,
        )


def _asked(run: Run, values: dict[str, float]) -> bool:
    requests = (json.loads(p.read_text()) for p in run.path("requests").glob("*.json"))
    return any(request.get("values") == values for request in requests)
