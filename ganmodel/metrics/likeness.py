"""A distance between pictures that ignores a move, a reflection and a change of contrast.

It is √(2 − 2·correlation) of their middles, the least over all moves of up to `REACH` pixels and
over the mirror image: 0 for copies, √2 for uncorrelated pictures. `copying` decides which distances
are suspicious.
"""

from __future__ import annotations

import hashlib
import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

REACH = 3  # pixels that a copy may be moved by, in each direction
SAME = 0.1  # pictures this near, and much nearer than to any other, count as one picture
LEAST_SIDE = 16  # pixels; the middles of smaller ones are too small to compare

_FAR = math.sqrt(2)  # the distance where the correlation is 0
_MUCH_NEARER = 3.0
_CANDIDATES = 16  # pictures of a gallery that are compared at full resolution
_CELL = 4  # pixels on a side that are averaged to find the candidates
_PICTURES = 256  # looked up at once
_ROWS, _COLUMNS = 16, 4_096  # compared at once, each in all moves: 26 MB
_FLAT = 2.0  # grey values; a picture that varies less is a plain background with noise
_WINDOWS = 2 * REACH + 1  # on a side
_AS_WELL = 2e-4  # of correlation: changes that differ by less explain a copy equally well


class Nearest(NamedTuple):
    """For each picture, `(n,)`, its nearest one in a gallery."""

    index: Tensor
    distance: Tensor
    ratio: Tensor  # that distance over the one to the next picture, 1 where there is none
    times: Tensor  # how often the picture itself occurs, where it belongs to the gallery


class Change(NamedTuple):
    """How a copy differs from its original."""

    moved: tuple[int, int]  # pixels down and to the right, after it was mirrored
    mirrored: bool
    contrast: float  # times the original's


class Gallery:
    """Pictures, uint8 `(N, C, H, W)`, among which nearest ones are looked up.

    Equal ones count as one. `pictures` are kept by reference; `size` is how many differ.
    """

    def __init__(self, pictures: Tensor) -> None:
        self._pictures = pictures
        self._index = _first_of_equals(pictures)
        self._coarse = torch.cat([coarse(pictures[part]) for part in self._index.split(4_096)])
        self.size = len(self._index)

    def nearest(self, pictures: Tensor) -> Nearest:
        """The gallery's nearest picture to each of other pictures `(n, C, H, W)`."""
        parts = [self._nearest(part, None) for part in pictures.split(_PICTURES)]
        return Nearest(*(torch.cat(column) for column in zip(*parts, strict=True)))

    def among_themselves(self, count: int) -> tuple[Nearest, Tensor]:
        """For `count` of the gallery's own pictures, spread evenly, the nearest other one.

        Also the distance `(count,)` of each to the nearest of the same `count`, as coarse pictures.
        """
        own = torch.arange(count) * self.size // count
        parts = [self._nearest(self._at(part), part) for part in own.split(_PICTURES)]
        apart = coarse_distances(self._coarse[own])
        apart = apart.masked_fill_(apart < SAME, _FAR).amin(1)  # excludes itself and its equals
        return Nearest(*(torch.cat(column) for column in zip(*parts, strict=True))), apart

    def _at(self, places: Tensor) -> Tensor:
        return self._pictures[self._index[places]]

    def _nearest(self, pictures: Tensor, own: Tensor | None) -> Nearest:
        likely, rows = self._likeliest(pictures, own), torch.arange(len(pictures))
        apart, times = self._distances(pictures, likely), torch.ones(len(pictures))
        if own is not None:
            itself = _twins(apart)
            apart, times = apart.masked_fill(itself, math.inf), times + itself.sum(1)
        distance, at = apart.min(1)
        first = likely[rows, at]
        others = self._distances(self._at(first), likely)
        others[rows, at] = math.inf
        again = _twins(others)  # a duplicate of the nearest is not the second-nearest
        again[rows, at] = True
        second = apart.masked_fill(again, math.inf).amin(1)
        ratio = torch.where(second.isfinite() & (second > 0), distance / second, 1.0)
        return Nearest(self._index[first], distance, ratio, times)

    def _likeliest(self, pictures: Tensor, own: Tensor | None) -> Tensor:
        """Places in the gallery to compare in detail, `(n, k)`, by distances of coarse pictures."""
        moves = range(-REACH, REACH + 1)
        moved = torch.stack(
            [
                _cells(averages, down, right)
                for averages in (_averages(pictures), _averages(pictures.flip(-1)))
                for down in moves
                for right in moves
            ],
            dim=1,
        )
        best = torch.empty(len(pictures), self.size)
        # Few large products: threads synchronise after each, which is slow beside other processes.
        for some, rows in zip(moved.split(_ROWS), best.split(_ROWS), strict=True):
            for reals, columns in zip(
                self._coarse.split(_COLUMNS), rows.split(_COLUMNS, dim=1), strict=True
            ):
                columns.copy_((some.flatten(0, 1) @ reals.T).unflatten(0, some.shape[:2]).amax(1))
        if own is not None:
            best[torch.arange(len(own)), own] = -2.0
        return best.topk(min(_CANDIDATES, self.size - (own is not None)), dim=1).indices

    def _distances(self, pictures: Tensor, places: Tensor) -> Tensor:
        """Distances `(n, k)` of pictures `(n, C, H, W)` to the gallery's at `places` `(n, k)`."""
        parts = []
        for some, which in zip(pictures.split(32), places.split(32), strict=True):
            middles = _middles(self._at(which.flatten())).unflatten(0, which.shape)
            alike = _windows(some) @ middles.flatten(1, 2).transpose(1, 2)  # (n, windows, k · 2)
            parts.append(_distance(alike.amax(1).unflatten(1, (-1, 2)).amax(2)))
        return torch.cat(parts)


