"""Makes what weights/ holds from finished runs: generators, films, and their figures.

    python benchmarks/ship.py generator runs/mnist mnist           # weights/mnist.safetensors
    python benchmarks/ship.py start runs/early mnist-early         # weights/starts/mnist-early
    python benchmarks/ship.py film runs/quick quick "MNIST, …"     # weights/runs/quick
    python benchmarks/ship.py figures                              # weights/figures.json, *.png

A generator is a run's newest weights file as it is, without raw G where it would be over 8 MB. With
--half, as what a preset starts from, it is averaged G and D of that file in half precision, which
moves no pixel of 64 samples by more than one grey level. A film is a run's curves, grids and
evaluations, fewer as it goes on, and its recorded stretches (see stretches.py); with --weights also
averaged G and D at moments that double, in half precision. Its game is made afterwards, see
game.py. Figures are what `ganmodel evaluate --json` says of each generator, beside its sha256.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ganmodel.files import read_json, write_bytes, write_json
from ganmodel.runs import Run
from ganmodel.runs.starts import STARTS
from ganmodel.runs.stretches import FOLDER as STRETCHES
from ganmodel.weights import Weights, load_weights, save_weights

WEIGHTS = Path(__file__).resolve().parents[1] / "weights"
MOST_BYTES = 8_000_000  # of a generator's file
GRIDS_GROW = 1.12  # from one grid of a film to the next, in images seen
MEASURED_GROW = 1.2
DIGITS = 5  # of the numbers in a film's curves
KEPT = ("G_ema.", "D.")  # of halved weights
HISTORY_FROM = 8_192  # images seen: the first weights of a film after the untrained ones


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("generator", "start", "film"):
        command = commands.add_parser(name)
        command.add_argument("run", type=Path)
        command.add_argument("name")
        if name == "generator":
            command.add_argument("--half", action="store_true", help="in half precision")
        if name == "film":
            command.add_argument("title")
            command.add_argument("--whole", action="store_true", help="with all its grids")
            command.add_argument("--weights", action="store_true", help="with its history")
    figures = commands.add_parser("figures")
    figures.add_argument("names", nargs="*", help="of the generators; all of them, if none")
    figures.add_argument("--data-dir", type=Path, help="where Fashion-MNIST is")
    options = parser.parse_args()
    match options.command:
        case "generator":
            path = WEIGHTS / f"{options.name}.safetensors"
            ship_generator(Run(options.run), path, options.half)
        case "start":
            (WEIGHTS / STARTS).mkdir(exist_ok=True)
            path = WEIGHTS / STARTS / f"{options.name}.safetensors"
            ship_halved(Run(options.run).newest_weights(), path)
        case "film":
            ship_film(Run(options.run), options.name, options.title, options.weights, options.whole)
        case "figures":
            ship_figures(options.names, options.data_dir)


def ship_generator(run: Run, path: Path, half: bool) -> None:
    if half:
        ship_halved(run.newest_weights(), path)
        return
    shutil.copyfile(run.newest_weights(), path)
    if path.stat().st_size > MOST_BYTES:
        weights = load_weights(path)
        kept = {k: t for k, t in weights.tensors.items() if not k.startswith("G.")}
        save_weights(path, kept, weights.spec, _about(weights))


def _about(weights: Weights) -> dict[str, Any]:
    """What `save_weights` does not write by itself."""
    return {k: v for k, v in weights.about.items() if k not in ("format", "spec")}


def ship_halved(source: Path, path: Path) -> None:
    weights = load_weights(source)
    tensors = {name: t for name, t in weights.tensors.items() if name.startswith(KEPT)}
    halved = {name: t.half() if t.is_floating_point() else t for name, t in tensors.items()}
    save_weights(path, halved, weights.spec, _about(weights))


def ship_film(run: Run, name: str, title: str, with_weights: bool, whole: bool) -> None:
    folder = WEIGHTS / "runs" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_bytes(folder / "title", title.encode())
    for file in ("config.json", "reals.png"):
        shutil.copyfile(run.path(file), folder / file)
    for whole_folder in ("replies", STRETCHES):  # where its knobs were turned, and single steps
        if run.path(whole_folder).is_dir() and any(run.path(whole_folder).iterdir()):
            shutil.copytree(run.path(whole_folder), folder / whole_folder)
    status = run.status()
    write_json(folder / "status.json", {k: status[k] for k in sorted({*status} - {"pid"})})
    rows = [json.dumps({k: _short(v) for k, v in row.items()}) for row in run.rows()[0]]
    write_bytes(folder / "metrics.jsonl", "".join(f"{row}\n" for row in rows).encode())
    grids_grow = 0.0 if whole else GRIDS_GROW
    growths = {"samples": grids_grow, "samples_raw": grids_grow, "quality": MEASURED_GROW}
    for kind, growth in growths.items():
        moments = run.moments(kind)
        for moment in _thinned(list(moments), growth):
            (folder / kind).mkdir(exist_ok=True)
            shutil.copyfile(moments[moment], folder / kind / moments[moment].name)
    if with_weights:
        (folder / "weights").mkdir()
        moments = run.moments("weights")
        known = [m for m in moments if m == 0 or m >= HISTORY_FROM]
        *kept, newest = _thinned(known, 2.0)  # the newest is the shipped generator
        for moment in (m for m in kept if m < newest / 1.5):
            ship_halved(moments[moment], folder / "weights" / moments[moment].name)


def _thinned(moments: list[int], growth: float) -> list[int]:
    """Those at least `growth` times the one before (all of them by 0); the first two and the last
    are kept."""
    kept: list[int] = []
    for moment in moments[:-1]:
        if not kept or moment >= growth * kept[-1]:
            kept.append(moment)
    return kept + moments[-1:]


def _short(value: float | None) -> float | None:
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def ship_figures(names: list[str], data_dir: Path | None) -> None:
    paths = {path.stem: path for path in sorted(WEIGHTS.glob("*.safetensors"))}
    known = read_json(WEIGHTS / "figures.json") or {}
    figures = {name: known[name] for name in paths if name in known and name not in names}
    for path in (paths[name] for name in names or paths):
        command = [sys.executable, "-m", "ganmodel"]
        where = ["--data-dir", str(data_dir)] * (data_dir is not None)
        evaluated = subprocess.run(
            [*command, "evaluate", str(path), "--json", *where],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        found = json.loads(evaluated.stdout)
        del found["copies"]["pairs"]  # of no use without the pictures
        figures[path.stem] = {"sha256": sha256, **found}
        print(path.stem, {k: figures[path.stem][k] for k in ("fd_over_r", "precision", "recall")})
        subprocess.run(
            [*command, "sample", str(path), "--count", "64", "--seed", "0",
             "--out", str(path.with_suffix(".png"))], check=True,
        )  # fmt: skip
    write_json(WEIGHTS / "figures.json", {name: figures[name] for name in paths if name in figures})


if __name__ == "__main__":
    main()
