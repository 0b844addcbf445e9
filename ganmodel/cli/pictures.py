"""`ganmodel sample` and `ganmodel walk`: pictures and films from a trained generator."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganmodel.cli.shared import MOST_SEED, InputError, add_weights, check_range

if TYPE_CHECKING:
    import numpy as np

    from ganmodel.sampling import Sampler

FRAMES_PER_SECOND = 20
FILM_SCALE = 8  # 28 pixels become 224: a film of that size can be looked at as it is


def add_sample(commands: Any) -> None:
    """Adds the command and its flags."""
    parser = commands.add_parser(
        "sample",
        help="draw pictures with a trained generator",
        description="Draws pictures by consecutive start numbers: number N always gives the same "
        "picture.",
    )
    add_weights(parser)
    parser.add_argument("--count", type=int, default=64, metavar="N", help="pictures (default 64)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="first start number")
    _add_label(parser)
    parser.add_argument(
        "--place",
        metavar="TEXT",
        help='the one picture at a place instead, such as "stops=53,46&at=0.25&psi=0.8": as the '
        "page's address has it, and its “Copy as a command”",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="a .png for one "
                        "grid, a .npy for uint8 N×H×W×C, or a folder/ for a PNG each")  # fmt: skip
    parser.set_defaults(run_command=_sample)


def add_walk(commands: Any) -> None:
    """Adds the command and its flags."""
    parser = commands.add_parser(
        "walk",
        help="a film through the latent space",
        description="Walks from start number to start number through the latent space and keeps "
        "every step: as a film, or as a strip of pictures beside each other.",
    )
    add_weights(parser)
    parser.add_argument(
        "--seeds",
        default="0,1",
        metavar="A,B,…",
        help="the start numbers to walk through, two or more (default 0,1)",
    )
    parser.add_argument("--frames", type=int, default=60, metavar="N", help="pictures (default 60)")
    parser.add_argument(
        "--path",
        default="slerp",
        metavar="NAME",
        help="slerp follows a curve on which all noise is equally likely; lerp is straight; loop "
        "is closed, so that a film of it has no end (default slerp)",
    )
    _add_label(parser)
    parser.add_argument(
        "--fps",
        type=int,
        default=FRAMES_PER_SECOND,
        metavar="N",
        help=f"pictures a second in a film (default {FRAMES_PER_SECOND})",
    )
    parser.add_argument(
        "--scale",
        type=int,
        default=None,
        metavar="N",
        help=f"each pixel becomes a square of N by N (default {FILM_SCALE} in a film, 1 in a "
        "strip)",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="PATH",
                        help="a .gif or .mp4, or a .png for a strip")  # fmt: skip
    parser.set_defaults(run_command=_walk)


def _add_label(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label", default=None, metavar="CLASS", help="the class to draw, by name "
                        "or number, if the generator knows classes (default: in turn)")  # fmt: skip


def _sample(options: argparse.Namespace) -> int:
    check_range("--count", options.count, 1, 100_000)
    check_range("--seed", options.seed, 0, MOST_SEED)
    suffix = options.out.suffix
    if suffix not in ("", ".png", ".npy"):
        raise InputError(f"--out must end in .png or .npy or be a folder, but it is {options.out}.")

    import numpy as np
    import torch

    from ganmodel.files import write_bytes, write_whole
    from ganmodel.images import grid, png

    sampler = _sampler(options)
    seeds = range(options.seed, options.seed + options.count)
    if options.place is None:
        pictures = sampler.sample(seeds, _label(sampler, options.label))
    else:
        pictures, seeds = _at_place(sampler, options.place), range(1)
    (options.out if suffix == "" else options.out.parent).mkdir(parents=True, exist_ok=True)
    if suffix == ".npy":

        def save(temporary: Path) -> None:
            with temporary.open("wb") as file:
                np.save(file, pictures)

        write_whole(options.out, save)
    elif suffix == ".png":
        sheet = grid(torch.from_numpy(pictures).permute(0, 3, 1, 2))
        write_bytes(options.out, png(sheet))
    else:
        for seed, picture in zip(seeds, pictures, strict=True):
            write_bytes(options.out / f"{seed:06}.png", png(picture))
    return 0


def _at_place(sampler: Sampler, text: str) -> np.ndarray:
    """uint8 `(1, H, W, C)`; a `PlaceError` where the text is no place of this generator."""
    from ganmodel.places import Place

    place, spec = Place.parse(text), sampler.spec
    return sampler.draw(place.z(spec.z_dim), place.class_weights(spec.classes))


def _walk(options: argparse.Namespace) -> int:
    from ganmodel.latents import PATHS, noise, walk

    check_range("--frames", options.frames, 2, 10_000)
    check_range("--fps", options.fps, 1, 100)
    suffix, seeds = options.out.suffix, _seeds(options.seeds)
    if suffix not in (".gif", ".mp4", ".png"):
        raise InputError(f"--out must end in .gif, .mp4 or .png, but it is {options.out}.")
    if options.path not in PATHS:
        raise InputError(f"--path must be {' or '.join(PATHS)}, but it is {options.path!r:.40}.")
    scale = options.scale or (1 if suffix == ".png" else FILM_SCALE)
    check_range("--scale", scale, 1, 64)

    import torch

    from ganmodel.files import write_bytes
    from ganmodel.images import enlarge, gif, grid, mp4, png

    sampler = _sampler(options)
    z = walk(noise(seeds, sampler.spec.z_dim), options.frames, options.path)
    label = _label(sampler, options.label)
    labels = torch.full((len(z),), label or 0)  # one class all the way; without classes, ignored
    frames = enlarge(sampler.draw(z, labels), scale)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    if suffix == ".png":
        strip = grid(torch.from_numpy(frames).permute(0, 3, 1, 2), columns=len(frames), padding=0)
        write_bytes(options.out, png(strip))
    else:
        write_bytes(options.out, (gif if suffix == ".gif" else mp4)(frames, options.fps))
    return 0


def _sampler(options: argparse.Namespace) -> Sampler:
    from ganmodel.runs import weights_of
    from ganmodel.sampling import Sampler

    return Sampler(weights_of(options.weights), raw=options.raw)


def _seeds(text: str) -> list[int]:
    try:
        seeds = [int(part) for part in text.split(",")]
    except ValueError:
        seeds = []
    if not 2 <= len(seeds) <= 1000 or not all(0 <= seed <= MOST_SEED for seed in seeds):
        raise InputError(
            f"--seeds must be two or more start numbers such as 3,8,21, but it is {text!r:.60}."
        )
    return seeds


def _label(sampler: Sampler, asked: str | None) -> int | None:
    """The class that was asked for, by name or index; None where none was."""
    if asked is None:
        return None
    if not sampler.spec.classes:
        raise InputError(
            f"--label {asked} cannot be met: this generator was not trained by class; leave it "
            "away, or train with --conditional."
        )
    names = sampler.classes or [str(index) for index in range(sampler.spec.classes)]
    if asked in names:
        return names.index(asked)
    if asked.isdecimal() and int(asked) < sampler.spec.classes:
        return int(asked)
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    raise InputError(f"--label must be one of {shown} or an index, but it is {asked!r:.40}.")
