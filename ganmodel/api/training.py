"""`train`: a run in memory or in a folder, with pictures, networks and a rule of one's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ganmodel import objectives
from ganmodel.api.measuring import measuring
from ganmodel.config import KNOBS, ConfigError, RunConfig, learns_by_class, make_config
from ganmodel.data import DATASETS, Data, DataError, check_size, check_tensors, load_data
from ganmodel.images import to_bytes
from ganmodel.objectives import OBJECTIVES, Objective
from ganmodel.recording import Recorder
from ganmodel.runs import Run, create_run, start_weights
from ganmodel.snapshots import Controls, Snapshot, StopTraining, TrainState
from ganmodel.training import Trainer, pick_device
from ganmodel.training import train as snapshots_of

TENSOR = "tensor"  # the name of data that is given as one
_OWN_RULES: set[str] = set()  # names of those that were only given to `train`

# Called with each row of the curves. What it returns sets knobs, such as {"lr_g": 1e-4}; False ends
# the training.
OnRow = Callable[[dict[str, Any]], Mapping[str, float] | bool | None]


@dataclass
class Trained:
    """What a training came to."""

    G: nn.Module  # averaged G in evaluation mode, with its `spec`
    D: nn.Module
    config: RunConfig
    rows: list[dict[str, Any]] = field(default_factory=list)  # of the curves, in order
    run: Run | None = None  # its folder, where it has one


def train(
    data: str | Path | Tensor | np.ndarray | Data = "mnist",
    G: nn.Module | None = None,
    D: nn.Module | None = None,
    objective: str | Objective | None = None,
    *,
    labels: Tensor | None = None,
    on_row: OnRow | None = None,
    run: str | Path | None = None,
    device: str = "auto",
    data_dir: str | Path | None = None,
    **settings: Any,
) -> Trained:
    """Trains G against D, and returns them.

    Args:
        data: the name of a data set, a folder or an archive of pictures, or pictures as a tensor:
            uint8, or floats from -1 to 1, `(N, C, S, S)`, `(N, S, S, C)` or `(N, S, S)`.
        G: takes `z (N, z_dim)`, and labels `(N,)` where `conditional` is set, and draws
            `(N, C, S, S)` in [-1, 1]. It is trained in place. Not given: the pair of the settings.
        D: takes what G draws, and labels likewise, and answers with logits `(N, 1)`. Given with G.
        objective: the name of one, or an own one.
        labels: int64 `(N,)`, of a tensor's pictures.
        on_row: called with each row of the curves; see `OnRow`.
        run: a new folder to record the training in, as `ganmodel train --run` does, which the page
            lists among its runs; networks of one's own are kept in memory only.
        device: "cpu", "cuda", "cuda:1", "mps"; "auto" is the fastest here.
        data_dir: the folder of named data sets.
        settings: as for `ganmodel train --help`, with underscores: `preset`, `images`, `seed`, …

    Raises:
        ganmodel.errors.KnownError, one of its kinds: says in a sentence what cannot be done.
    """
    if (G is None) != (D is None):
        raise ConfigError("own-pair-incomplete")
    own = None if G is None else (G, D)
    if own is not None and run is not None:
        raise ConfigError("own-networks-in-run")
    if own is not None:
        settings = {"norm_d": _norm_of(D), "conditional": False, **settings}
    config = make_config(**{**settings, **_rule(objective), **_named(data)})
    if own is not None and config.start_from:
        raise ConfigError("own-networks-with-start")
    if run is not None and not isinstance(data, str | Path):
        raise DataError("tensor-in-run")
    by_pictures = open_to_classes(config, chosen="conditional" in settings)
    real = _data_of(data, labels, config, None if by_pictures else config.conditional, data_dir)
    if by_pictures:
        config = dataclasses.replace(config, conditional=bool(real.classes))
    if own is None:
        check_size(real.images.shape[2])
    watch = _Watch(on_row)
    if run is None:
        return _in_memory(config, real, own, watch, device)
    return _in_folder(Path(run), config, real, watch, device, data_dir)


def record(
    recorder: Recorder,
    data: Data,
    *,
    state: TrainState | None,
    start: Mapping[str, Tensor] | None,
    device: torch.device,
    data_dir: str | Path | None,
    controls: Controls | None = None,
    on_snapshot: Callable[[Snapshot], None],
) -> str:
    """Trains into a run's folder; returns how it ended, "finished" or "stopped".

    Args:
        recorder: holds the folder, and has begun with `data`, which gave `state`.
        start: the networks that a fresh run begins with; see `training.train`.
        controls: instead of the recorder's own.
        on_snapshot: called after each has been written.
    """
    recorder.training = True
    config = recorder.config
    return recorder.record(
        snapshots_of(
            config,
            data,
            state=state,
            start=start,
            controls=controls or recorder.controls,
            evaluate=measuring(data, config.dataset, data_dir, recorder.evaluate),
            device=device,
        ),
        on_snapshot,
    )


def open_to_classes(config: RunConfig, *, chosen: bool) -> bool:
    """Whether pictures of one's own decide if classes are learned: unless that was `chosen`."""
    return config.dataset not in DATASETS and not chosen and learns_by_class(config.preset)


