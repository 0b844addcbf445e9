"""`ganmodel sample` and `ganmodel walk`: pictures and films from a trained generator."""

from __future__ import annotations

import argparse
import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganmodel.cli.shared import (
    MOST_SEED,
    InputError,
    add_weights,
    check_range,
    chosen_weights,
    flag_help,
    path_text,
    path_type,
    print_note,
    real_number,
    whole_number,
)
from ganmodel.words import message, say

if TYPE_CHECKING:
    import numpy as np

    from ganmodel.sampling import Sampler

COUNT = 64
A_PLACE = "stops=53,46&at=0.25&psi=0.8"  # as an example
SEEDS = "0,1"
FRAMES = 60
PATH = "slerp"
FRAMES_PER_SECOND = 20
FILM_SCALE = 8  # 28 pixels become 224, large enough to be viewed unscaled


def add_sample(commands: Any) -> None:
    """Adds the command and its flags."""
    parser = commands.add_parser(
        "sample",
        help=flag_help("cli.sample.help"),
        description=say("cli.sample.description"),
    )
    add_weights(parser)
    parser.add_argument("--count", type=whole_number, metavar="N",
                        help=flag_help("cli.sample.count-help", default=COUNT))  # fmt: skip
    parser.add_argument("--seed", type=whole_number, metavar="N",
                        help=flag_help("cli.sample.seed-help"))  # fmt: skip
    _add_label(parser)
    parser.add_argument("--psi", type=real_number, default=None, metavar="X",
                        help=flag_help("cli.sample.psi-help"))  # fmt: skip
    parser.add_argument("--place", metavar="TEXT",
                        help=flag_help("cli.sample.place-help", place=A_PLACE))  # fmt: skip
    parser.add_argument("--out", type=path_text, required=True, metavar="PATH",
                        help=flag_help("cli.sample.out-help"))  # fmt: skip
    parser.set_defaults(run_command=_sample)


def add_walk(commands: Any) -> None:
    """Adds the command and its flags."""
    parser = commands.add_parser(
        "walk",
        help=flag_help("cli.walk.help"),
        description=say("cli.walk.description"),
    )
    add_weights(parser)
    parser.add_argument("--seeds", default=SEEDS, metavar="A,B,…",
                        help=flag_help("cli.walk.seeds-help", default=SEEDS))  # fmt: skip
    parser.add_argument("--frames", type=whole_number, default=FRAMES, metavar="N",
                        help=flag_help("cli.walk.frames-help", default=FRAMES))  # fmt: skip
    parser.add_argument("--path", default=PATH, metavar="NAME",
                        help=flag_help("cli.walk.path-help", default=PATH))  # fmt: skip
    _add_label(parser)
    parser.add_argument("--fps", type=whole_number, default=FRAMES_PER_SECOND, metavar="N",
                        help=flag_help("cli.walk.fps-help",
                                       default=FRAMES_PER_SECOND))  # fmt: skip
    parser.add_argument("--scale", type=whole_number, default=None, metavar="N",
                        help=flag_help("cli.walk.scale-help", default=FILM_SCALE))  # fmt: skip
    parser.add_argument("--out", type=path_type, required=True, metavar="PATH",
                        help=flag_help("cli.walk.out-help"))  # fmt: skip
    parser.set_defaults(run_command=_walk)


def _add_label(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label", default=None, metavar="CLASS",
                        help=flag_help("cli.sample.label-help"))  # fmt: skip


def _sample(options: argparse.Namespace) -> int:
    given = (options.count, options.seed, options.psi)
    if options.place is not None and given != (None, None, None):
        raise InputError("place-beside-count")
    count = COUNT if options.count is None else options.count
    seed = options.seed or 0
    psi = 1.0 if options.psi is None else options.psi
    check_range("--count", count, 1, 100_000)
    check_range("--seed", seed, 0, MOST_SEED + 1 - count)
    out, kind = _out(options.out)

    import numpy as np
    import torch

    from ganmodel.api.drawing import sample
    from ganmodel.files import write_atomic, write_bytes
    from ganmodel.images import grid, png
    from ganmodel.places import MOST_PSI

    check_range("--psi", psi, 0, MOST_PSI)
    sampler = _sampler(options)
    seeds, label = range(seed, seed + count), _label(sampler, options.label)
    if options.place is None:
        pictures = sample(sampler.G, seeds, label=label, psi=psi)
    else:
        pictures, seeds = _at_place(sampler, options.place, label), range(1)
    (out if kind == "folder" else out.parent).mkdir(parents=True, exist_ok=True)
    if kind == ".npy":

        def save(temporary: Path) -> None:
            with temporary.open("wb") as file:
                np.save(file, pictures)

        write_atomic(out, save)
    elif kind == ".png":
        sheet = grid(torch.from_numpy(pictures).permute(0, 3, 1, 2))
        write_bytes(out, png(sheet))
    else:
        for number, picture in zip(seeds, pictures, strict=True):
            write_bytes(out / f"{number:06}.png", png(picture))
    return 0


