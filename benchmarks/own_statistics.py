"""What averaged G gains by BatchNorm statistics of its own, and from how many pictures.

Trains quick on MNIST in the first edition, in which averaged G's statistics are an average of raw
G's. At each mark the very same averaged G is measured with these, and then with its own from as
many pictures as are tried, of even noise as a run takes it and of random: the Fréchet distance of
10,000 samples.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import time
from pathlib import Path

import torch
from scoring import SAMPLES, Subject

from ganmodel.config import make_config
from ganmodel.latents import noise
from ganmodel.metrics.measures import frechet_distance, moments
from ganmodel.networks import Generator, NetworkSpec
from ganmodel.training import sample_images, train
from ganmodel.training.averaging import PICTURES, even_noise, measure_statistics
from ganmodel.weights import Weights

RANDOM = (128, 2048)  # pictures
AT_ONCE = 250


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="runs (default 3)")
    parser.add_argument("--every", type=int, default=60_000, help="images from one mark to the "
                        "next (default 60000)")  # fmt: skip
    parser.add_argument("--marks", type=int, default=2, help="how many of them (default 2)")
    options = parser.parse_args()
    torch.set_flush_denormal(True)  # as the trainer's process does
    subject = Subject("mnist")
    print(subject.describe(), flush=True)
    z = noise(range(SAMPLES), make_config().z_dim)
    chance = torch.Generator().manual_seed(1)
    tried = {f"{PICTURES} even": even_noise(z.shape[1])}
    tried |= {f"{n} random": torch.randn(n, z.shape[1], generator=chance) for n in RANDOM}
    found: dict[str, list[float]] = {}
    for seed in range(options.seeds):
        config = make_config(
            edition=1,
            seed=seed,
            images=options.every * options.marks,
            save_every=options.every,
            evaluate_every=0,
        )
        spec = NetworkSpec.of(config, 1, 28, 0)
        for snapshot in train(config, subject.data):
            if snapshot.state is None:
                continue
            weights = Weights(Path("averaged"), spec, {}, snapshot.weights or {})
            G = weights.generator()
            old = _distance(G, z, subject)
            print(f"seed {seed}, {snapshot.images_seen:,} images: G's {old:.2f}", flush=True)
            for name, inputs in tried.items():
                own = copy.deepcopy(G)
                begun = time.process_time()
                measure_statistics(own, inputs)
                seconds = time.process_time() - begun
                new = _distance(own, z, subject)
                found.setdefault(name, []).append(new / old - 1)
                print(
                    f"  own of {name}: {new:.2f} ({new / old - 1:+.1%}), {1000 * seconds:.0f} ms",
                    flush=True,
                )
    print(f"\n{'pictures':>14}{'change of the distance: median (least to most)':>50}")
    for name, changes in found.items():
        shown = f"{statistics.median(changes):+.1%} ({min(changes):+.1%} to {max(changes):+.1%})"
        print(f"{name:>14}{shown:>50}")


def _distance(G: Generator, z: torch.Tensor, subject: Subject) -> float:
    features = subject.reference.features
    pictures = torch.cat([sample_images(G, part) for part in z.split(AT_ONCE)])
    return frechet_distance(*subject.reference.moments, *moments(features.of(pictures)))


if __name__ == "__main__":
    main()
