"""What padding with black, with one mean colour, or with the edges' own colours does to training.

    OMP_NUM_THREADS=1 python benchmarks/padding.py runs/padding

Draws 400 houses in oblong pictures, makes them squares in each of these ways, trains the recipe
`few` on each, and measures G against its own real pictures. Distances have a unit of their own for
each data set and do not compare; the shares of plausible and of covered pictures do.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIZE, COUNT, IMAGES, SEEDS = 28, 400, 80_000, (0, 1)
SHAPES = ((300, 200), (200, 300), (240, 180), (180, 260), (220, 220))
SHARES = ("precision", "recall", "density", "coverage")


def house(chance: random.Random, noise: np.random.Generator) -> Image.Image:
    """A house on grass below a sky with a sun, all a little noisy."""
    width, height = chance.choice(SHAPES)
    ground = int(height * chance.uniform(0.55, 0.8))
    sky = np.array([chance.randrange(120, 200), chance.randrange(170, 220), 235])
    pixels = np.empty((height, width, 3))
    pixels[:ground] = sky * np.linspace(0.7, 1, ground)[:, None, None]
    pixels[ground:] = chance.randrange(60, 120), chance.randrange(130, 190), 50
    grain = noise.normal(0, 14, (height // 4 + 1, width // 4 + 1, 3))
    pixels += grain.repeat(4, 0).repeat(4, 1)[:height, :width]
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    side = chance.randrange(40, 80)
    left = chance.randrange(10, width - side - 10)
    draw = ImageDraw.Draw(image)
    walls = (left, ground - side, left + side, ground + 8)
    draw.rectangle(walls, fill=(180, chance.randrange(70, 160), 60))
    roof = [(left - 8, walls[1]), (left + side + 8, walls[1]), (left + side // 2, walls[1] - 35)]
    draw.polygon(roof, fill=(120, 40, 40))
    draw.ellipse([width - 60, 12, width - 25, 47], fill=(255, 225, 90))
    return image


def padded(image: Image.Image, way: str) -> Image.Image:
    """A square with two bars: "black", "mean" (of the edge that a bar goes on from) or "edge"."""
    inner = [max(1, round(side * SIZE / max(image.size))) for side in image.size]
    pixels = np.asarray(image.resize(inner, Image.Resampling.LANCZOS))
    missing = [SIZE - side for side in pixels.shape[:2]]
    bars = [(one // 2, one - one // 2) for one in missing] + [(0, 0)]
    if way != "mean":
        options = {"mode": "edge"} if way == "edge" else {}
        return Image.fromarray(np.pad(pixels, bars, **options))
    for axis, (before, after) in enumerate(bars[:2]):
        ends = [np.take(pixels, [end], axis).mean((0, 1), keepdims=True) for end in (0, -1)]
        shape = list(pixels.shape)
        sides = []
        for end, count in zip(ends, (before, after), strict=True):
            shape[axis] = count
            sides.append(np.broadcast_to(end.round().astype(np.uint8), shape))
        pixels = np.concatenate([sides[0], pixels, sides[1]], axis)
    return Image.fromarray(pixels)


def main() -> None:
    folder = Path(sys.argv[1])
    chance, noise = random.Random(7), np.random.default_rng(7)
    houses = [house(chance, noise) for _ in range(COUNT)]
    for way in ("black", "mean", "edge"):
        data = folder / way
        data.mkdir(parents=True, exist_ok=True)
        for number, image in enumerate(houses):
            padded(image, way).save(data / f"{number:03}.png")
        found = [measured(data, folder / f"{way}-{seed}", seed) for seed in SEEDS]
        means = {name: statistics.mean(one[name] for one in found) for name in SHARES}
        print(way, *(f"{name} {value:.2f}" for name, value in means.items()))


def measured(data: Path, run: Path, seed: int) -> dict[str, float]:
    """What `ganmodel evaluate` says of one training."""
    train = ["--preset=few", f"--images={IMAGES}", f"--seed={seed}", "--width=16"]
    train += [f"--run={run}", f"--dataset={data}", f"--image-size={SIZE}", "--evaluate-every=0"]
    call = [sys.executable, "-m", "ganmodel"]
    subprocess.run([*call, "train", *train], check=True, capture_output=True)
    told = subprocess.run([*call, "evaluate", run, "--json"], check=True, capture_output=True)
    return json.loads(told.stdout)


if __name__ == "__main__":
    main()