def _out(text: str) -> tuple[Path, str]:
    """The path to write to, and the kind: ".png", ".npy" or "folder".

    A name with a dot is a folder if it ends in a slash or names an existing folder.
    """
    path = Path(text)
    suffix = path.suffix.lower()
    if not text.endswith(("/", os.sep)):
        if suffix in (".png", ".npy"):
            return path, suffix
        if suffix and not path.is_dir():
            raise InputError("sample-out-suffix", path=text)
    return path, "folder"


def _at_place(sampler: Sampler, text: str, label: int | None) -> np.ndarray:
    """uint8 `(1, H, W, C)`, of the class `label` where the place names none.

    Raises:
        PlaceError: the text is no place of this generator.
        InputError: the place names another class.
    """
    from ganmodel.places import Place

    place, spec = Place.parse(text, sampler.classes), sampler.spec
    if label is not None:
        if place.label not in (None, label) or place.other is not None:
            raise InputError("label-beside-place")
        place = dataclasses.replace(place, label=label)
    return sampler.draw(place.z(spec.z_dim), place.class_weights(spec.classes))


def _walk(options: argparse.Namespace) -> int:
    from ganmodel.latents import PATHS

    check_range("--frames", options.frames, 2, 10_000)
    check_range("--fps", options.fps, 1, 100)
    suffix, seeds = options.out.suffix.lower(), _seeds(options.seeds)
    if suffix not in (".gif", ".mp4", ".png"):
        raise InputError("walk-out-suffix", path=str(options.out))
    if options.path not in PATHS:
        raise InputError("walk-path", paths=list(PATHS), value=f"{options.path!r:.40}")
    scale = options.scale or (1 if suffix == ".png" else FILM_SCALE)
    check_range("--scale", scale, 1, 64)

    import torch

    from ganmodel.api.drawing import walk
    from ganmodel.files import write_bytes
    from ganmodel.images import MOST_GIF_SPEED, enlarge, gif, grid, mp4, png

    sampler = _sampler(options)
    label = _label(sampler, options.label) or 0  # the same throughout; ignored without classes
    frames = walk(sampler.G, seeds, options.frames, path=options.path, label=label)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    if suffix == ".png":
        large = torch.from_numpy(enlarge(frames, scale)).permute(0, 3, 1, 2)
        write_bytes(options.out, png(grid(large, columns=len(large), padding=0)))
        return 0
    if suffix == ".gif" and options.fps > MOST_GIF_SPEED:
        print_note(message("cli.walk.gif-speed", most=MOST_GIF_SPEED))
    write_bytes(options.out, (gif if suffix == ".gif" else mp4)(frames, options.fps, scale))
    return 0


def _sampler(options: argparse.Namespace) -> Sampler:
    from ganmodel.sampling import Sampler

    return Sampler(chosen_weights(options), raw=options.raw)


def _seeds(text: str) -> list[int]:
    try:
        seeds = [int(part) for part in text.split(",")]
    except ValueError:
        seeds = []
    if not 2 <= len(seeds) <= 1000 or not all(0 <= seed <= MOST_SEED for seed in seeds):
        raise InputError("walk-seeds", value=f"{text!r:.60}")
    return seeds


def _label(sampler: Sampler, asked: str | None) -> int | None:
    """The index of the class given by name or number; None where none was given."""
    from ganmodel.places import PlaceError, class_number

    if asked is None:
        return None
    if not sampler.spec.classes:
        raise InputError("label-without-classes", asked=asked)
    names = sampler.classes or [str(index) for index in range(sampler.spec.classes)]
    try:
        number = class_number(asked, names)
    except PlaceError as error:
        raise InputError("label-unknown", why=error.message) from None
    if asked in names and names[number] != asked:
        values = {"asked": asked, "name": names[number], "number": names.index(asked)}
        print_note(message("cli.sample.label-is-number", **values))
    return number
