"""`ganmodel coach`: what the coach says of a run, as the page shows it."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from ganmodel.cli.shared import InputError, check_range, flag_help, path_type, whole_number
from ganmodel.cli.streams import knows_every_letter
from ganmodel.words import say, worded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ganmodel.health import Said, Verdict

MOST_IMAGES = 1_000_000_000


def add_coach(commands: Any) -> None:
    """Adds the command and its flags."""
    parser = commands.add_parser(
        "coach",
        help=flag_help("cli.coach.help"),
        description=say("cli.coach.description"),
    )
    parser.add_argument("run", type=path_type, help=flag_help("cli.coach.run-help"))
    parser.add_argument("--at", type=whole_number, default=None, metavar="IMAGES",
                        help=flag_help("cli.coach.at-help"))  # fmt: skip
    parser.add_argument("--json", action="store_true", help=flag_help("cli.coach.json-help"))
    parser.set_defaults(run_command=_coach)


def _coach(options: argparse.Namespace) -> int:
    if options.at is not None:
        check_range("--at", options.at, 0, MOST_IMAGES)

    from ganmodel.judging import verdict_of
    from ganmodel.runs import Run, settings_at, settings_now

    run = Run(options.run)
    if not run.path("config.json").is_file():
        raise InputError("coach-of-no-run", folder=str(options.run))
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
    print("\n".join(_lines(verdict)))  # noqa: T201
    return 0


def _lines(verdict: Verdict) -> Iterator[str]:
    yield say("cli.coach.after", images=verdict.images)
    for said in (verdict.balance, verdict.pictures):
        headline, sentence = worded(said.headline), worded(said.sentence)
        yield say("cli.coach.verdict", headline=headline, sentence=sentence)
        for cure in said.cures:
            label, explanation = worded(cure.label), worded(cure.explanation)
            yield say("cli.coach.cure", label=label, explanation=explanation)


def _plain(said: Said) -> dict[str, Any]:
    """One verdict; its cure is the likeliest, None where none is known or needed."""
    cure = dict(said.cures[0].changes) if said.cures else None
    return {"kind": said.kind, "sentence": worded(said.sentence), "cure": cure}
