"""The command line: `ganmodel train | sample | walk | evaluate | coach | app`.

Every foreseen failure ends as one sentence on stderr and an exit code, without a traceback. Each
command has a module of its own here; torch is imported only when one runs, so that `--help` does
not wait for it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from ganmodel import __version__
from ganmodel.cli.coach import add_coach
from ganmodel.cli.page import add_app
from ganmodel.cli.pictures import add_sample, add_walk
from ganmodel.cli.quality import add_evaluate
from ganmodel.cli.shared import EXIT_BAD_INPUT, EXIT_FAILED, EXIT_INTERRUPTED, InputError
from ganmodel.cli.streams import prepare_streams, print_to_nobody
from ganmodel.cli.train import add_train
from ganmodel.config import ConfigError
from ganmodel.errors import KnownError
from ganmodel.extensions import ExtensionError, load_extensions
from ganmodel.files import reason
from ganmodel.listening import WrongPlaceError
from ganmodel.words import Message, Words, message, say, worded

__all__ = ["main"]

# GOMP_SPINCOUNT: how often torch's OpenMP threads poll for the others before they sleep. The
# default is a hundred times as often, which beside other work keeps the cores from the very threads
# that they wait for: `benchmarks/waiting.py` measures the cost.
LOOKS = "3000"
EXIT_READER_GONE = 128 + 13  # a shell's exit code for a program that SIGPIPE ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the process's exit code."""
    prepare_streams()
    _let_waiting_threads_sleep()
    try:
        load_extensions()  # before the flags, which name what they register
        options = _parser().parse_args(arguments)
        code = options.run_command(options)
        sys.stdout.flush()  # here, where a full disk or a closed pipe can still be reported
        return code
    except SystemExit as leaving:  # argparse has printed its help, or what it could not parse
        return _left(leaving)
    except KeyboardInterrupt:
        return _print_error(say("cli.interrupted"), EXIT_INTERRUPTED)
    except (ConfigError, ExtensionError, InputError, WrongPlaceError) as error:
        return _complain(error.message, EXIT_BAD_INPUT)
    except BrokenPipeError:  # the output's reader has exited, as `head` does when it has enough
        print_to_nobody(sys.stdout)
        return EXIT_READER_GONE
    except OSError as error:
        print_to_nobody(sys.stdout)  # or flushing its buffer at exit would fail once more
        return _complain(_system_said(error))
    except Exception as error:
        from ganmodel.data import DataError
        from ganmodel.memory import is_want_of_memory
        from ganmodel.places import PlaceError
        from ganmodel.recording import NotWritableError
        from ganmodel.runs import EXIT_NOT_WRITABLE, RunError
        from ganmodel.snapshots import TrainingFailedError
        from ganmodel.training import DeviceError
        from ganmodel.weights import WeightsError

        if isinstance(error, NotWritableError):
            return _complain(error.message, EXIT_NOT_WRITABLE)
        if isinstance(error, DataError | DeviceError | PlaceError | RunError | WeightsError):
            return _complain(error.message, EXIT_BAD_INPUT)
        if isinstance(error, TrainingFailedError):
            return _complain(error.message)
        if is_want_of_memory(error):
            return _complain(message("cli.too-little-memory"))
        raise


def _let_waiting_threads_sleep() -> None:
    """Sets what torch reads on import, unless the environment has it already."""
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", LOOKS)


def _system_said(error: OSError) -> Message:
    if isinstance(error, KnownError):  # a sentence already
        return error.message
    if error.filename:
        return message("cli.system-error-at", path=str(error.filename), reason=reason(error))
    return message("cli.system-error", reason=reason(error))


def _complain(sentence: Words, code: int = EXIT_FAILED) -> int:
    """Prints what went wrong, under the program's name; returns the exit code."""
    return _print_error(say("cli.said", sentence=worded(sentence)), code)


def _print_error(line: str, code: int) -> int:
    try:
        print(line, file=sys.stderr, flush=True)  # noqa: T201
    except OSError:  # a full disk holds log.txt too, so only the exit code can report it
        print_to_nobody(sys.stderr)  # or Python's last flush would change the code to 120
    return code


def _left(leaving: SystemExit) -> int:
    """argparse's exit code, after flushing its output."""
    try:
        sys.stdout.flush()
    except OSError as error:
        print_to_nobody(sys.stdout)
        return EXIT_READER_GONE if isinstance(error, BrokenPipeError) else EXIT_FAILED
    return leaving.code or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ganmodel", description=say("cli.description"))
    parser.add_argument("--version", action="version", version=f"ganmodel {__version__}")
    commands = parser.add_subparsers(title=say("cli.commands"), required=True, metavar="COMMAND")
    for add in (add_train, add_sample, add_walk, add_evaluate, add_coach, add_app):
        add(commands)
    return parser