class _Watch:
    """Calls `on_row`, and carries out what it returns before the next step."""

    def __init__(self, on_row: OnRow | None) -> None:
        self.rows: list[dict[str, Any]] = []
        self._on_row = on_row
        self._asked: Mapping[str, float] | bool | None = None

    def see(self, snapshot: Snapshot) -> None:
        if snapshot.row is None:
            return
        row = {"images": snapshot.images_seen, **snapshot.row}
        if snapshot.quality is not None:
            row["quality"] = snapshot.quality
        self.rows.append(row)
        if self._on_row is not None:
            self._asked = self._on_row(row)

    def controls(self, images_seen: int) -> Mapping[str, float] | None:
        asked, self._asked = self._asked, None
        if asked is False:
            raise StopTraining
        if not isinstance(asked, Mapping):
            return None
        if other := sorted(set(asked) - set(KNOBS)):
            raise ConfigError("no-knob", name=other[0], names=[*KNOBS])
        return asked


def _in_memory(
    config: RunConfig,
    data: Data,
    own: tuple[nn.Module, nn.Module] | None,
    watch: _Watch,
    device: str,
) -> Trained:
    start = start_tensors(config, data)
    trainer = Trainer(config, data, own=own, start=start, device=pick_device(device))
    for snapshot in snapshots_of(config, data, controls=watch.controls, trainer=trainer):
        watch.see(snapshot)
    return Trained(trainer.G_ema, trainer.D.eval(), config, watch.rows)


def _in_folder(
    folder: Path,
    config: RunConfig,
    data: Data,
    watch: _Watch,
    device: str,
    data_dir: str | Path | None,
) -> Trained:
    folder = folder.expanduser().resolve()
    start = start_tensors(config, data)  # before there is a folder
    run = create_run(folder.parent, config, name=folder.name)

    with Recorder(run) as recorder:

        def controls(images_seen: int) -> Any:
            return watch.controls(images_seen) or recorder.controls(images_seen)

        state = recorder.begin(data)
        record(
            recorder,
            data,
            state=state,
            start=start,
            device=pick_device(device),
            data_dir=data_dir,
            controls=controls,
            on_snapshot=watch.see,
        )
    weights = run.load_weights()
    return Trained(weights.generator(), weights.discriminator(), run.config(), watch.rows, run)


def start_tensors(config: RunConfig, data: Data) -> Mapping[str, Tensor] | None:
    """The networks that a run starts from; None for fresh ones."""
    weights = start_weights(config, *data.images.shape[1:3], len(data.classes))
    return None if weights is None else weights.tensors


def _rule(objective: str | Objective | None) -> dict[str, str]:
    """The setting; an objective that nobody registered is known by its name from now on."""
    if not isinstance(objective, Objective):
        return {} if objective is None else {"objective": objective}
    name = objective.name
    if name in _OWN_RULES:  # such as by a notebook's cell that is run again
        OBJECTIVES[name] = objective
    elif name not in OBJECTIVES:
        objectives.register(objective, label=name, explanation=name, why=name)
        _OWN_RULES.add(name)
    elif OBJECTIVES[name] is not objective:
        raise ConfigError("own-rule-name", name=name)
    return {"objective": name}


def _named(data: str | Path | Tensor | np.ndarray | Data) -> dict[str, str]:
    if isinstance(data, str | Path):
        path = Path(data).expanduser()
        return {"dataset": str(path.resolve()) if path.exists() else str(data)}
    return {"dataset": data.name if isinstance(data, Data) else TENSOR}


def _data_of(
    data: str | Path | Tensor | np.ndarray | Data,
    labels: Tensor | None,
    config: RunConfig,
    with_classes: bool | None,
    data_dir: str | Path | None,
) -> Data:
    if isinstance(data, Data):
        return data
    if isinstance(data, str | Path):
        shape = {"size": config.image_size, "fit": config.fit, "with_classes": with_classes}
        return load_data(config.dataset, data_dir, **shape)
    pictures = torch.as_tensor(data)
    if pictures.ndim == 3:
        pictures = pictures.unsqueeze(1)
    elif pictures.ndim == 4 and pictures.shape[1] not in (1, 3):
        pictures = pictures.permute(0, 3, 1, 2)
    if pictures.is_floating_point():
        if not -1 <= pictures.min() <= pictures.max() <= 1:  # also where one is not a number
            low, high = pictures.min().item(), pictures.max().item()
            raise DataError("tensor-range", low=low, high=high)
        pictures = to_bytes(pictures)
    classes = () if labels is None else tuple(map(str, range(int(labels.max()) + 1)))
    found = Data(TENSOR, pictures.contiguous(), labels, classes)
    check_tensors(found)
    return found


def _norm_of(D: nn.Module) -> str:
    """What settings should know of a D's norm: BatchNorm asks for a pass of its own for fakes."""
    batch = (nn.BatchNorm1d, nn.BatchNorm2d)
    return "batch" if any(isinstance(module, batch) for module in D.modules()) else "none"
