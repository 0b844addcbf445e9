"""The command line: `ganmodel train | sample | app`.

Flags of `train` come from `RunConfig`'s own fields. Every known trouble ends as one sentence on
stderr and an exit code, without a traceback.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ganmodel import __version__
from ganmodel.config import PRESETS, SETTINGS, ConfigError, make_config, read_config
from ganmodel.files import reason

EXIT_BAD_INPUT = 2
EXIT_FAILED = 1


class InputError(ValueError):
    """What was asked on the command line cannot be done; the message is one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the process's exit code."""
    options = _parser().parse_args(arguments)
    # Late imports: `--help` must not wait for torch.
    try:
        return options.run_command(options)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)  # noqa: T201
        return 130
    except (ConfigError, InputError) as error:
        return _say(error, EXIT_BAD_INPUT)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _say(f"{place}{reason(error)}.", EXIT_FAILED)
    except Exception as error:
        from ganmodel.data import DataError
        from ganmodel.runs import EXIT_NOT_WRITABLE, RunError
        from ganmodel.runs.recorder import NotWritableError
        from ganmodel.snapshots import TrainingFailedError
        from ganmodel.weights import WeightsError

        if isinstance(error, NotWritableError):
            return _say(error, EXIT_NOT_WRITABLE)
        if isinstance(error, DataError | RunError | WeightsError):
            return _say(error, EXIT_BAD_INPUT)
        if isinstance(error, TrainingFailedError):
            return _say(error, EXIT_FAILED)
        raise


def _say(error: object, code: int) -> int:
    try:
        print(f"ganmodel: {error}", file=sys.stderr, flush=True)  # noqa: T201
    except OSError:  # a full disk holds log.txt too, so that only the exit code can tell
        sys.stdout = sys.stderr = None  # or Python's last flush would turn the code into 120
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ganmodel",
        description="Train a GAN, watch it learn, then walk through its latent space.",
    )
    parser.add_argument("--version", action="version", version=f"ganmodel {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_train(commands)
    _add_sample(commands)
    _add_app(commands)
    return parser


# --- train -----------------------------------------------------------------------------------


def _add_train(commands: Any) -> None:
    parser = commands.add_parser(
        "train",
        help="train a generator and record the run in a folder",
        description="Trains a generator (G) against a discriminator (D) and records the run in a "
        "folder. What you do not choose comes from the recipe (--preset). Ctrl-C ends the run "
        "cleanly, with its weights saved; --resume goes on with it.",
    )
    parser.add_argument("--run", type=Path, metavar="DIR", help="the run's folder; it is made, or "
                        "holds only a config.json; default: a new one below runs/")  # fmt: skip
    parser.add_argument("--resume", action="store_true", help="go on with the run in --run, bit "
                        "for bit as if it had never stopped")  # fmt: skip
    _add_data_dir(parser)
    parser.add_argument(
        "--preset",
        default=None,
        metavar="NAME",
        help="the recipe that the other settings come from; "
        + "; ".join(f"{name}: {p.explanation}" for name, p in PRESETS.items())
        + " (default: quick)",
    )
    group = parser.add_argument_group("settings of the run")
    for name, setting in SETTINGS.items():
        if name == "preset":
            continue
        group.add_argument(
            f"--{name.replace('_', '-')}",
            default=None,
            metavar="NAME" if isinstance(setting.default, str) else "N",
            help=_setting_help(name),
        )
    parser.set_defaults(run_command=_train)


def _setting_help(name: str) -> str:
    facts = SETTINGS[name].metadata
    if facts["choices"]:
        allowed = f" One of {', '.join(facts['choices'])}."
    elif facts["low"] is not None:
        allowed = f" {facts['low']:,} to {facts['high']:,}."
    else:
        allowed = ""
    return f"{facts['label']}: {facts['explanation']}{allowed}".replace("%", "%%")


def _number(name: str, text: str) -> Any:
    """A flag's text as its setting's type where it is one; the config refuses the rest."""
    if isinstance(SETTINGS[name].default, str):
        return text
    for convert in (int, float):
        try:
            return convert(text.replace("_", ""))
        except ValueError:
            continue
    return text


def _train(options: argparse.Namespace) -> int:
    chosen = {
        name: _number(name, text)
        for name in SETTINGS
        if name != "preset" and (text := getattr(options, name)) is not None
    }
    begins_here = options.run is None or not (options.run / "config.json").exists()
    if options.resume and begins_here:
        raise InputError(
            f"There is no run to resume in {options.run or 'the default folder'}: name one with "
            "--run, a folder that holds a config.json."
        )
    if not begins_here and (chosen or options.preset):
        raise InputError(
            f"{options.run} has its settings already, in config.json: leave "
            f"{', '.join('--' + name.replace('_', '-') for name in chosen) or '--preset'} away, "
            "or name another folder."
        )
    config = (
        make_config(options.preset or "quick", **chosen)
        if begins_here
        else read_config(options.run / "config.json")
    )
    return _train_run(options, config, begins_here)


def _train_run(options: argparse.Namespace, config: Any, begins_here: bool) -> int:
    import torch
    from tqdm import tqdm

    from ganmodel.data import load_data
    from ganmodel.runs import Recorder, Run, create_run
    from ganmodel.training import train

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    # Numbers below 1e-38 cost a hundred times as much to compute with and change nothing here. Set
    # before the first parallel work, so that every worker thread inherits it.
    torch.set_flush_denormal(True)
    # The data first: a run that can't have any should leave no folder behind.
    data = load_data(config.dataset, options.data_dir)
    if begins_here and options.run:
        folder = options.run.resolve()  # "." has no name of its own
        run = create_run(folder.parent, config, name=folder.name)
    else:
        run = create_run(Path("runs"), config) if begins_here else Run(options.run)

    with Recorder(run, resume=options.resume) as recorder:
        state = recorder.begin(data.images)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupter(recorder))
        with tqdm(
            total=config.images,
            initial=state.images_seen if state else 0,
            unit=" images",
            unit_scale=True,
            smoothing=0.1,
            disable=None,  # no bar where nobody watches a terminal
        ) as bar:
            ended = recorder.record(
                train(config, data.images, state=state, controls=recorder.controls),
                lambda snapshot: _show(bar, snapshot),
            )
    print(f"{ended.capitalize()}: {run.newest_weights()}")  # noqa: T201
    return 0


