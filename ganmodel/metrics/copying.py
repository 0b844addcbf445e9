"""Detects copies of training pictures among a generator's, at a known rate of false alarms.

The statistic is a fake's distance to its nearest training picture over that to the second-nearest;
the same ratios among the training pictures give the threshold. Tensors in, results out; what an
alarm means to a person is explained elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ganmodel.images import grid
from ganmodel.metrics.likeness import (
    LEAST_SIDE,
    Gallery,
    Nearest,
    change,
    coarse,
    coarse_distances,
)
from ganmodel.words import say

LEAST_REALS = 8
LEVEL = 0.05  # of the test: at most this share of false alarms
LEAST_SHARE = 0.05  # least share of copies that raises an alarm; fewer are only shown
MOST_FAKES = 500  # examined
SHOWN = 16  # pairs in a result
CHANGES = ("exact", "close", "mirrored", "moved", "faded", "stronger")

_LOW = 0.05  # quantile of the reals' ratios; those below arise by chance or from related pictures
_MARGIN = 0.8  # factor on that quantile: a copy is nearer than reals are to each other
_CLOSE = 0.5  # largest distance of a copy: a correlation of 0.875
_NULL = 500  # reals whose nearest other reals are looked up
_MOST_COMPARED = 15_000_000  # fakes times reals; with many reals, fewer fakes are examined
_EXACT = 0.05  # largest distance of an exact copy: bytes are rounded, files are lossy
_FADED, _STRONGER = 0.9, 1.1  # times the original's contrast


@dataclass(frozen=True)
class Pair:
    """A fake and the training picture that it is nearest to."""

    fake: int  # its index
    original: int  # the training picture's
    copy: bool
    ratio: float  # its distance over that to the next picture: 0 for a copy, near 1 by chance
    distance: float  # 0 to √2: √(2 − 2·correlation), with the changes undone
    changes: tuple[str, ...]  # out of `CHANGES`, at least one
    moved: tuple[int, int]  # pixels down and to the right, after it was mirrored
    contrast: float  # times the original's


@dataclass(frozen=True)
class Copying:
    """What `Originals.look` found."""

    looked: int  # fakes examined, spread evenly over those given
    copies: int  # of these
    share: float
    low: float  # the share's 95 % interval
    high: float
    alarm: bool
    p_value: float  # probability of at least as many where G copies nothing
    threshold: float  # ratios below are copies
    pairs: tuple[Pair, ...]  # at most `SHOWN`, the most striking first, each original once

    def plain(self) -> dict[str, Any]:
        """The result as JSON values: pairs become dictionaries, tuples lists."""
        pairs = [
            {**asdict(pair), "changes": list(pair.changes), "moved": list(pair.moved)}
            for pair in self.pairs
        ]
        return {**asdict(self), "pairs": pairs}


class Originals:
    """Training pictures, uint8 `(N, C, H, W)`, prepared once for many looks.

    Distances among them are computed at the first look, which takes about three times as long as
    the next. `reals` are kept by reference. With fewer than `LEAST_REALS` different ones, nothing
    is called a copy.

    Raises:
        ValueError: fewer than `LEAST_REALS`, not uint8, or smaller than `LEAST_SIDE`.
    """

    def __init__(self, reals: Tensor) -> None:
        if reals.ndim != 4 or reals.dtype != torch.uint8 or len(reals) < LEAST_REALS:
            raise ValueError(
                f"To look for copies takes at least {LEAST_REALS} real pictures as bytes "
                f"(N, C, H, W), but these are {reals.dtype} {tuple(reals.shape)}."
            )
        if min(reals.shape[2:]) < LEAST_SIDE:
            raise ValueError(
                f"Copies are looked for in pictures of at least {LEAST_SIDE} × {LEAST_SIDE} "
                f"pixels, but these have {reals.shape[2]} × {reals.shape[3]}."
            )
        self._reals = reals.cpu()
        self._gallery = Gallery(self._reals)

    @cached_property
    def _null(self) -> _Null:
        if self._gallery.size < LEAST_REALS:
            return _Null(self._gallery.size, rank=1, threshold=0.0, alike=0.0)
        count = min(self._gallery.size, _NULL, max(1, _MOST_COMPARED // self._gallery.size))
        near, apart = self._gallery.among_themselves(count)
        # A picture that occurs several times counts as one observation.
        order = near.ratio.argsort(stable=True)
        seen = (1 / near.times.double())[order].cumsum(0) + 1e-6
        observed = max(1, int(seen[-1]))
        rank = max(1, int(_LOW * observed))
        ratio = float(near.ratio[order[int((seen < rank).sum())]])
        return _Null(observed, rank, _MARGIN * ratio, float(apart.median()) / 2)

    def look(self, fakes: Tensor) -> Copying:
        """Detects copies among fakes, uint8 `(F, C, H, W)`; equal arguments give equal results.

        At most `MOST_FAKES` are examined, spread evenly, and fewer with more than 30,000 reals. The
        null hypothesis is that G's pictures are as far from the training pictures as those are from
        each other; the number of fakes below a low quantile of the reals' ratios then has a
        negative hypergeometric distribution. The test is conservative, since a copy has to be
        nearer by the factor `_MARGIN`. Similar fakes count as fewer, because those of a collapsed G
        are not independent (Kish's effective sample size).

        Raises:
            ValueError: no fakes, or of another kind than the reals.
        """
        shape = self._reals.shape[1:]
        if len(fakes) == 0 or fakes.dtype != torch.uint8 or fakes.shape[1:] != shape:
            raise ValueError(
                f"Copies are looked for among pictures like the real ones, bytes "
                f"(N, {', '.join(map(str, shape))}), but these are {fakes.dtype} "
                f"{tuple(fakes.shape)}."
            )
        most = min(MOST_FAKES, max(1, _MOST_COMPARED // self._gallery.size))
        which = torch.arange(min(most, len(fakes))) * len(fakes) // min(most, len(fakes))
        some, null = fakes.cpu()[which], self._null
        near = self._gallery.nearest(some)
        copied = (near.ratio < null.threshold) & (near.distance < _CLOSE)
        share, worth = float(copied.double().mean()), _independent(some, null.alike)
        below = int(share * worth + 1e-6)
        p_value = as_many_by_chance(below, worth, null.rank, null.observed)
        low, high = _interval(share, worth)
        return Copying(
            looked=len(some),
            copies=int(copied.sum()),
            share=share,
            low=low,
            high=high,
            alarm=p_value <= LEVEL and share >= LEAST_SHARE,
            p_value=p_value,
            threshold=null.threshold,
            pairs=self._pairs(some, which, near, copied),
        )

    def _pairs(
        self, fakes: Tensor, which: Tensor, near: Nearest, copied: Tensor
    ) -> tuple[Pair, ...]:
        striking = near.ratio + (~copied).float()  # ratios are at most 1, so copies come first
        best: dict[int, int] = {}
        for fake in striking.argsort(stable=True).tolist():
            best.setdefault(int(near.index[fake]), fake)
        return tuple(
            _pair(
                int(which[fake]),
                original,
                bool(copied[fake]),
                float(near.ratio[fake]),
                float(near.distance[fake]),
                pictures=(fakes[fake], self._reals[original]),
            )
            for original, fake in list(best.items())[:SHOWN]
        )


class _Null(NamedTuple):
    """The null distribution: distances among the reals."""

    observed: int  # different reals examined
    rank: int  # the threshold's rank among their ratios, from 1
    threshold: float
    alike: float  # a coarse distance below which two fakes count as one picture


def _pair(
    fake: int,
    original: int,
    copy: bool,
    ratio: float,
    distance: float,
    pictures: tuple[Tensor, Tensor],
) -> Pair:
    moved, mirrored, contrast = change(*pictures)
    changes = [
        name
        for name, true in (
            ("mirrored", mirrored),
            ("moved", moved != (0, 0)),
            ("faded", contrast < _FADED),
            ("stronger", contrast > _STRONGER),
        )
        if true
    ]
    changes = changes or ["exact" if distance < _EXACT else "close"]
    return Pair(fake, original, copy, ratio, distance, tuple(changes), moved, contrast)


def copies(originals: Originals, fakes: Tensor) -> dict[str, Any]:
    """The entry on copies in an evaluation, as JSON values: `{"copies": {...}}`.

    Raises:
        ValueError: what `Originals.look` refuses.
    """
    return {"copies": originals.look(fakes).plain()}


def copies_sentence(part: dict[str, Any]) -> str:
    """What `copies` found, for a terminal."""
    found = part["copies"]
    if not found["copies"]:
        return say("measures.no-copies", looked=found["looked"])
    return say(
        "measures.copies" if found["alarm"] else "measures.some-copies",
        copies=found["copies"],
        looked=found["looked"],
        **{name: 100 * found[name] for name in ("share", "low", "high")},
    )


def pairs_picture(reals: Tensor, fakes: Tensor, pairs: list[dict[str, Any]]) -> Tensor:
    """Each fake above its original, a column a pair: uint8 `(H', W', C)`, for `images.png`.

    `pairs` are those in a result of `copies`; `reals` and `fakes` are the pictures compared there.

    Raises:
        ValueError: no pairs.
    """
    if not pairs:
        raise ValueError("There are no pairs to draw.")
    above = fakes[[pair["fake"] for pair in pairs]].cpu()
    below = reals[[pair["original"] for pair in pairs]].cpu()
    return grid(torch.cat([above, below]), columns=len(pairs))


# --- the statistical test -----------------------------------------------------------------------


def as_many_by_chance(below: int, fakes: int, rank: int, reals: int) -> float:
    """P(at least `below` of the fakes lie below the `rank`-th of the reals), all exchangeable.

    That is, fewer than `rank` reals lie below that fake: a sum of negative hypergeometric terms.
    """
    if below == 0:
        return 1.0
    every = _log_choose(fakes + reals, reals)
    terms = (
        _log_choose(below - 1 + under, under)
        + _log_choose(fakes - below + reals - under, reals - under)
        for under in range(rank)
    )
    return min(1.0, sum(math.exp(term - every) for term in terms))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _independent(fakes: Tensor, alike: float) -> int:
    """Kish's effective number of fakes, where those nearer than `alike` count as one picture."""
    same = coarse_distances(coarse(fakes)) <= alike
    return round(len(fakes) ** 2 / float(same.fill_diagonal_(True).sum()))


def _interval(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share of `count`."""
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return max(0.0, middle - half), min(1.0, middle + half)
