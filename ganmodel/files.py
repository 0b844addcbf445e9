"""Operations on files that several processes share: atomic replacement, reading, moving, removing.

A file is written under a temporary name beside the target, then renamed, so that a reader, or a
process that starts after a crash, sees the old or the new content and never a part of it. Also
prepares errors and paths for sentences. The format of the files is defined elsewhere.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ganmodel.errors import KnownError
from ganmodel.words import Words, message

BUSY = (5, 32)  # Windows' access denied and sharing violation: another program has the file open
BUSY_SECONDS = 2.0  # how long to retry on such a file
BUSY_LOOK_SECONDS = 0.01

T = TypeVar("T")

# An absolute path in a sentence; its last part is the group. Folder names may contain blanks, so it
# may match a word of the sentence too many rather than miss a part of a path.
_ABSOLUTE = re.compile(
    r"""(?<![\w.~/\\:-])(?:/(?:[^/\n,;:"'“”()]{1,80}/)+|[A-Za-z]:\\(?:[^\\\n,;"'“”()]{1,80}\\)*)"""
    r"""([^/\\\s,;"'“”()]*)"""
)
_REASONS = {
    errno.ENOSPC: "reasons.disk-full",
    errno.EDQUOT: "reasons.quota-used-up",
    errno.EFBIG: "reasons.file-too-large",
    errno.EACCES: "reasons.writing-not-allowed",
    errno.EPERM: "reasons.writing-not-allowed",
    errno.EROFS: "reasons.disk-read-only",
    errno.ENOTDIR: "reasons.file-in-path",
    errno.EEXIST: "reasons.name-in-the-way",
}


def write_atomic(path: Path, write: Callable[[Path], object]) -> None:
    """Calls `write` with a temporary path in the same folder and moves the result to `path`.

    Raises:
        OSError: the folder cannot be written; the temporary file is removed if possible.
    """
    # Starts with a dot and ends with .tmp, so that no listing takes it for a finished file.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        write(temporary)
        move(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def write_bytes(path: Path, content: bytes) -> None:
    write_atomic(path, lambda temporary: temporary.write_bytes(content))


def write_json(path: Path, value: Any) -> None:
    """Writes standard JSON: a NaN raises ValueError instead of being written."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    # A file name may hold undecodable bytes, which Python represents as lone surrogates: escaped
    # with a backslash they are valid JSON and are read back unchanged.
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def read_json(path: Path) -> Any:
    """The value in a JSON file; None if it is missing or unreadable."""
    try:
        # As bytes: json detects UTF-8, UTF-16 or UTF-32, with or without a byte order mark.
        return json.loads(patiently(path.read_bytes))
    except (OSError, ValueError, RecursionError):
        return None


def move(source: Path, target: Path) -> None:
    """Renames a file or a folder; an existing target file is replaced."""
    patiently(lambda: os.replace(source, target))


def remove(path: Path) -> None:
    """Removes a file; a missing one is no error."""
    patiently(lambda: path.unlink(missing_ok=True))


def patiently(do: Callable[[], T]) -> T:
    """Calls `do`, retrying for `BUSY_SECONDS` while another program has its file open.

    On Windows such a file can be neither replaced nor removed, and sometimes not opened. Other
    systems raise no such error, so nothing is retried there.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            return do()
        except PermissionError as error:
            if getattr(error, "winerror", None) not in BUSY or time.monotonic() > deadline:
                raise
            time.sleep(BUSY_LOOK_SECONDS)


def age(path: Path) -> float:
    """Seconds since a file or a folder was last written, 0 or more.

    A modification time in the future, left by a clock that was corrected since, is reset to now:
    otherwise the age would stay 0 until then.

    Raises:
        OSError: the path does not exist.
    """
    passed = time.time() - path.stat().st_mtime
    if passed < 0:
        with contextlib.suppress(OSError):
            os.utime(path)
    return max(0.0, passed)


def stamps(folder: Path, *patterns: str) -> dict[str, int]:
    """Relative path -> modification time (ns) of each file below a folder that fits a pattern.

    The times show whether a file was replaced. They come from the file system's clock, so they must
    not be compared with this machine's.
    """
    found = {}
    for path in (path for pattern in patterns for path in folder.glob(pattern)):
        with contextlib.suppress(OSError):
            found[path.relative_to(folder).as_posix()] = path.stat().st_mtime_ns
    return found


def reason(error: BaseException) -> Words:
    """An error for a hole of a sentence: "the disk is full" rather than "[Errno 28] …"."""
    if isinstance(error, KnownError):
        return error.message
    if not isinstance(error, OSError):
        return str(error)
    known = _REASONS.get(error.errno or 0)
    return message(known) if known else error.strerror or str(error)


def without_folders(text: str) -> str:
    """A text safe to show to others: each absolute path is cut to its last part."""
    return _ABSOLUTE.sub(r"\1", text)


def from_home(path: Path) -> str:
    """A path with the home folder abbreviated to ~."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)