def coarse(pictures: Tensor) -> Tensor:
    """Averages over cells of the middle: `(n, d)`, of unit length."""
    return _cells(_averages(pictures), 0, 0)


def coarse_distances(vectors: Tensor) -> Tensor:
    """Distances `(n, n)` between coarse pictures `(n, d)`, without moves or reflections."""
    return _distance(vectors @ vectors.T)


def change(copy: Tensor, original: Tensor) -> Change:
    """How a copy differs from its original, both `(C, H, W)`.

    Of changes that explain it equally well, the smallest: a circle is its own mirror image.
    """
    alike = _middles(original[None])[0] @ _windows(copy[None])[0].T  # (2, windows)
    steps = torch.arange(-REACH, REACH + 1).abs()
    steps = (steps[:, None] + steps).flatten()
    effort = torch.stack([steps, steps + 2 * _WINDOWS])  # a reflection costs more than any move
    effort[alike < alike.max() - _AS_WELL] = 4 * _WINDOWS
    mirrored, window = divmod(int(effort.argmin()), len(steps))
    down, right = divmod(window, _WINDOWS)
    before = original[:, REACH:-REACH, REACH:-REACH].float().std()
    height, width = (side - 2 * REACH for side in copy.shape[1:])
    after = copy[:, down : down + height, right : right + width].float().std()
    contrast = float(after / before) if before > 0 else 1.0
    return Change((down - REACH, right - REACH), bool(mirrored), contrast)


def _first_of_equals(pictures: Tensor) -> Tensor:
    seen: dict[bytes, int] = {}
    for index, picture in enumerate(pictures.contiguous().numpy()):
        seen.setdefault(hashlib.blake2b(picture.data, digest_size=16).digest(), index)
    return torch.tensor(list(seen.values()))


def _twins(apart: Tensor) -> Tensor:
    """Which of the pictures at distances `(n, k)` duplicate the one that they are measured from.

    Duplicates are much nearer than all others: where there are pictures at all distances, the
    nearest are merely near.
    """
    near = apart < SAME
    furthest = apart.masked_fill(~near, 0.0).amax(1, keepdim=True)
    others = apart.masked_fill(near, _FAR).amin(1, keepdim=True)
    return near & (others > _MUCH_NEARER * furthest)


def _unit(vectors: Tensor, least: float) -> Tensor:
    """Mean 0 and length 1 along the last dimension; all 0 where they vary by less than `least`."""
    centred = vectors - vectors.mean(-1, keepdim=True)
    lengths = centred.norm(dim=-1, keepdim=True)
    flat = lengths < least * math.sqrt(vectors.shape[-1])
    return centred.div_(lengths.masked_fill_(flat, math.inf))


def _distance(correlation: Tensor) -> Tensor:
    return (2 - 2 * correlation).clamp_min_(0).sqrt_()


def _averages(pictures: Tensor) -> Tensor:
    """Averages over the cells that begin at each pixel."""
    return avg_pool2d(pictures.float(), _CELL, 1)


def _cells(averages: Tensor, down: int, right: int) -> Tensor:
    """A coarse picture after a move by at most `REACH` pixels, as `_unit`."""
    height, width = (side - _CELL for side in averages.shape[2:])
    rows = slice(_CELL + down, height + down, _CELL)
    columns = slice(_CELL + right, width + right, _CELL)
    # Averages of a fine texture vary little, and still distinguish it from others.
    return _unit(averages[:, :, rows, columns].flatten(1), _FLAT / 100)


def _windows(pictures: Tensor) -> Tensor:
    """The middle of each picture after each move: `(n, windows, d)`, normalised as by `_unit`.

    Except for the mean, which is not subtracted: it cancels in products with vectors of mean 0.
    """
    size = [side - 2 * REACH for side in pictures.shape[2:]]
    centred = pictures.float()
    centred -= centred.mean((1, 2, 3), keepdim=True)
    windows = centred.unfold(2, size[0], 1).unfold(3, size[1], 1).permute(0, 2, 3, 1, 4, 5)
    means, squares = (
        avg_pool2d(avg_pool2d(values.mean(1), (size[0], 1), 1), (1, size[1]), 1).flatten(1)
        for values in (centred, centred.square())
    )
    variance = squares - means.square()
    count = windows[0, 0, 0].numel()
    lengths = (variance * count).sqrt_().masked_fill_(variance < _FLAT**2, math.inf)
    return windows.flatten(1, 2).flatten(2).div_(lengths[:, :, None])


def _middles(pictures: Tensor) -> Tensor:
    """The middle of each picture, as it is and mirrored, after `_unit`: `(n, 2, d)`."""
    middles = pictures[:, :, REACH:-REACH, REACH:-REACH].float()
    units = _unit(middles.flatten(1), _FLAT).view_as(middles)
    return torch.stack([units, units.flip(-1)], 1).flatten(2)
