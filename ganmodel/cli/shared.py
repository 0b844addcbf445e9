"""What the commands share: exit codes, the error for bad arguments, and common flags."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganmodel.config import read_number
from ganmodel.errors import KnownError
from ganmodel.words import Words, message, say, worded

if TYPE_CHECKING:
    from ganmodel.weights import Weights

EXIT_BAD_INPUT = 2
EXIT_FAILED = 1
EXIT_INTERRUPTED = 128 + 2  # a shell's exit code for a program that Ctrl-C ended
MOST_SEED = 2**31 - 1


class InputError(KnownError, ValueError):
    """The command line asks for something impossible; the message is one sentence."""


def help_of(words: Words) -> str:
    """A flag's help, in which argparse reads a percent sign as the beginning of a hole."""
    return worded(words).replace("%", "%%")


def flag_help(id: str, **values: Any) -> str:
    """The same of one entry of `words`."""
    return help_of(message(id, **values))


def print_note(note: Words) -> None:
    """Prints what is worth knowing and ends nothing, on stderr."""
    print(say("cli.note", note=worded(note)), file=sys.stderr)  # noqa: T201


def whole_number(text: str) -> int:
    """The type of a flag that takes a whole number, such as 1,000 as `--help` writes it."""
    found = read_number(text, whole=True)
    if found is None or found != int(found):
        raise argparse.ArgumentTypeError(say("numbers.no-number", text=text))
    return int(found)


def real_number(text: str) -> float:
    """The type of a flag that takes any number."""
    found = read_number(text)
    if found is None:
        raise argparse.ArgumentTypeError(say("numbers.no-number", text=text))
    return float(found)


def path_type(text: str) -> Path:
    """A path flag's value, with ~ expanded."""
    return Path(path_text(text))


def path_text(text: str) -> str:
    """The same as text, where a slash at its end counts.

    No shell spells out the ~ of `--out=~/x`.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError(say("cli.empty-path"))
    return os.path.expanduser(text)


def whole_path(name: str) -> str:
    """An absolute path, which a run can store and find from any folder.

    A path that does not exist is returned unchanged, for the error message that quotes it.
    """
    path = os.path.expanduser(name)
    return os.path.abspath(path) if os.path.exists(path) else name


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    explanation = flag_help("cli.data-dir-help")
    parser.add_argument("--data-dir", type=path_type, default=None, metavar="DIR", help=explanation)


def add_weights(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=path_type, help=flag_help("cli.weights-help"))
    parser.add_argument("--best", action="store_true", help=flag_help("cli.best-help"))
    parser.add_argument("--raw", action="store_true", help=flag_help("cli.raw-help"))


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
        raise InputError("best-of-no-run", folder=str(options.weights))
    return weights_of(best_weights(Run(options.weights)))


def check_range(flag: str, value: float, low: float, high: float) -> None:
    """Raises an `InputError` unless `low <= value <= high`."""
    if not low <= value <= high:
        raise InputError("flag-range", flag=flag, low=low, high=high, value=value)
