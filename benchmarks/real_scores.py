"""What unseen real pictures score, for the classifiers' own data: measured once, then shipped.

    python benchmarks/real_scores.py write [--data-dir DIR]
    python benchmarks/real_scores.py unseen [--data-dir DIR]  # a table: do they score 1?

`write` makes ganmodel/assets/classifiers/real.json; it leaves out data that is
not there and keeps what the file holds of it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from ganmodel.data import DataError, load_data
from ganmodel.data.stacked import stack
from ganmodel.files import write_bytes
from ganmodel.metrics import QUICK, THOROUGH, Features, Reference
from ganmodel.metrics.evaluate import N_MODES, STACKED_SAMPLES
from ganmodel.metrics.features import fingerprint
from ganmodel.metrics.reference import MOST_REAL
from ganmodel.units import REAL_SCORES

NAMES = ("mnist", "fashion-mnist", "stacked-mnist")
COUNTS = (100, 250, 500, 1_000, 1_500, 2_500, 5_000, 10_000, STACKED_SAMPLES)
DIGITS = 5  # that are written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("write", "unseen"))
    parser.add_argument("--data-dir", type=Path, default=None)
    options = parser.parse_args()
    {"write": _write, "unseen": _unseen}[options.what](options.data_dir)


def _write(data_dir: Path | None) -> None:
    held = json.loads(REAL_SCORES.read_text()) if REAL_SCORES.exists() else []
    by_name = {scores["data"]: scores for scores in held}
    for name in NAMES:
        try:
            by_name[name] = _scores(name, data_dir)
        except DataError as error:
            print(error)
    text = json.dumps([by_name[name] for name in NAMES if name in by_name], indent=1)
    write_bytes(REAL_SCORES, (text + "\n").encode())


def _scores(name: str, data_dir: Path | None) -> dict[str, Any]:
    train, test = load_data(name, data_dir), load_data(name, data_dir, train=False)
    features = Features.for_data(name, *train.images.shape[1:3])
    most = MOST_REAL if features.n_classes == N_MODES else len(train.images)  # as a run will
    reference = Reference(
        features, train.images, test=test.images, labels=train.labels, most=most, known=False
    )
    points = (QUICK.points, THOROUGH.points)
    scores = {
        "data": name,
        "command": f"python benchmarks/{Path(__file__).name} write",
        "name": features.name,
        "features": features.sha256,
        "train": fingerprint(train.images),
        "test": fingerprint(test.images),
        "fd": {str(n): _short(reference.real_distance(n)) for n in COUNTS if n <= len(test.images)},
        "fd_error": {
            str(n): _short(reference.real_error(n)) for n in COUNTS if n <= len(test.images)
        },
        "nearest": _short(reference.real_nearest),
        "neighbours": {
            str(n): {key: _short(value) for key, value in reference.real_neighbours(n).items()}
            for n in points
        },
    }
    print(json.dumps(scores, indent=1))
    return scores


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


# --- do unseen real pictures score 1? -----------------------------------------------------------


def _unseen(data_dir: Path | None) -> None:
    """Pictures that neither the training nor the reference's unseen ones hold."""
    print("| data | pictures | distance of unseen real ones, mean of 8 | scatter | error as told |")
    print("|---|---|---|---|---|")
    for name in NAMES:
        try:
            train, test = load_data(name, data_dir), load_data(name, data_dir, train=False)
        except DataError as error:
            print(error)
            continue
        features = Features.for_data(name, *train.images.shape[1:3])
        if name == "stacked-mnist":
            digits = load_data("mnist", data_dir, train=False)
            fresh, _ = stack(digits.images.flip(0), digits.labels.flip(0), 60_000)
            known = test.images
        else:  # one half of the test pictures is the reference's, the other half drawn from
            order = torch.randperm(len(test.images), generator=torch.Generator().manual_seed(7))
            known, fresh = test.images[order[:5000]], test.images[order[5000:]]
        reference = Reference(features, train.images, test=known, labels=train.labels)
        vectors = features.of(fresh)
        for count in (500, 1_000, 2_500, 5_000, 10_000, STACKED_SAMPLES):
            if count <= len(vectors):
                _row(name, reference, vectors, count)
    for images in (60, 200, 3_000):
        _own(images)


def _own(images: int) -> None:
    """Drawn pictures of one's own, and others from the same hand."""
    found, errors = [], []
    for seed in range(8):
        seen = _drawn(images, 2 * seed)
        features = Features.for_data("own", 3, 32)
        distance = Reference(features, seen).distance(features.of(_drawn(2_500, 2 * seed + 1)))
        found.append(distance.in_units)
        errors.append(distance.error / distance.unit)
    _print(f"{images} of one's own", 2_500, found, errors)


def _drawn(count: int, seed: int) -> Tensor:
    """So many of each kind as comes, and not as many of each."""
    from tests.planted import drawn_pictures

    pictures, _ = drawn_pictures(4 * count, seed=seed)
    order = torch.randperm(4 * count, generator=torch.Generator().manual_seed(seed))
    return pictures[order[:count]]


def _row(name: str, reference: Reference, vectors: Tensor, count: int) -> None:
    found, errors = [], []
    for seed in range(8):
        order = torch.randperm(len(vectors), generator=torch.Generator().manual_seed(seed))
        distance = reference.distance(vectors[order[:count]])
        found.append(distance.in_units)
        errors.append(distance.error / distance.unit)
    _print(name, count, found, errors)


def _print(name: str, count: int, found: list[float], errors: list[float]) -> None:
    print(
        f"| {name} | {count:,} | {statistics.mean(found):.2f} | {statistics.stdev(found):.2f} | "
        f"{statistics.mean(errors):.2f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
