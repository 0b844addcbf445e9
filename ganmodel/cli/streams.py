"""The three standard streams as a command needs them: there, able to print any letter, forgiving.

A process may have none of them (a program without a window, a batch system that closed them), one
that knows few letters (latin-1, ASCII), or one whose reader has gone (`| head`, a closed terminal).
What is printed is the commands' business.
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
# What typography writes for signs that every terminal has.
_PLAIN_SIGNS = {
    "…": "...", "–": "-", "—": "-", "−": "-", "×": "x", "·": "*", "•": "*", "≤": "<=", "≥": ">=",
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "→": "->", "½": "1/2", "λ": "lambda",
    "‖": "||", "∇": "grad ", "²": "^2", "\N{NO-BREAK SPACE}": " ",
}  # fmt: skip


def prepare_streams() -> None:
    """Makes all three usable; call it before anything is printed or any file opened.

    A descriptor that is closed is opened on nothing, or the first file that is opened would get
    its number, and whatever prints to it would write into that file.
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
        with contextlib.suppress(AttributeError):  # one that a test or a notebook put there
            stream.reconfigure(errors=PLAIN)


def _plain_signs(error: UnicodeError) -> tuple[str, int]:
    """What stands for letters that a stream's encoding lacks: é without its accent, … as dots."""
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
    """A stream whose reader may go: what is printed from then on is lost, and nothing fails.

    For a command whose work is something else than what it prints, such as hours of training.
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
    """Leads a stream to nowhere, so that what its buffer still holds can't fail at the end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def forgive_lost_readers() -> None:
    """From now on, whoever read this process's output may go without ending its work."""
    sys.stdout, sys.stderr = ForgivingStream(sys.stdout), ForgivingStream(sys.stderr)
