"""Files that several processes share: replaced atomically, read, moved and removed while in use.

A reader, or a process that starts after a crash, sees the old file or the new one and never half of
one: it is written under a temporary name beside the target, then moved into place. Here is also how
errors and paths are put into words. What the files mean is known elsewhere.
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

BUSY = (5, 32)  # Windows' access denied and sharing violation: another program has the file open
BUSY_SECONDS = 2.0  # that such a file is waited for
BUSY_LOOK_SECONDS = 0.01

T = TypeVar("T")

# A path from the root of a disk, as it stands in a sentence; its last part is the group. The names
# of folders may hold blanks: then rather a word of the sentence goes than that a name stays.
_ABSOLUTE = re.compile(
    r"""(?<![\w.~/\\:-])(?:/(?:[^/\n,;:"'“”()]{1,80}/)+|[A-Za-z]:\\(?:[^\\\n,;"'“”()]{1,80}\\)*)"""
    r"""([^/\\\s,;"'“”()]*)"""
)


def write_atomic(path: Path, write: Callable[[Path], object]) -> None:
    """Calls `write` with a temporary path in the same folder and moves the result to `path`.

    Raises:
        OSError: the folder cannot be written; nothing is left behind where that can be helped.
    """
    # Starts with a dot and ends with .tmp, so no listing of ours takes it for a finished file.
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
    """JSON that every reader accepts: a NaN raises ValueError instead of being written."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    # A file's name may hold bytes that are no letters, which Python keeps as halves of letters:
    # escaped like this they are JSON still, and are read as what they were.
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def read_json(path: Path) -> Any:
    """The value in a JSON file, or None where there is no readable one."""
    try:
        # Any Unicode, with a byte order mark or without.
        return json.loads(patiently(path.read_bytes))
    except (OSError, ValueError, RecursionError):
        return None


def move(source: Path, target: Path) -> None:
    """Renames a file or a folder; a file that is there already is replaced."""
    patiently(lambda: os.replace(source, target))


def remove(path: Path) -> None:
    """Removes a file; one that is gone already counts as removed."""
    patiently(lambda: path.unlink(missing_ok=True))


def patiently(do: Callable[[], T]) -> T:
    """What `do` returns, asked again for a moment while another program has its file open.

    On Windows such a file can be neither replaced nor removed, nor be opened just then. Elsewhere
    nothing is ever asked twice.
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

    A time in the future, of a clock that was put right since, is made now: until it came, nothing
    would ever grow old.

    Raises:
        OSError: there is none.
    """
    passed = time.time() - path.stat().st_mtime
    if passed < 0:
        with contextlib.suppress(OSError):
            os.utime(path)
    return max(0.0, passed)


def stamps(folder: Path, *patterns: str) -> dict[str, int]:
    """Which files below a folder fit, and when each was written, in its file system's own time.

    By that a file is recognised later on; it is nothing to compare this machine's clock with.
    """
    found = {}
    for path in (path for pattern in patterns for path in folder.glob(pattern)):
        with contextlib.suppress(OSError):
            found[path.relative_to(folder).as_posix()] = path.stat().st_mtime_ns
    return found


def reason(error: BaseException) -> str:
    """An error as the middle of a sentence: "the disk is full" rather than "[Errno 28] …"."""
    if not isinstance(error, OSError):
        return str(error)
    known = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EFBIG: "the file would be larger than allowed here",
        errno.EACCES: "writing there is not allowed",
        errno.EPERM: "writing there is not allowed",
        errno.EROFS: "the disk is read-only",
        errno.ENOTDIR: "a part of its path is a file, not a folder",
        errno.EEXIST: "a file of that name is in the way",
    }
    return known.get(error.errno or 0, error.strerror or str(error))


def without_folders(sentence: str) -> str:
    """A sentence as others may read it: of every path from the root, only the last part."""
    return _ABSOLUTE.sub(r"\1", sentence)


def from_home(path: Path) -> str:
    """A path as people write it: what lies in the home folder begins with ~."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)
