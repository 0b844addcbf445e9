"""`ganmodel train`: the trainer's process."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganmodel.cli.progress import MinuteTeller, PreparingTeller, show_on_bar
from ganmodel.cli.shared import InputError, check_range, print_note, whole_path
from ganmodel.cli.streams import forgive_lost_readers
from ganmodel.cli.train_flags import DEFAULT, add_flags, chosen_settings, flag_of
from ganmodel.config import RunConfig, make_config, read_config, warnings
from ganmodel.files import stamps
from ganmodel.signals import hear_the_end
from ganmodel.words import message, say

if TYPE_CHECKING:
    from torch import Tensor

    from ganmodel.data import Data, Known
    from ganmodel.recording import Recorder
    from ganmodel.weights import Weights

# Settings that a run starting from trained networks inherits from them, unless chosen otherwise.
INHERITED = ("network", "z_dim", "width", "norm_d")


def add_train(commands: Any) -> None:
    """Adds the command and its flags."""
    add_flags(commands).set_defaults(run_command=_train)


def _train(options: argparse.Namespace) -> int:
    for name in ("reading_seconds", "reading_pixels"):
        if (value := getattr(options, name)) is not None:
            check_range(flag_of(name), value, 1, 10**15)
    if options.wait:
        from ganmodel.cli.waiting import wait_for_order

        order = wait_for_order()
        if order is None:
            return 0
        options.run, options.resume = Path(order.run), order.resume
        options.images = None if order.images is None else str(order.images)
    chosen = chosen_settings(options)
    begins_here = options.run is None or not (options.run / "config.json").exists()
    if options.resume and begins_here:
        folder = str(options.run) if options.run else message("cli.train.default-folder")
        raise InputError("nothing-to-resume", folder=folder)
    if not begins_here:
        return _continue(options, chosen)
    if chosen.get("start_from"):
        chosen = _inherit(chosen)
    config = make_config(options.preset or DEFAULT, **chosen)
    return _begin(options, config, by_class_chosen="conditional" in chosen)


def _inherit(chosen: dict[str, Any]) -> dict[str, Any]:
    """The chosen settings, completed from the networks of the weights that the run starts from."""
    from ganmodel.runs import Run, keep, read_newest, shipped_start
    from ganmodel.weights import load_weights

    source = Path(chosen["start_from"]).expanduser()

    def load_and_keep(path: Path) -> Weights:
        weights = load_weights(path)
        keep(path)  # they are read again later, and that run's trainer may remove them
        return weights

    shipped = None if source.exists() else shipped_start(chosen["start_from"])
    if source.is_dir():
        weights = read_newest(Run(source).newest_weights, load_and_keep)
    else:
        weights = load_weights(shipped or source)
    own = {name: getattr(weights.spec, name) for name in INHERITED}
    own["conditional"] = bool(weights.spec.classes)
    for name, value in own.items():
        if chosen.get(name, value) != value:
            raise InputError(
                "start-has-other",
                weights=weights.path.name,
                name=name,
                value=value,
                chosen=chosen[name],
                flag=flag_of(name),
            )
    return {
        **chosen,
        **own,
        "start_from": chosen["start_from"] if shipped else str(weights.path.resolve()),
    }


def _begin(options: argparse.Namespace, config: RunConfig, *, by_class_chosen: bool) -> int:
    """Starts a new run in a new folder.

    Unless class conditioning was chosen, own pictures with classes may turn it on.
    """
    from ganmodel.api.training import open_to_classes, start_tensors
    from ganmodel.data import DATASETS
    from ganmodel.recording import Recorder
    from ganmodel.runs import create_run

    _prepare_process()
    own = config.dataset not in DATASETS
    if own:
        config = dataclasses.replace(config, dataset=whole_path(config.dataset))
    for warning in warnings(config):
        print_note(warning)
    # The data first: if it cannot be loaded, no folder is left behind.
    open_yet = open_to_classes(config, chosen=by_class_chosen)
    by_class = None if open_yet else config.conditional
    data = _load_data(options, config, config.dataset, by_class, PreparingTeller(), None)
    if open_yet:
        config = dataclasses.replace(config, conditional=bool(data.classes))
    start = start_tensors(config, data)
    if options.run:
        folder = options.run.resolve()  # "." has no name of its own
        run = create_run(folder.parent, config, name=folder.name)
    else:
        run = create_run(Path("runs"), config)
    with Recorder(run) as recorder:
        listen(recorder)
        return _record(options, recorder, data, lambda: start)


def _continue(options: argparse.Namespace, chosen: dict[str, Any]) -> int:
    """Trains a run whose folder has a config: its first start, or a resume."""
    # Before the long imports: a stop requested during them is meant for this trainer.
    left = stamps(options.run, "stop", "requests/*.json")
    from ganmodel.api.training import start_tensors
    from ganmodel.config import check_setting
    from ganmodel.data import DataError
    from ganmodel.recording import Recorder
    from ganmodel.runs import Run, known_data, place_of
    from ganmodel.weights import WeightsError

    images = chosen.pop("images", None) if options.resume else None
    if images is not None:
        images = check_setting("images", images)
    if chosen or options.preset:
        flags = [flag_of(name) for name in chosen or ("preset",)]
        raise InputError("has-settings-already", folder=str(options.run), flags=flags)
    config = read_config(options.run / "config.json")
    _prepare_process()
    with Recorder(Run(options.run), resume=options.resume, images=images, left=left) as recorder:
        listen(recorder)
        try:
            known = known_data(recorder.run) if options.resume else None
            place = place_of(recorder.run)
            teller = PreparingTeller(recorder)
            data = _load_data(options, config, place, config.conditional, teller, known)
            return _record(options, recorder, data, lambda: start_tensors(config, data))
        except (DataError, WeightsError, InputError) as error:
            recorder.fail(error.message)  # for pages that watch the folder
            raise


def _prepare_process() -> None:
    import torch

    forgive_lost_readers()  # lost output must not end a run
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    # Denormal numbers, below 1e-38, cost a hundred times as much to compute with and change nothing
    # here. Set before the first parallel work, so that every worker thread inherits it.
    torch.set_flush_denormal(True)


def _load_data(
    options: argparse.Namespace,
    config: RunConfig,
    place: str,
    with_classes: bool | None,
    tell: PreparingTeller,
    known: Known | None,
) -> Data:
    """`place` is the config's data set as `load_data` takes it, resolved on this machine."""
    from ganmodel.data import Budget, load_data

    seconds, pixels = options.reading_seconds, options.reading_pixels
    return load_data(
        place,
        options.data_dir,
        size=config.image_size,
        fit=config.fit,
        with_classes=with_classes,
        tell=tell,
        budget=Budget(seconds, pixels),
        trusted=not options.untrusted,
        known=known,
    )


