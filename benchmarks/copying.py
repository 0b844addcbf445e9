"""How often the alarm for copies rings: at planted copiers, where it should, and at others.

Every cell is a share of repetitions, each with other training pictures and other fakes. `drawn` are
discs and boxes in two colours, `mnist` the digits, `fashion` coloured Fashion-MNIST (needs
--data-dir), `photos` crops of scikit-image's photographs (needs that package, which nothing else
here does). Beside each rate stands, in brackets, that of the alarm before: a median distance to the
nearest training picture below half of what unseen real pictures have. Set OMP_NUM_THREADS=1 on a
machine that has other work.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from ganmodel.augment import translate
from ganmodel.data import load_data
from ganmodel.images import from_bytes, picture_of, to_bytes
from ganmodel.latents import noise
from ganmodel.metrics.copying import Copying, Originals
from ganmodel.metrics.measures import nearest_distances
from ganmodel.sampling import Sampler

FAKES = 128
SHARES = {"all": 1.0, "half": 0.5, "a fifth": 0.2}
REPETITIONS = {30: 40, 50: 40, 200: 40, 1_000: 20, 3_000: 10}
MOST_TWICE = 1_000  # pictures, where a quarter of the repetitions has every one twice
PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket", "retina", "immunohistochemistry")
WEIGHTS = Path(__file__).resolve().parents[1] / "weights"

Random = torch.Generator
Plant = Callable[[Tensor, Random], Tensor]


# --- pictures -----------------------------------------------------------------------------------


def drawn(count: int, side: int = 32) -> Tensor:
    """A disc or a box, stretched, somewhere on a ground of another colour."""
    random = Random().manual_seed(0)
    down, right = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    parts = []
    for part in torch.arange(count).split(500):

        def between(low: float, high: float, *more: int, n: int = len(part)) -> Tensor:
            return low + (high - low) * torch.rand(n, *more, 1, 1, generator=random)

        x, y = (right - side * between(0.3, 0.7)).abs(), (down - side * between(0.3, 0.7)).abs()
        stretch, radius = between(0.6, 1.4), side * between(0.12, 0.32)
        disc, box = torch.hypot(x / stretch, y * stretch), torch.maximum(x / stretch, y * stretch)
        inside = (radius - torch.where(between(0, 1) < 0.5, disc, box)).clamp(0, 1)[:, None]
        pictures = between(0, 0.6, 3) * (1 - inside) + between(0.3, 1, 3) * inside
        parts.append((255 * pictures).round().to(torch.uint8))
    return torch.cat(parts)


def coloured_fashion(data_dir: Path) -> Tensor:
    """Each garment in a colour of its own on a ground of its own."""
    grey = load_data("fashion-mnist", data_dir).images[:20_000].float() / 255
    random = Random().manual_seed(0)
    garment = 0.2 + 0.8 * torch.rand(len(grey), 3, 1, 1, generator=random)
    ground = 0.5 * torch.rand(len(grey), 3, 1, 1, generator=random)
    return (255 * (grey * garment + (1 - grey) * ground)).round().to(torch.uint8)


def photographs(count: int, side: int = 32) -> Tensor:
    """Crops at random places, of 64 to 200 pixels made small."""
    from skimage import data

    wholes = [Image.fromarray(getattr(data, name)()) for name in PHOTOGRAPHS]
    random, parts = np.random.default_rng(0), []
    for index in range(count):
        whole = wholes[index % len(wholes)]
        size = int(random.integers(64, min(200, *whole.size)))
        left, top = (int(random.integers(0, length - size + 1)) for length in whole.size)
        crop = whole.crop((left, top, left + size, top + size)).resize((side, side), Image.BOX)
        parts.append(torch.from_numpy(np.array(crop.convert("RGB"))).permute(2, 0, 1))
    return torch.stack(parts)


# --- planted copies and what is none ------------------------------------------------------------


def _moved(pictures: Tensor, random: Random) -> Tensor:
    """By 1 or 2 pixels at least one way, up to 2; what comes in is grey, as `augment` has it."""
    moved = torch.full_like(pictures, 128)
    moves = torch.randint(-2, 3, (len(pictures), 2), generator=random)
    moves[(moves == 0).all(1)] = 2
    for picture, target, (down, right) in zip(pictures, moved, moves.tolist(), strict=True):
        rolled = picture.roll((down, right), (1, 2))
        rows = slice(max(0, down), picture.shape[1] + min(0, down))
        columns = slice(max(0, right), picture.shape[2] + min(0, right))
        target[:, rows, columns] = rolled[:, rows, columns]
    return moved


def _faded(pictures: Tensor, random: Random) -> Tensor:
    """Contrast of 0.3 to 0.6 around grey."""
    amount = 0.3 + 0.3 * torch.rand(len(pictures), 1, 1, 1, generator=random)
    return (128 + amount * (pictures.float() - 128)).round().to(torch.uint8)


def _noisy(pictures: Tensor, random: Random) -> Tensor:
    change = 10 * torch.randn(pictures.shape, generator=random)
    return (pictures + change).round().clamp(0, 255).to(torch.uint8)


def _blurred(pictures: Tensor, random: Random) -> Tensor:
    return avg_pool2d(pictures.float(), 3, 1, 1).round().to(torch.uint8)


def _leaked(pictures: Tensor, random: Random) -> Tensor:
    return to_bytes(translate(from_bytes(pictures), random))


PLANTED: dict[str, Plant] = {
    "exact": lambda pictures, random: pictures,
    "moved ≤ 2 px": _moved,
    "mirrored": lambda pictures, random: pictures.flip(-1),
    "faded": _faded,
}
BEYOND: dict[str, Plant] = {  # what no alarm was promised for; all fakes are such
    "moved ≤ 4 px (leaked)": _leaked,
    "noise of 10 levels": _noisy,
    "blurred 3 × 3": _blurred,
}


def _mean_like(unseen: Tensor, random: Random) -> Tensor:
    """Three means of eight pictures over and over, each a little different."""
    means = unseen[:24].float().unflatten(0, (3, 8)).mean(1)
    return _noisy(means[torch.arange(FAKES) % 3].to(torch.uint8), random)


NO_COPIERS: dict[str, Plant] = {
    "unseen": lambda unseen, random: unseen,
    "unseen, blurred": lambda unseen, random: _blurred(_blurred(unseen, random), random),
    "3 mean-like": _mean_like,
    "1 unseen, repeated": lambda unseen, random: unseen[:1].expand_as(unseen),
    "5 unseen, repeated": lambda unseen, random: unseen[torch.arange(FAKES) % 5],
    "noise": lambda unseen, random: torch.randint(
        0, 256, unseen.shape, dtype=torch.uint8, generator=random
    ),
}


def saved_again(pictures: Tensor) -> Tensor:
    """Each as it comes out of another JPEG file, four times as large and of quality 85."""
    _, channels, height, width = pictures.shape
    parts = []
    for picture in pictures:
        buffer, whole = io.BytesIO(), picture_of(picture.permute(1, 2, 0))
        whole.resize((4 * width, 4 * height), Image.BICUBIC).save(buffer, "JPEG", quality=85)
        again = np.array(Image.open(buffer).resize((width, height), Image.BOX))
        parts.append(torch.from_numpy(again).view(height, width, channels).permute(2, 0, 1))
    return torch.stack(parts)


# --- the two alarms -----------------------------------------------------------------------------


class Before:
    """The alarm that looked at medians, as an evaluation of own pictures took them."""

    def __init__(self, reals: Tensor) -> None:
        order = torch.randperm(len(reals), generator=Random().manual_seed(0))
        few = min(len(reals) // 10 + 1, 1_000)
        real = nearest_distances(reals[order[:few]], reals[order[few:]])[0].median()
        self._reals, self._real = reals, float(real)

    def alarm(self, fakes: Tensor) -> bool:
        return float(nearest_distances(fakes[:64], self._reals)[0].median()) < 0.5 * self._real


class Counts:
    """Alarms of both, cell by cell."""

    def __init__(self) -> None:
        self.now: dict[tuple[str, ...], list[bool]] = defaultdict(list)
        self.before: dict[tuple[str, ...], list[bool]] = defaultdict(list)
        self.pairs: list[bool] = []  # whether a pair that is called a copy names its original
        self.shares: dict[str, list[float]] = defaultdict(list)

    def cell(self, *key: str) -> str:
        now, before = self.now[key], self.before[key]
        return f"{sum(now) / len(now):.0%} ({sum(before) / len(before):.0%})"


def measure(
    pool: Tensor, count: int, repetitions: int, twice: bool, fakes_of_g: Tensor | None
) -> Counts:
    """Every cell for `count` training pictures."""
    counts = Counts()
    for repetition in range(repetitions):
        random = Random().manual_seed(1_000 * count + repetition)
        order = torch.randperm(len(pool), generator=random)
        once, unseen = pool[order[:count]], pool[order[count : count + FAKES]]
        reals = torch.cat([once, saved_again(once)]) if twice else once
        originals, before = Originals(reals), Before(reals)

        def look(
            fakes: Tensor, *key: str, originals: Originals = originals, before: Before = before
        ) -> Copying:
            found = originals.look(fakes)
            counts.now[key].append(found.alarm)
            counts.before[key].append(before.alarm(fakes))
            return found

        for name, plant in PLANTED.items():
            for share, amount in SHARES.items():
                which = torch.randint(count, (round(amount * FAKES),), generator=random)
                planted = torch.cat([plant(once[which], random), unseen[len(which) :]])
                mixed = torch.randperm(FAKES, generator=random)
                found = look(planted[mixed], name, share)
                counts.shares[share].append(found.share)
                for pair in found.pairs:
                    place = int(mixed[pair.fake])
                    if pair.copy and place < len(which):
                        counts.pairs.append(pair.original % count == int(which[place]))
        for name, plant in BEYOND.items():
            which = torch.randint(count, (FAKES,), generator=random)
            look(plant(once[which], random), name)
        for name, plant in NO_COPIERS.items():
            look(plant(unseen, random), name)
        if fakes_of_g is not None:
            some = torch.randperm(len(fakes_of_g), generator=random)[:FAKES]
            look(fakes_of_g[some], "shipped G")
    return counts


def shipped(name: str, count: int) -> Tensor:
    """What a shipped generator draws."""
    sampler = Sampler.load(WEIGHTS / f"{name}.safetensors")
    pictures = sampler.draw(noise(range(count), sampler.spec.z_dim))
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()


def report(kind: str, pool: Tensor, counts: list[int], scale: float, fakes: Tensor | None) -> None:
    for twice in (False, True):
        if twice:
            counts = [count for count in counts if count <= MOST_TWICE]
        tables: list[list[list[str]]] = [[], [], []]
        for count in counts:
            repetitions = max(2, round(scale * REPETITIONS[count] / (4 if twice else 1)))
            begun = time.perf_counter()
            found = measure(pool, count, repetitions, twice, fakes)
            row = f"{count:,} × {repetitions}"
            cells = [found.cell(name, share) for name in PLANTED for share in SHARES]
            tables[0].append([row, *cells])
            others = [*NO_COPIERS, *(["shipped G"] if fakes is not None else [])]
            tables[1].append([row, *(found.cell(name) for name in others)])
            shares = [f"{np.mean(found.shares[share]):.2f}" for share in SHARES]
            right = f"{np.mean(found.pairs):.1%}"
            tables[2].append([row, *(found.cell(name) for name in BEYOND), *shares, right])
            print(f"{row}: {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
        print(f"\n### {kind}{', every picture twice (once as JPEG)' if twice else ''}")
        _table([f"{name}, {share}" for name in PLANTED for share in SHARES], tables[0])
        _table(others, tables[1])
        shares = [f"share found of {share}" for share in SHARES]
        _table([*BEYOND, *shares, "pairs right"], tables[2])


def _table(columns: list[str], rows: list[list[str]]) -> None:
    print("\n| pictures × repetitions |", " | ".join(columns), "|")
    print("|---" * (len(columns) + 1) + "|")
    for row in rows:
        print("|", " | ".join(row), "|", flush=True)


def against_everything(data_dir: Path | None) -> None:
    """The shipped generators against all that they were trained on, and the seconds it takes."""
    print("\n### Shipped generators against their training set\n")
    print("| generator | pictures | fakes | copies | p | first look, s | next, s |")
    print("|---|---|---|---|---|---|---|")
    for name in ("mnist", "mnist-classes", "fashion-mnist", "stacked-mnist"):
        if name == "fashion-mnist" and data_dir is None:
            continue
        dataset = name.removesuffix("-classes")
        reals = load_data(dataset, data_dir).images
        fakes, begun = shipped(name, 500), time.perf_counter()
        originals = Originals(reals)
        found, once = originals.look(fakes), time.perf_counter()
        originals.look(fakes)
        print(
            f"| {name} | {len(reals):,} | {found.looked} | {found.copies} | {found.p_value:.2f} | "
            f"{once - begun:.1f} | {time.perf_counter() - once:.1f} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, help="where Fashion-MNIST lies")
    parser.add_argument("--kinds", default="drawn,mnist,fashion,photos,shipped")
    parser.add_argument("--counts", default="30,50,200,1000,3000")
    parser.add_argument("--scale", type=float, default=1.0, help="of the repetitions (default 1)")
    options = parser.parse_args()
    counts = [int(count) for count in options.counts.split(",")]
    for kind in options.kinds.split(","):
        if kind == "shipped":
            against_everything(options.data_dir)
        elif kind == "drawn":
            report(kind, drawn(8_000), counts, options.scale, None)
        elif kind == "mnist":
            digits = load_data("mnist").images
            report(kind, digits, counts, options.scale, shipped("mnist", 2_000))
        elif kind == "fashion":
            report(kind, coloured_fashion(options.data_dir), counts, options.scale, None)
        else:
            report(kind, photographs(8_000), counts, options.scale, None)


if __name__ == "__main__":
    main()
