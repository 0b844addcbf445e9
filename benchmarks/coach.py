"""What the coach says of runs that fail on purpose, and of runs that go well, moment by moment.

Trains what is not there yet into a folder that stays, so that rows are judged anew in a second when
a threshold changes. Prints a table, run by moment, each cell "balance / pictures"; for each planted
failure whether it was named within a quarter of 128,000 images; for each healthy run the share of
its rows with a false alarm. Every run leaves its grids beside its rows, to be looked at.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from ganmodel.config import SETTINGS, make_config
from ganmodel.data import load_data
from ganmodel.health import Verdict
from ganmodel.judging import verdict_of
from ganmodel.runs import LIVE_STATES, Launcher, Run, create_run

MOMENTS = (8_192, 16_384, 32_768, 65_536, 98_304, 131_072)
WITHIN = 128_000 // 4  # images, and the evaluation that falls there
UNREADABLE = 100.0  # times the distance of unseen real pictures
CLOSE = 3.0
GOOD = ("close",)
ALARMS = (
    "not learning", "repeats itself", "D wins", "D weak", "oscillating", "diverging",
    "G stands still", "D stands still", "copying", "stalled", "rising", "farther",
)  # fmt: skip
BARE = {"norm_d": "none", "r1_gamma": 0.0}  # nothing holds D


@dataclass(frozen=True)
class Case:
    """A run: its preset, what is chosen besides, and what the coach should say of it.

    `start_from` is another of these by name. `named` are kinds of balance or pictures of which one
    must be said; none of a healthy run.
    `own` is how many digits are taken for pictures of one's own.
    """

    preset: str = "quick"
    chosen: Mapping[str, Any] = field(default_factory=dict)
    named: Sequence[str] = ()
    own: int = 0


def quick(*named: str, own: int = 0, conditional: bool = False, **chosen: Any) -> Case:
    return Case("quick", {"conditional": conditional, **chosen}, named, own)


PLANTED = {
    "G's rate 0": quick("G stands still", lr_g=0.0),
    "D's rate 0": quick("D stands still", lr_d=0.0),
    "rates 1e-6": quick("not learning", lr_g=1e-6, lr_d=1e-6),
    # Under spectral norm and R1 such rates go well.
    "rates x 10": quick(
        "diverging", "oscillating", **BARE, beta1=0.9, lr_g=3e-2, lr_d=3e-2, ema_half_life=0
    ),
    "D weak": quick("D weak", lr_d=1e-5),
    "D strong": quick("D wins", **BARE, lr_g=2e-4, n_critic=5, objective="minimax"),
    "D strong, hinge": quick("D wins", **BARE, lr_g=1e-4, n_critic=5, objective="hinge"),
    "collapse": quick(
        "repeats itself",
        start_from="non-saturating",
        g_steps=30,
        lr_g=3e-3,
        lr_d=1e-3,
        r1_gamma=1.0,
        r1_every=1,
        batch_size=32,
        ema_half_life=0,
    ),
    "copying": quick("copying", own=30, images=512_000),  # none within 128,000
    "stalled": quick("stalled", "not learning", optimizer="sgd", lr_g=1e-3, lr_d=1e-3),
    "oscillation": quick(
        "oscillating", **BARE, beta1=0.9, lr_g=1e-2, lr_d=2e-4, batch_size=64, ema_half_life=0
    ),
}
HEALTHY = {
    **{rule: quick(objective=rule) for rule in ("non-saturating", "minimax", "lsgan", "hinge")},
    **{rule: Case(rule) for rule in ("wgan", "wgan-gp", "r3gan")},
    "by class": quick(conditional=True),
    "article": Case("article"),
    "stacked": quick(dataset="stacked-mnist"),
    **{f"own {count}": Case("few", own=count) for count in (30, 300, 3_000)},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the runs are, and stay")
    parser.add_argument("--images", type=int, default=128_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dataset", help="for the runs that name none")
    parser.add_argument("--data-dir", type=Path, help="where data sets lie unpacked")
    parser.add_argument("--only", nargs="*", help="these runs alone, by name")
    parser.add_argument("--no-training", action="store_true", help="judge what is there")
    options = parser.parse_args()
    launcher = Launcher(options.data_dir)
    print(f"| run | {' | '.join(f'{moment:,}' for moment in MOMENTS)} | in all |")
    print("|---|" + "---|" * (len(MOMENTS) + 1))
    for name, case in {**HEALTHY, **PLANTED}.items():
        if options.only and name not in options.only:
            continue
        run = run_of(options, name)
        unknown = set(case.chosen) - set(SETTINGS)
        if unknown:
            print(f"| {name} | left out: this ganmodel knows no {', '.join(unknown)} |")
            continue
        if not options.no_training and not run.path("config.json").exists():
            train(launcher, run, case, options)
        if run.path("config.json").exists():
            print(line(name, case, run), flush=True)


def run_of(options: argparse.Namespace, name: str) -> Run:
    parts = [name, *([options.dataset] if options.dataset else []), str(options.seed)]
    return Run(options.folder / ", ".join(parts).replace(" ", "-"))


def train(launcher: Launcher, run: Run, case: Case, options: argparse.Namespace) -> None:
    """Trains a run to its end, as a page would."""
    chosen = {"images": options.images, "seed": options.seed, **case.chosen}
    if options.dataset:
        chosen.setdefault("dataset", options.dataset)
    if "start_from" in chosen:
        chosen["start_from"] = str(run_of(options, chosen["start_from"]).folder.resolve())
    if case.own:
        chosen |= {"dataset": str(pictures(options.folder, case.own)), "image_size": 28}
    create_run(options.folder, make_config(case.preset, **chosen), name=run.name)
    launcher.start(run)
    while run.state() in LIVE_STATES:
        time.sleep(0.5)


def pictures(folder: Path, count: int) -> Path:
    """A folder of so many digits, for pictures of one's own."""
    own = folder / f".pictures-{count}"
    if not own.is_dir():
        own.mkdir(parents=True)
        for number, digit in enumerate(load_data("mnist").images[:count]):
            Image.fromarray(digit[0].numpy()).save(own / f"{number:05}.png")
    return own.resolve()


