"""The command line: `ganmodel train | sample | walk | evaluate | app`.

Every known trouble ends as one sentence on stderr and an exit code, without a traceback. Each
command has a module of its own here; torch is imported only when one runs, so that `--help` does
not wait for it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ganmodel import __version__
from ganmodel.cli.page import add_app
from ganmodel.cli.pictures import add_sample, add_walk
from ganmodel.cli.quality import add_evaluate
from ganmodel.cli.shared import EXIT_BAD_INPUT, EXIT_FAILED, InputError
from ganmodel.cli.train import add_train
from ganmodel.config import ConfigError
from ganmodel.files import reason

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the process's exit code."""
    options = _parser().parse_args(arguments)
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
        from ganmodel.places import PlaceError
        from ganmodel.runs import EXIT_NOT_WRITABLE, NotWritableError, RunError
        from ganmodel.snapshots import TrainingFailedError
        from ganmodel.training import DeviceError
        from ganmodel.weights import WeightsError

        if isinstance(error, NotWritableError):
            return _say(error, EXIT_NOT_WRITABLE)
        if isinstance(error, DataError | DeviceError | PlaceError | RunError | WeightsError):
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
    for add in (add_train, add_sample, add_walk, add_evaluate, add_app):
        add(commands)
    return parser
