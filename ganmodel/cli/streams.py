"""Makes the standard streams usable: open, able to encode any character, tolerant of lost readers.

A process may lack some of them (a program without a window, a batch system that closed them), have
one with a small character set (latin-1, ASCII), or one whose reader has exited (`| head`, a closed
terminal). The commands decide what is printed.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
import unicodedata
from collections.abc import Iterator
from typing import TextIO

PLAIN = "ganmodel.plain"  # the name of the error handler below
# Typographic characters and their ASCII substitutes.
_PLAIN_SIGNS = {
    "…": "...", "–": "-", "—": "-", "−": "-", "×": "x", "·": "*", "•": "*", "≤": "<=", "≥": ">=",
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "→": "->", "½": "1/2", "λ": "lambda",
    "‖": "||", "∇": "grad ", "²": "^2", "\N{NO-BREAK SPACE}": " ",
}  # fmt: skip


def prepare_streams() -> None:
    """Makes all three usable; call it before anything is printed or any file opened.

    A closed descriptor is opened on the null device. Otherwise the first opened file would get its
    number, and output to the stream would be written into that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    codecs.register_error(PLAIN, _plain_signs)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # a replacement stream of a test or a notebook
            stream.reconfigure(errors=PLAIN)


def _plain_signs(error: UnicodeError) -> tuple[str, int]:
    """Substitutes for characters that a stream cannot encode: é without its accent, … as dots."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN_SIGNS.get(sign) or _without_accents(sign) for sign in lacking), error.end


def _without_accents(sign: str) -> str:
    return unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"


def knows_every_letter(stream: TextIO) -> bool:
    """Whether a stream's encoding has all of Unicode."""
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")


class ForgivingStream:
    """A stream that ignores the loss of its reader: later output is dropped, and nothing fails.

    For a command whose work is more than its output, such as hours of training.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with self._forgiven():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._forgiven():
            self._stream.flush()

    @contextlib.contextmanager
    def _forgiven(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            print_to_nobody(self._stream)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def print_to_nobody(stream: TextIO) -> None:
    """Redirects a stream to the null device, so that flushing its buffer at exit cannot fail."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def forgive_lost_readers() -> None:
    """From now on, losing the reader of stdout or stderr does not end this process."""
    sys.stdout, sys.stderr = ForgivingStream(sys.stdout), ForgivingStream(sys.stderr)
