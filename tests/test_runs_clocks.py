"""Runs on machines whose clock is put right, that travel, or that count in another zone's hours."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ganmodel.runs import create_run, list_runs
from ganmodel.words import worded
from tests.support import new_run, tiny_config


@pytest.fixture
def travel() -> Iterator[Callable[[str], None]]:
    """Puts this process into another time zone."""
    home = os.environ.get("TZ")

    def to(zone: str | None) -> None:
        os.environ.pop("TZ", None) if zone is None else os.environ.update(TZ=zone)
        time.tzset()

    yield to
    to(home)


def test_the_newest_run_is_listed_first_after_a_journey_west(
    tmp_path: Path, travel: Callable[[str], None]
) -> None:
    made = []
    for zone in ("Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin"):
        travel(zone)
        made.append(create_run(tmp_path, tiny_config()).name)
    assert [run.name for run in list_runs(tmp_path)] == made[::-1]


def test_older_runs_named_by_local_time_are_listed_among_the_others_as_time_went(
    tmp_path: Path, travel: Callable[[str], None]
) -> None:
    travel("Asia/Tokyo")  # nine hours ahead
    oldest_first = (
        "20261031-220000-mnist-quick",
        "20261031T135900Z-mnist-quick",
        "20261031-230000-mnist-quick",
        "20261031T140001Z-mnist-quick",
        "named",
        "20991399-996099-no-date",
    )
    now = time.time()
    for age, name in enumerate(reversed(oldest_first)):
        path = create_run(tmp_path, tiny_config(), name=name).path("config.json")
        os.utime(path, (now - age, now - age))
    assert [run.name for run in list_runs(tmp_path)] == list(reversed(oldest_first))


def test_a_title_tells_when_a_run_began_by_the_clock_on_the_wall(
    tmp_path: Path, travel: Callable[[str], None]
) -> None:
    travel("Asia/Tokyo")
    for name in ("20261123T141502Z-mnist-quick", "20261123-231502-mnist-quick"):
        run = create_run(tmp_path, tiny_config(), name=name)
        assert worded(run.title()) == "mnist · quick · Nov 23, 23:15"
    began = datetime.strptime(create_run(tmp_path, tiny_config()).name[:16], "%Y%m%dT%H%M%SZ")
    assert abs((datetime.now(UTC) - began.replace(tzinfo=UTC)).total_seconds()) < 60


def test_a_clock_that_makes_no_sense_costs_a_title_nothing(
    tmp_path: Path, travel: Callable[[str], None]
) -> None:
    travel("<+25>-25:70")
    run = create_run(tmp_path, tiny_config(), name="20261123T141502Z-mnist-quick")
    assert worded(run.title()) == "mnist · quick · Nov 23, 14:15"


def test_a_run_dated_tomorrow_is_not_about_to_start(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    assert run.state() == "waiting"
    for seconds in (-86_400, 86_400):
        moment = time.time() + seconds
        os.utime(run.path("config.json"), (moment, moment))
        assert run.state() == "died"