def line(name: str, case: Case, run: Run) -> str:
    """A row of the table."""
    rows, config = run.rows()[0], run.config()
    said = [verdict_of(run, rows[:count], config) for count in range(1, len(rows) + 1)]
    cells = []
    for moment in MOMENTS:
        then = [v for row, v in zip(rows, said, strict=True) if row["images"] <= moment * 1.02]
        reached = rows and rows[-1]["images"] >= moment * 0.97
        cells.append(in_short(then[-1]) if then and reached else "")
    return f"| {name} | {' | '.join(cells)} | {in_all(case, rows, said)} |"


def in_short(verdict: Verdict) -> str:
    return f"{verdict.balance.kind} / {verdict.pictures.kind}"


def in_all(case: Case, rows: Sequence[Mapping[str, Any]], said: Sequence[Verdict]) -> str:
    """Whether a failure was named in time, or how often a healthy run was alarmed of."""
    found, distance, good, close = [], None, 0, [0, 0]
    for row, verdict in zip(rows, said, strict=True):
        distance = row["fd_over_r"] if row.get("fd_over_r") is not None else distance
        word = verdict.pictures.kind in GOOD
        good += word and (distance is None or distance >= UNREADABLE)
        if distance is not None and distance <= CLOSE and row.get("classes"):
            close = [close[0] + word, close[1] + 1]
    if case.named:
        for row, verdict in zip(rows, said, strict=True):
            kinds = (verdict.balance.kind, verdict.pictures.kind)
            if any(kind in case.named for kind in kinds):
                late = "" if row["images"] <= WITHIN * 1.03 else ", LATE"
                found.append(f"named at {row['images']:,}{late}")
                break
        else:
            found.append("NOT NAMED")
    else:
        alarmed = sum(bool({v.balance.kind, v.pictures.kind} & set(ALARMS)) for v in said)
        found.append(f"{alarmed} of {len(said)} rows alarmed")
    if good:
        found.append(f"{good} rows with a good word for unreadable pictures")
    if close[1]:
        found.append(f"{close[0]} of {close[1]} rows at {CLOSE:g}x or less called close")
    return "; ".join(found)


if __name__ == "__main__":
    main()
