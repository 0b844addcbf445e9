"""Files that several processes share: what another holds open is waited for, and odd clocks."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ganmodel import files
from ganmodel.errors import KnownError
from ganmodel.files import age, move, read_json, reason, remove, write_json
from ganmodel.words import worded


def held_open(times: int, do: Callable[..., Any]) -> Callable[..., Any]:
    """`do`, which fails first as on Windows while another program has the file open."""
    left = [times]

    def tried(*args: Any, **options: Any) -> Any:
        if left[0]:
            left[0] -= 1
            error = PermissionError(13, "Access is denied")
            error.winerror = files.BUSY[0]
            raise error
        return do(*args, **options)

    return tried


def test_a_file_that_another_program_has_open_is_replaced_read_and_removed_once_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "status.json"
    write_json(path, 1)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", held_open(2, os.replace))
        write_json(path, 2)
        patch.setattr(Path, "read_bytes", held_open(2, Path.read_bytes))
        assert read_json(path) == 2
        patch.setattr(os, "replace", held_open(2, os.replace))
        move(path, tmp_path / "moved")
        patch.setattr(Path, "unlink", held_open(2, Path.unlink))
        remove(tmp_path / "moved")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_stays_open_is_given_up_and_what_is_forbidden_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BUSY_SECONDS", 0.02)
    monkeypatch.setattr(os, "replace", held_open(10**9, os.replace))
    with pytest.raises(PermissionError):
        write_json(tmp_path / "status.json", 1)
    assert list(tmp_path.iterdir()) == []
    asked = []

    def forbidden() -> None:
        asked.append(1)
        raise PermissionError(13, "Permission denied")

    with pytest.raises(PermissionError):
        files.patiently(forbidden)
    assert len(asked) == 1


def test_what_is_dated_tomorrow_grows_old_from_today_on(tmp_path: Path) -> None:
    tomorrow = time.time() + 86_400
    os.utime(tmp_path, (tomorrow, tomorrow))
    assert age(tmp_path) == 0.0
    assert tmp_path.stat().st_mtime < tomorrow - 3600
    os.utime(tmp_path, (tomorrow - 2 * 86_400,) * 2)
    assert age(tmp_path) == pytest.approx(86_400, abs=60)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied"), "writing there is not allowed"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (OSError("all of it"), "all of it"),
        (ValueError("no number"), "no number"),
        (KnownError("busy"), str(KnownError("busy"))),
    ],
    ids=repr,
)
def test_a_reason_is_worded_for_a_person_where_it_is_known(error: Exception, said: str) -> None:
    assert worded(reason(error)) == said
    assert str(KnownError("fork-folder-not-made", reason=reason(error))).endswith(f"made: {said}.")
