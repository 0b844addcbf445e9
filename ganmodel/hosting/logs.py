"""The log of a hosted page: one JSON object a line, in a few rotating files.

It records what failed and where in the code, never who asked for what: an exception is logged with
its type and traceback lines but without its message, which may quote a visitor. Nothing bounds what
a process prints, nor is it known what libraries print, so there it prints nothing.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import logging.handlers
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

FOLDER = ".logs"  # below the runs
MOST_BYTES = 1_000_000  # of one file
KEPT = 4  # older ones
OWN = "ganmodel"
PRINTERS = ("traceback", "warnings", "logging")  # modules that print for others

log = logging.getLogger(__name__)


class JsonLines(logging.Formatter):
    """`time` (UTC), `level`, `where`, `said` and, for an exception, `kind` and `lines`.

    Of a library's record, `said` is what comes before its values are filled in, and is left out
    where there are none to fill in: it may have been put together before, as asyncio does. `at` is
    the line of the library that said it.
    """

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "where": record.name,
        }
        if record.name.partition(".")[0] == OWN:
            told["said"] = record.getMessage()
        else:
            told["at"] = f"{record.filename}:{record.lineno} {record.funcName}"
            if record.args:
                told["said"] = record.msg
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            told["kind"] = kind.__name__
            told["lines"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(trace)
            ]
        return json.dumps(told, ensure_ascii=False, default=str)


def log_to(runs: Path) -> Path:
    """Sends all log records to files below `runs`; returns the path of the current one."""
    path = runs / FOLDER / "page.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=MOST_BYTES, backupCount=KEPT)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return path


@contextlib.contextmanager
def unprinted() -> Iterator[None]:
    """Nothing is printed meanwhile: what would be is logged, by where it comes from."""
    hooks = threading.excepthook, sys.unraisablehook
    threading.excepthook, sys.unraisablehook = _log_end_of_thread, _log_ignored
    logging.captureWarnings(True)
    try:
        with contextlib.redirect_stdout(_Unprinted()), contextlib.redirect_stderr(_Unprinted()):
            yield
    finally:
        logging.captureWarnings(False)
        threading.excepthook, sys.unraisablehook = hooks


class _Unprinted(io.TextIOBase):
    """A stream that logs who writes to it, and the exception that they print."""

    def __init__(self) -> None:
        self._state = threading.local()

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        # `logging` prints what it cannot log.
        if text.strip() and not getattr(self._state, "logging", False):
            self._state.logging = True
            try:
                self._note(text)
            finally:
                self._state.logging = False
        return len(text)

    def _note(self, text: str) -> None:
        frame: FrameType | None = sys._getframe(2)
        is_traceback = False
        while frame is not None and (name := frame.f_globals.get("__name__", "")) in PRINTERS:
            is_traceback |= name == "traceback"
            frame = frame.f_back
        place = _place(frame) if frame else "?"
        if not is_traceback:
            log.warning("Something was printed: %s", place)
        elif text.startswith("Traceback"):  # the first of its lines, each of which is printed
            log.error("An exception was printed: %s", place, exc_info=sys.exc_info())


def _place(frame: FrameType) -> str:
    code = frame.f_code
    return f"{Path(code.co_filename).name}:{frame.f_lineno} {code.co_name}"


def _log_end_of_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        known = (told.exc_type, told.exc_value, told.exc_traceback)
        log.error("A thread ended", exc_info=known)


def _log_ignored(told: sys.UnraisableHookArgs) -> None:
    if told.exc_value is not None:
        known = (told.exc_type, told.exc_value, told.exc_traceback)
        log.error("An exception was ignored", exc_info=known)
