"""Trains a classifier whose features `ganmodel.metrics` measures with, and writes its file.

The file holds the weights, the statistics of the training images' features, and in its header the
recipe and the accuracy. One thread, a fixed seed: about two minutes. Fashion-MNIST must be on this
machine (`--data-dir`). What real test images score is written by `real_scores.py` afterwards.

The recipe is plain on purpose. A classifier that is taught to ignore where a digit stands, or half
of its features, has features that overlook such faults in a generator's pictures too.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # works uninstalled, too

from ganmodel.data import DATASETS, Data, load_data
from ganmodel.images import from_bytes
from ganmodel.metrics import (
    CLASSIFIERS,
    Features,
    Moments,
    Reference,
    save_classifier,
)
from ganmodel.metrics.features import Classifier, fingerprint
from ganmodel.words import worded

ASSETS = Path(__file__).resolve().parents[1] / "ganmodel" / "assets" / "classifiers"
RECIPE: dict[str, Any] = {
    "optimizer": "Adam",
    "betas": [0.9, 0.999],
    "peak_learning_rate": 2e-3,
    "schedule": "one cycle: linear up for 20 %, linear down to 0",
    "batch_size": 128,
    "epochs": 6,
    "seed": 0,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=CLASSIFIERS, help="the data set")
    parser.add_argument("--data-dir", type=Path, help="the folder that torchvision reads")
    parser.add_argument("--out", type=Path, help="the file (default: the shipped one)")
    parser.add_argument("--epochs", type=int, help="fewer, to try it out")
    options = parser.parse_args()
    torch.set_num_threads(1)  # sums of more threads round differently
    torch.set_flush_denormal(True)

    recipe = dict(RECIPE)
    if options.epochs:
        recipe["epochs"] = options.epochs
    train = load_data(options.name, options.data_dir)
    test = load_data(options.name, options.data_dir, train=False)
    net = fit(train, recipe)
    known, about = describe(net, train, test, recipe)
    path = options.out or ASSETS / f"{options.name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_classifier(path, net, known, about)
    print(f"{path}: accuracy {about['accuracy']:.4f}, {path.stat().st_size:,} bytes")


def describe(
    net: Classifier, train: Data, test: Data, recipe: dict[str, Any]
) -> tuple[Moments, dict]:
    """The statistics of the training images' features, and what the header is to say."""
    features = Features.of_classifier(net, train.name, "", "")
    accuracy = float((features.classes(features.of(test.images)) == test.labels).double().mean())
    reference = Reference(features, train.images, labels=train.labels, most=len(train.images))
    pictures = worded(DATASETS[train.name].label)
    about = {
        "name": train.name,
        "summary": f"64 values from inside a small classifier of {pictures}, "
        f"{accuracy:.2%} right on test images",
        "classes": list(train.classes),
        "accuracy": accuracy,
        "recipe": recipe,
        "command": f"python benchmarks/train_classifier.py {train.name}",
        "made_with": {"torch": torch.__version__, "threads": 1},
        "data": {
            "train_sha256": fingerprint(train.images),
            "test_sha256": fingerprint(test.images),
            "class_shares": reference.class_shares.tolist(),
        },
    }
    return reference.moments, about


def fit(data: Data, recipe: dict[str, Any]) -> Classifier:
    """Trains on all of `data`; the same recipe gives the same weights on the same machine."""
    torch.manual_seed(recipe["seed"])
    net = Classifier(len(data.classes)).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), betas=tuple(recipe["betas"]), fused=True)
    count, size = len(data.images), recipe["batch_size"]
    steps = recipe["epochs"] * (count // size)
    step = 0
    for epoch in range(recipe["epochs"]):
        started, total = time.perf_counter(), 0.0
        for chosen in torch.randperm(count)[: count // size * size].split(size):
            progress = step / steps
            rate = min(progress / 0.2, (1 - progress) / 0.8)
            optimizer.param_groups[0]["lr"] = recipe["peak_learning_rate"] * rate
            loss = cross_entropy(net(from_bytes(data.images[chosen])), data.labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            step += 1
        seconds = time.perf_counter() - started
        print(f"epoch {epoch + 1}: loss {total / (count // size):.4f}, {seconds:.0f} s", flush=True)
    return net.eval().requires_grad_(False)


if __name__ == "__main__":
    main()