def _record(
    options: argparse.Namespace,
    recorder: Recorder,
    data: Data,
    start: Callable[[], Mapping[str, Tensor] | None],
) -> int:
    """Trains; `start` gives the initial networks, and is not called on a resume."""
    from tqdm import tqdm

    from ganmodel.api.training import record
    from ganmodel.runs import best_of, best_weights
    from ganmodel.training import pick_device

    device = pick_device(options.device)
    state = recorder.begin(data)
    first = start() if state is None else None
    teller = MinuteTeller(recorder)
    with tqdm(
        total=recorder.config.images,
        initial=state.images_seen if state else 0,
        unit=say("cli.train.bar-unit"),
        unit_scale=True,
        smoothing=0.1,
        disable=None,  # no bar unless a terminal shows it
    ) as bar:
        ended = record(
            recorder,
            data,
            state=state,
            start=first,
            device=device,
            data_dir=options.data_dir,
            on_snapshot=lambda snapshot: (
                show_on_bar(bar, snapshot) if not bar.disable else teller(snapshot)
            ),
        )
    weights = str(recorder.run.newest_weights())
    print(say(f"cli.train.ended.{ended}", weights=weights))  # noqa: T201
    best = best_of(recorder.run)
    if best is not None and best.later:
        weights = str(best_weights(recorder.run))
        facts = {"images": best.images, "distance": best.distance, "weights": weights}
        print(say("cli.train.best", **facts))  # noqa: T201
    return 0


def listen(recorder: Recorder) -> None:
    """Ctrl-C, a supervisor's SIGTERM and a closed terminal end a run with its weights saved.

    Before training has begun there is nothing to save, and a second signal ends the process at
    once: then the run stops at its newest checkpoint.
    """

    def interrupt(number: int, frame: object) -> None:
        if recorder.interrupted or not recorder.training:
            raise KeyboardInterrupt
        recorder.interrupted = True

    hear_the_end(interrupt)
