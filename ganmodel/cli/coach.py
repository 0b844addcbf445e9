"""`ganmodel coach`: what the coach says of a run, as the page shows it."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from ganmodel.cli.shared import InputError, check_range, path_type, whole_number
from ganmodel.cli.streams import knows_every_letter

if TYPE_CHECKING:
    from ganmodel.health import Said

MOST_IMAGES = 1_000_000_000


def add_coach(commands: Any) -> None:
    """Adds the command and its flags."""
    parser = commands.add_parser(
        "coach",
        help="what is the matter with a run, and what would help",
        description="Says how G and D do against each other and how the pictures do, each with "
        "the numbers that show it and, where something is wrong, a cure: changed settings. A run "
        "that still trains is judged as it is now.",
    )
    parser.add_argument("run", type=path_type, help="a run's folder")
    parser.add_argument("--at", type=whole_number, default=None, metavar="IMAGES",
                        help="as it was when the run had seen so many images")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="the same, as one JSON object")
    parser.set_defaults(run_command=_coach)


def _coach(options: argparse.Namespace) -> int:
    if options.at is not None:
        check_range("--at", options.at, 0, MOST_IMAGES)

    from ganmodel.judging import verdict_of
    from ganmodel.runs import Run, settings_at, settings_now

    run = Run(options.run)
    if not run.path("config.json").is_file():
        raise InputError(f"coach needs a run's folder, but {options.run} is none.")
    rows, _ = run.rows()
    settings = settings_now(run)
    if options.at is not None:
        rows = [row for row in rows if row["images"] <= options.at]
        settings = settings_at(run, options.at)
    verdict = verdict_of(run, rows, settings)
    if options.json:
        told = {
            "images": verdict.images,
            "balance": _plain(verdict.balance),
            "pictures": _plain(verdict.pictures),
        }
        escaped = not knows_every_letter(sys.stdout)
        print(json.dumps(told, indent=1, allow_nan=False, ensure_ascii=escaped))  # noqa: T201
        return 0
    print(f"After {verdict.images:,} images.")  # noqa: T201
    for said in (verdict.balance, verdict.pictures):
        print(f"{said.headline}: {said.sentence}")  # noqa: T201
        for cure in said.cures:
            print(f"  {cure.label}: {cure.explanation}")  # noqa: T201
    return 0


def _plain(said: Said) -> dict[str, Any]:
    """One verdict; its cure is the likeliest, None where none is known or needed."""
    cure = dict(said.cures[0].changes) if said.cures else None
    return {"kind": said.kind, "sentence": said.sentence, "cure": cure}
