"""Do the features for pictures of any kind see what goes wrong with pictures?

Faults are planted, in growing doses, in real pictures that were held out; a fault's figure is the
mean Fréchet distance of the faulty pictures from as many others, divided by that of the clean ones:
1 means not seen. Every figure comes with its standard error over random splits (those of the
largest count overlap, so that theirs is too small) and, for small counts, with how often a single
evaluation tells it: the share of splits above 95 % of the clean ones.

Data: drawn pictures, Fashion-MNIST in random colours, and random cut-outs of the photographs that
scikit-image brings along (`pip install scikit-image`; left out where it is not installed).
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, conv2d

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from ganmodel.data import load_data
from ganmodel.images import from_bytes
from ganmodel.metrics import Features, frechet_distance, moments
from tests.planted import FAULTS, Fault, drawn_pictures

SPLITS = {30: 100, 200: 45, 3_000: 3}  # of the pictures, by how many are compared
PHOTOGRAPHS = (
    "astronaut.png",
    "camera.png",
    "chelsea.png",
    "coffee.png",
    "ihc.png",
    "motorcycle_left.png",
    "rocket.jpg",
)

Pictures = tuple[Tensor, Tensor]  # uint8 (N, C, H, W) and what each shows (N,)
See = Callable[[Tensor], Tensor]  # pictures to vectors


def drawn(count: int, data_dir: str | None) -> Pictures:
    return drawn_pictures(count)


def coloured_fashion(count: int, data_dir: str | None) -> Pictures:
    """Each in one colour before another, darker one."""
    stream = torch.Generator().manual_seed(0)
    data = load_data("fashion-mnist", data_dir)
    chosen = torch.randperm(len(data.images), generator=stream)[:count]
    front = 0.4 + 0.6 * torch.rand(count, 3, 1, 1, generator=stream)
    back = 0.3 * torch.rand(count, 3, 1, 1, generator=stream)
    pictures = back + (front - back) * (data.images[chosen] / 255)
    return (255 * pictures).round().to(torch.uint8), data.labels[chosen]


def photographs(count: int, data_dir: str | None) -> Pictures | None:
    """Squares of a quarter to 0.7 of a photograph, anywhere in it; None without scikit-image."""
    package = importlib.util.find_spec("skimage")
    if package is None:
        return None
    folder = Path(package.origin).parent / "data"
    whole = [Image.open(folder / name).convert("RGB") for name in PHOTOGRAPHS]
    stream, pictures = np.random.default_rng(0), []
    for index in range(count):
        picture = whole[index % len(whole)]
        side = int(stream.uniform(0.25, 0.7) * min(picture.size))
        left, top = (int(stream.integers(length - side + 1)) for length in picture.size)
        box = (left, top, left + side, top + side)
        pictures.append(np.asarray(picture.resize((32, 32), Image.Resampling.BOX, box)))
    kinds = torch.arange(count) % len(whole)
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2), kinds


SETS = {"drawn": drawn, "coloured-fashion": coloured_fashion, "photographs": photographs}


def absolute_values(images: Tensor) -> Tensor:
    """What measured such pictures before: strengths of random edges, without their sign."""

    def unit(filters: Tensor) -> Tensor:
        return filters / filters.square().sum((1, 2, 3), keepdim=True).sqrt()

    stream = torch.Generator().manual_seed(2017)
    edges = torch.randn(32, images.shape[1], 5, 5, generator=stream)
    edges = unit(edges - edges.mean((2, 3), keepdim=True))
    mixtures = unit(torch.randn(16, 32, 3, 3, generator=stream))
    parts = []
    for part in images.split(100):
        strengths = avg_pool2d(conv2d(from_bytes(part), edges, padding=2).abs(), 2)
        mixed = conv2d(strengths, mixtures, padding=1).abs()
        parts.append(4 * adaptive_avg_pool2d(mixed, 2).flatten(1))
    return torch.cat(parts)


def distances(see: See, pictures: Pictures, counts: list[int]) -> dict[int, dict[str, Tensor]]:
    """For each count and each fault with its dose, the distance in each split; "clean" is one."""
    images, kinds = pictures
    clean = see(images)
    found: dict[int, dict[str, Tensor]] = {count: {} for count in counts}
    splits = {count: _splits(len(images), count) for count in counts}
    bases = {count: [moments(clean[rows[:count]]) for rows in splits[count]] for count in counts}

    def score(row: str, seen: Tensor, chosen: Callable[[Tensor, int], Tensor]) -> None:
        for count in counts:
            scores = [
                frechet_distance(*base, *moments(seen[chosen(rows, count)]))
                for base, rows in zip(bases[count], splits[count], strict=True)
            ]
            found[count][row] = torch.tensor(scores, dtype=torch.float64)

    def held_out(rows: Tensor, count: int) -> Tensor:
        return rows[count : 2 * count]

    score("clean", clean, held_out)
    for fault in FAULTS:
        for dose in fault.doses:
            row = f"{fault.name} {dose:g}"
            if fault.alike:
                score(row, see(fault.plant(images, kinds, dose)), held_out)
            else:
                score(row, clean, functools.partial(_chosen, fault, dose, kinds))
    return found


def _splits(total: int, count: int) -> list[Tensor]:
    """Which pictures take part: `count` real ones, then twice as many that were held out."""
    stream, found = torch.Generator().manual_seed(count), []
    while len(found) < SPLITS[count]:
        order = torch.randperm(total, generator=stream)
        found += [rows for rows in order.split(3 * count) if len(rows) == 3 * count]
    return found[: SPLITS[count]]


def _chosen(fault: Fault, dose: float, kinds: Tensor, rows: Tensor, count: int) -> Tensor:
    """`count` held-out pictures as a fault picks them that changes none."""
    held_out = rows[count:] if fault.loses else rows[count : 2 * count]
    return fault.plant(held_out, kinds[held_out], dose)[:count]


def described(clean: Tensor, faulty: Tensor) -> str:
    """Ratio of the means, its standard error, and how often one evaluation tells the fault."""
    ratio = faulty.mean() / clean.mean()
    error = ((faulty - ratio * clean) / clean.mean()).std() / len(clean) ** 0.5
    text = f"{ratio:.2f} ± {error:.2f}"
    if len(clean) >= 20:
        text += f", {(faulty > clean.quantile(0.95)).double().mean():.0%}"
    return text


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", help="where Fashion-MNIST lies")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--counts", nargs="+", type=int, choices=SPLITS, default=list(SPLITS))
    parser.add_argument("--before", action="store_true", help="absolute values, as it was before")
    options = parser.parse_args()
    for name in options.sets:
        pictures = SETS[name](3 * max(options.counts), options.data_dir)
        if pictures is None:
            print(f"\n{name}: left out, since scikit-image is not installed")
            continue
        see = absolute_values if options.before else Features.appearance(3).of
        found = distances(see, pictures, options.counts)
        heads = [f"{count:,} pictures" for count in options.counts]
        print(f"\n| {name} | {' | '.join(heads)} |\n|{'---|' * (len(heads) + 1)}")
        for row in found[options.counts[0]]:
            cells = [
                described(found[count]["clean"], found[count][row])
                if row != "clean"
                else f"distance {float(found[count]['clean'].mean()):.3f}"
                for count in options.counts
            ]
            print(f"| {row} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
