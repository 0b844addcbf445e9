"""What the commands share: exit codes, the error for bad arguments, and common flags."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ganmodel.config import NO_NUMBER, read_number

if TYPE_CHECKING:
    from ganmodel.weights import Weights

EXIT_BAD_INPUT = 2
EXIT_FAILED = 1
EXIT_INTERRUPTED = 128 + 2  # a shell's exit code for a program that Ctrl-C ended
MOST_SEED = 2**31 - 1


class InputError(ValueError):
    """The command line asks for something impossible; the message is one sentence."""


def whole_number(text: str) -> int:
    """The type of a flag that takes a whole number, such as 1,000 as `--help` writes it."""
    found = read_number(text, whole=True)
    if found is None or found != int(found):
        raise argparse.ArgumentTypeError(NO_NUMBER.format(text=text))
    return int(found)


def real_number(text: str) -> float:
    """The type of a flag that takes any number."""
    found = read_number(text)
    if found is None:
        raise argparse.ArgumentTypeError(NO_NUMBER.format(text=text))
    return float(found)


def path_type(text: str) -> Path:
    """A path flag's value, with ~ expanded."""
    return Path(path_text(text))


def path_text(text: str) -> str:
    """The same as text, where a slash at its end counts.

    No shell spells out the ~ of `--out=~/x`.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("it must name a file or a folder, but it is empty")
    return os.path.expanduser(text)


def whole_path(name: str) -> str:
    """An absolute path, which a run can store and find from any folder.

    A path that does not exist is returned unchanged, for the error message that quotes it.
    """
    path = os.path.expanduser(name)
    return os.path.abspath(path) if os.path.exists(path) else name


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    explanation = "the folder torchvision reads (default: GANMODEL_DATA, or the user's cache)"
    parser.add_argument("--data-dir", type=path_type, default=None, metavar="DIR",
                        help=explanation)  # fmt: skip


def add_weights(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=path_type, help="a weights file, or a run's folder (its "
                        "newest)")  # fmt: skip
    parser.add_argument("--best", action="store_true", help="of a run's folder, the state whose "
                        "pictures were measured nearest to the real ones, instead of its "
                        "newest")  # fmt: skip
    parser.add_argument("--raw", action="store_true", help="G as trained instead of averaged G")


def chosen_weights(options: argparse.Namespace) -> Weights:
    """The weights that the flags of `add_weights` name.

    Raises:
        InputError: the best state was asked of something that is no run.
        WeightsError, RunError: there are none, or they cannot be used.
    """
    from ganmodel.runs import Run, best_weights, weights_of

    if not options.best:
        return weights_of(options.weights)
    if not (options.weights / "config.json").is_file():
        raise InputError(f"--best needs a run's folder, but {options.weights} is none.")
    return weights_of(best_weights(Run(options.weights)))


def check_range(flag: str, value: float, low: float, high: float) -> None:
    """Raises an `InputError` unless `low <= value <= high`."""
    if not low <= value <= high:
        raise InputError(f"{flag} must be from {low:,} to {high:,}, but it is {value:,}.")
