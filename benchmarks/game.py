"""Makes the rounds of the game "your turn: which one was drawn?" from a film's own weights.

    OMP_NUM_THREADS=1 python benchmarks/game.py runs/mnist-quick mnist-quick

A round is a real picture and one by raw G, both of the same class, and the logits that D gives them
when it is asked with that class. Raw G is whom D learned to tell: of averaged G's pictures, which
it never saw, D of 8,192 images picks the real one in 97 of 100 pairs, of raw G's in 66. Raw G comes
from the run; D is the one that the film ships of that moment, so that its logits can be computed
again from the pictures. Moments are spread evenly over those after the untrained one; each has a
round for each class.

Nobody chose among the rounds: the real pictures are the first of each class, G's are drawn from
consecutive start numbers, both behind those in the grids, which a visitor has seen. Writes
game.json and game.png into the film's folder, which `ganmodel.runs.read_game` reads.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from ganmodel.data import Data, load_data
from ganmodel.images import from_bytes, to_bytes
from ganmodel.latents import noise
from ganmodel.networks import Discriminator, Generator
from ganmodel.runs import Game, Round, Run, write_game
from ganmodel.ui.shared.bundled_runs import BundledRuns
from ganmodel.weights import load_weights

MOMENTS = 6
FIRST = 100  # start number, and as many real pictures are left out: no grid shows as many
DIGITS = 5  # of the logits that are kept


def spread(moments: list[int], count: int) -> list[int]:
    """That many of them, the first and the last among them."""
    places = torch.linspace(0, len(moments) - 1, min(count, len(moments))).round().int()
    return [moments[int(place)] for place in places]


@torch.inference_mode()
def rounds_of(
    G: Generator, D: Discriminator, moment: int, first: int, data: Data
) -> tuple[list[Round], torch.Tensor]:
    """A round for each class, and their pictures: uint8 `(2 · classes, C, S, S)`."""
    count = len(data.classes)
    labels = torch.arange(count)
    reals = data.first_in_turn(first + count)[first:]
    drawn = to_bytes(G(noise(range(first, first + count), G.spec.z_dim), labels))
    logits = [D(from_bytes(pictures), labels).flatten() for pictures in (reals, drawn)]
    rounds = [
        Round(moment, label, *(float(f"{side[label].item():.{DIGITS}g}") for side in logits))
        for label in range(count)
    ]
    return rounds, torch.stack([reals, drawn], 1).flatten(0, 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="whose film it is")
    parser.add_argument("film", help="the name of a film by class, with D")
    options, bundled = parser.parse_args(), BundledRuns()
    film, whole = bundled.run(options.film), Run(options.run).moments("weights")
    if film is None:
        parser.error("there is no such film")
    data, weights = load_data(film.config().dataset), bundled.weights(film)
    rounds, pictures = [], []
    for place, moment in enumerate(spread([m for m in weights if m > 0], MOMENTS)):
        first = FIRST + place * len(data.classes)
        G = load_weights(whole[moment]).generator(raw=True)
        D = load_weights(weights[moment]).discriminator()
        of_moment, shown = rounds_of(G, D, moment, first, data)
        rounds += of_moment
        pictures.append(shown)
        right = sum(one.real > one.drawn for one in of_moment)
        print(f"{moment:>9,} images: D is right in {right} of {len(of_moment)}")
    write_game(film, Game(rounds, torch.cat(pictures)))


if __name__ == "__main__":
    main()
