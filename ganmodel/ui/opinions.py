"""What can be said of one picture: D's opinion, the closest real pictures, a classifier's opinion.

All of them are relative to the data that the generator learned from; what cannot be told, or may
not be shown to this visitor, is left out.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ganmodel.config import RunConfig
from ganmodel.data import DATASETS, DataError, Known
from ganmodel.runs import read_newest
from ganmodel.sampling import ClassProbe, DiscriminatorRank, WeightsError, closest_reals
from ganmodel.ui.easel import Easel, Standing
from ganmodel.ui.reals import Kept, Reals
from ganmodel.ui.visitors import told

CLOSEST_SHOWN = 3
BELIEFS_SHOWN = 3
JUDGES_KEPT = 4


class Opinions:
    """Asks D, the data and a classifier. Safe to use from several threads."""

    def __init__(self, reals: Reals) -> None:
        self._reals = reals
        self._judges: OrderedDict[tuple[str, int], DiscriminatorRank] = OrderedDict()
        self._asking = threading.Lock()

    def opinion(self, easel: Easel, ask: dict[str, Any]) -> dict[str, Any]:
        """What can be said of the picture where a visitor stands; `ask` as for `Easel.draw`.

        Returns `opinion` (the share of real pictures that D finds less real), `closest` (up to
        three real pictures with their distance), `usual` (the distance that is usual between real
        ones) and `believed` (the likeliest classes with their shares, by a classifier). With a
        generator whose data are not here, `missing` says so instead of the first three.
        """
        standing: Standing

        def look() -> Path:
            nonlocal standing
            standing = easel.standing(ask)
            return standing.path

        return read_newest(look, lambda _: self._opinion_of(standing))

    def _opinion_of(self, standing: Standing) -> dict[str, Any]:
        drawn = standing.draw(standing.place.z(standing.z_dim))
        picture = torch.from_numpy(drawn[0]).permute(2, 0, 1)
        run = standing.run
        about = standing.sampler.about.get("config")
        config = RunConfig.from_json(about) if run is None else run.config()
        answer: dict[str, Any] = {}
        if not standing.shows_reals:
            return answer
        answer["believed"] = _believed(standing, picture)
        try:
            kept = self._reals.of(config, Known.of(standing.sampler.about), run)
        except DataError as error:
            return answer | {"missing": told(error)}
        labels = standing.labels
        label = None if labels is None else labels.argmax(1)
        share = self.share_below(standing.path, picture, label, kept)
        if share is not None:
            answer["opinion"] = share
        found = closest_reals(picture, kept.data.images, CLOSEST_SHOWN)
        answer["closest"] = [
            {"pixels": pixels_of(kept.data.images[one.index]), "distance": round(one.distance, 2)}
            for one in found
        ]
        return answer | {"usual": round(kept.usual, 2)}

    def share_below(
        self, weights: Path, picture: Tensor, label: Tensor | None, kept: Kept
    ) -> float | None:
        """The share of real pictures that the D in a file finds less real; None without a D.

        Raises:
            FileNotFoundError: these weights made room for newer ones.
        """
        try:
            key = (str(weights), weights.stat().st_mtime_ns)
            with self._asking:
                if key not in self._judges:
                    self._judges[key] = DiscriminatorRank.load(
                        weights, kept.data.images, kept.data.labels
                    )
                    while len(self._judges) > JUDGES_KEPT:
                        self._judges.popitem(last=False)
                judge = self._judges[key]
        except (WeightsError, OSError):
            if not weights.exists():
                raise FileNotFoundError(weights) from None
            return None
        return round(judge.share_below(picture[None], label)[0], 3)


def pixels_of(picture: Tensor) -> dict[str, Any]:
    """A picture `(C, S, S)` as the page's `paint` wants it, but with its bytes as a list."""
    channels, height, width = picture.shape
    flat = picture.permute(1, 2, 0).flatten().tolist()
    return {"channels": channels, "height": height, "width": width, "bytes": flat}


def _believed(standing: Standing, picture: Tensor) -> list[dict[str, Any]]:
    name = standing.sampler.about.get("dataset", "")
    believer = ClassProbe.for_data(name, *picture.shape[:2])
    if believer is None:
        return []
    names = DATASETS[name].classes
    return [
        {"name": names[index], "share": round(share, 3)}
        for index, share in believer.likeliest(picture, BELIEFS_SHOWN)
    ]
