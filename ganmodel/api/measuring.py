"""How good a generator is, against real pictures; the same while it trains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ganmodel.data import DATASETS, Data, DataError, load_data
from ganmodel.latents import labels_like, noise
from ganmodel.metrics import EARLY, QUICK, Features, Reference, pairs_of
from ganmodel.metrics import evaluate as measured
from ganmodel.networks import NetworkSpec
from ganmodel.sampling import draw
from ganmodel.snapshots import PAIRS, Draw, Evaluate


def evaluate(
    G: nn.Module,
    data: str | Path | Data = "mnist",
    *,
    samples: int | None = None,
    pairs: bool = False,
    data_dir: str | Path | None = None,
) -> dict[str, Any]:
    """Measures a generator against real pictures, as `ganmodel evaluate --json` does.

    Args:
        G: as returned by `load` or in `Trained.G`.
        data: a data set's name, a folder or archive of pictures, or what was loaded; of G's
            channels, size and classes.
        samples: how many pictures to draw; as many as are needed, if not given.
        pairs: whether to show G's pictures below the real ones that they come closest to.
        data_dir: the folder of named data sets.

    Raises:
        DataError: G draws pictures of another shape or other classes, or the data is not there.

    Returns:
        `fd_over_r` (the distance, in that of real pictures), `precision`, `recall` and more; with
        `pairs` also `PAIRS`, uint8 (H, W, C), or None where there is nothing to compare.
    """
    real, spec = data, G.spec
    if not isinstance(data, Data):
        way = {"size": spec.size, "with_classes": spec.classes > 0}
        real = load_data(str(data), data_dir, **way)
    check_comparable("G", spec, real)

    def drawn(count: int) -> tuple[Tensor, Tensor | None]:
        labels = labels_like(real.labels, count) if spec.classes else None
        pictures = draw(G, noise(range(count), spec.z_dim), labels)
        return torch.from_numpy(pictures).permute(0, 3, 1, 2), labels

    reference = reference_for(real, real.name, data_dir)
    result = measured(drawn, reference, samples=samples)
    return {**result, PAIRS: pairs_of(result, drawn, reference)} if pairs else result


def check_comparable(name: str, spec: NetworkSpec, data: Data) -> None:
    """Raises a `DataError` where the generator, called `name`, draws other pictures than these."""
    shape, classes = (spec.channels, spec.size, spec.size), len(data.classes)
    if tuple(data.images.shape[1:]) != shape or spec.classes not in (0, classes):
        raise DataError(
            "draws-other-pictures",
            name=name,
            shape=list(shape),
            classes=spec.classes,
            data=data.name,
            shape_2=list(data.images.shape[1:]),
            classes_2=classes,
        )


def reference_for(data: Data, dataset: str, data_dir: str | Path | None) -> Reference:
    """Real pictures to measure against: the training data, and its test split where it has one."""
    test = load_data(dataset, data_dir, train=False).images if dataset in DATASETS else None
    _, channels, size, _ = data.images.shape
    features = Features.for_data(dataset, channels, size)
    return Reference(features, data.images, test=test, labels=data.labels)


def measuring(
    data: Data,
    dataset: str,
    data_dir: str | Path | None,
    timed: Callable[[Evaluate, Draw, bool], dict[str, Any]],
) -> Evaluate:
    """What evaluates averaged G during training; the reference is built on first use.

    `timed` calls it, so that its time is not taken for training's.
    """
    prepared: list[Reference] = []

    def measure(draw: Draw, early: bool) -> dict[str, Any]:
        if not prepared:
            prepared.append(reference_for(data, dataset, data_dir))
        result = measured(draw, prepared[0], effort=EARLY if early else QUICK)
        pairs = pairs_of(result, draw, prepared[0]) if result["copying"] else None
        return {**result, PAIRS: pairs}

    return lambda draw, early: timed(measure, draw, early)