def _interrupter(recorder: Any) -> Any:
    def interrupt(number: int, frame: object) -> None:
        if recorder.interrupted:  # the second Ctrl-C means now
            raise KeyboardInterrupt
        recorder.interrupted = True

    return interrupt


def _show(bar: Any, snapshot: Any) -> None:
    if snapshot.row:
        bar.set_postfix(
            {
                "D(real)": f"{snapshot.row['d_real']:.2f}",
                "D(fake)": f"{snapshot.row['d_fake']:.2f}",
            },
            refresh=False,
        )
    bar.update(min(snapshot.images_seen, bar.total) - bar.n)  # the last batch may go past


# --- sample ----------------------------------------------------------------------------------


def _add_sample(commands: Any) -> None:
    parser = commands.add_parser(
        "sample",
        help="draw pictures with a trained generator",
        description="Draws pictures by consecutive start numbers: number N always gives the same "
        "picture.",
    )
    parser.add_argument("weights", type=Path, help="a weights file, or a run's folder (its newest)")
    parser.add_argument("--count", type=int, default=64, metavar="N", help="pictures (default 64)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="first start number")
    parser.add_argument("--raw", action="store_true", help="G as trained instead of averaged G")
    parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="a .png for one "
                        "grid, a .npy for uint8 N×H×W×C, or a folder/ for a PNG each")  # fmt: skip
    parser.set_defaults(run_command=_sample)


def _sample(options: argparse.Namespace) -> int:
    if not 1 <= options.count <= 100_000:
        raise InputError(f"--count must be from 1 to 100,000, but it is {options.count}.")
    if not 0 <= options.seed < 2**31:
        raise InputError(f"--seed must be from 0 to 2,147,483,647, but it is {options.seed}.")
    suffix = options.out.suffix
    if suffix not in ("", ".png", ".npy"):
        raise InputError(f"--out must end in .png or .npy or be a folder, but it is {options.out}.")

    import numpy as np
    import torch

    from ganmodel.files import write_bytes, write_whole
    from ganmodel.images import grid, png
    from ganmodel.runs.folder import weights_of
    from ganmodel.sampling import Sampler

    sampler = Sampler(weights_of(options.weights), raw=options.raw)
    seeds = range(options.seed, options.seed + options.count)
    pictures = sampler.sample(seeds)
    (options.out if suffix == "" else options.out.parent).mkdir(parents=True, exist_ok=True)
    if suffix == ".npy":

        def save(temporary: Path) -> None:
            with temporary.open("wb") as file:
                np.save(file, pictures)

        write_whole(options.out, save)
    elif suffix == ".png":
        sheet = grid(torch.from_numpy(pictures).permute(0, 3, 1, 2))
        write_bytes(options.out, png(sheet))
    else:
        for seed, picture in zip(seeds, pictures, strict=True):
            write_bytes(options.out / f"{seed:06}.png", png(picture))
    return 0


# --- app -------------------------------------------------------------------------------------


def _add_app(commands: Any) -> None:
    parser = commands.add_parser("app", help="open the web page (the same as python app.py)")
    add_app_arguments(parser)
    parser.set_defaults(run_command=_app)


def add_app_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the page, for `ganmodel app` and app.py alike."""
    parser.add_argument("--host", default=None, help="address to listen on; 0.0.0.0 is every one "
                        "(default: GRADIO_SERVER_NAME, or this machine only)")  # fmt: skip
    parser.add_argument("--port", type=int, default=None, help="port to listen on (default: "
                        "GRADIO_SERVER_PORT, or 7860)")  # fmt: skip
    parser.add_argument(
        "--share", action="store_true", help="a public link, through Gradio's tunnel"
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"), metavar="DIR",
                        help="the folder that holds the runs (default: runs)")  # fmt: skip
    _add_data_dir(parser)


def _add_data_dir(parser: argparse.ArgumentParser) -> None:
    explanation = "the folder torchvision reads (default: GANMODEL_DATA, or the user's cache)"
    parser.add_argument("--data-dir", type=Path, default=None, metavar="DIR", help=explanation)


def _app(options: argparse.Namespace) -> int:
    from ganmodel.ui import serve

    serve(
        host=options.host,
        port=options.port,
        share=options.share,
        runs=options.runs,
        data_dir=options.data_dir,
    )
    return 0
