"""`ganmodel evaluate`: measures a trained generator."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganmodel.cli.shared import (
    InputError,
    add_data_dir,
    add_weights,
    check_range,
    chosen_weights,
    flag_help,
    path_type,
    print_note,
    whole_number,
)
from ganmodel.cli.streams import knows_every_letter
from ganmodel.words import message, say, worded

if TYPE_CHECKING:
    from ganmodel.data import Known
    from ganmodel.runs import Run
    from ganmodel.weights import Weights

MOST_SAMPLES = 100_000


def add_evaluate(commands: Any) -> None:
    """Adds the command and its flags."""
    parser = commands.add_parser(
        "evaluate",
        help=flag_help("cli.evaluate.help"),
        description=say("cli.evaluate.description"),
    )
    add_weights(parser)
    parser.add_argument("--samples", type=whole_number, default=None, metavar="N",
                        help=flag_help("cli.evaluate.samples-help"))  # fmt: skip
    parser.add_argument("--dataset", default=None, metavar="NAME",
                        help=flag_help("cli.evaluate.dataset-help"))  # fmt: skip
    add_data_dir(parser)
    parser.add_argument("--pairs", type=path_type, default=None, metavar="PATH",
                        help=flag_help("cli.evaluate.pairs-help"))  # fmt: skip
    parser.add_argument("--json", action="store_true", help=flag_help("cli.evaluate.json-help"))
    parser.set_defaults(run_command=_evaluate)


def _evaluate(options: argparse.Namespace) -> int:
    if options.samples is not None:
        check_range("--samples", options.samples, 16, MOST_SAMPLES)

    from ganmodel.api.measuring import check_comparable, evaluate
    from ganmodel.data import fingerprint, load_data, shown
    from ganmodel.files import write_bytes
    from ganmodel.images import png
    from ganmodel.metrics import LEAST_REALS, LEAST_SIDE, sentence
    from ganmodel.snapshots import PAIRS

    weights = chosen_weights(options)
    G, spec = weights.generator(raw=options.raw), weights.spec
    run = _run_of(options.weights)
    dataset = options.dataset or _learned_from(weights, run)
    known = _known(weights, run)
    data = load_data(
        dataset,
        options.data_dir,
        size=spec.size,
        fit=_fit(weights),
        with_classes=spec.classes > 0,
        known=known,
    )
    check_comparable(weights.path.name, spec, data)
    other = known.fingerprint not in ("", fingerprint(data))
    if other and options.dataset is None:
        raise InputError("learned-from-others", name=weights.path.name, data=shown(dataset))
    if other:
        print_note(message("cli.evaluate.other-pictures", name=weights.path.name))

    result = evaluate(
        G,
        data,
        samples=options.samples,
        pairs=options.pairs is not None,
        data_dir=options.data_dir,
    )
    pairs = result.pop(PAIRS, None)
    if other:
        result["other_data"] = True
    if options.pairs is not None:
        if pairs is None:
            raise InputError("no-pairs", least=LEAST_REALS, side=LEAST_SIDE)
        options.pairs.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(options.pairs, png(pairs))
    if options.json:
        result["features"]["summary"] = worded(result["features"]["summary"])
        escaped = not knows_every_letter(sys.stdout)  # replaced characters would change the data
        print(json.dumps(result, indent=1, allow_nan=False, ensure_ascii=escaped))  # noqa: T201
    else:
        print(sentence(result))  # noqa: T201
    return 0


def _run_of(path: Path) -> Run | None:
    """The run that weights were named by, or in whose folder they are."""
    from ganmodel.runs import Run

    path = path.resolve()
    folder = path if path.is_dir() else path.parent.parent
    ours = path.is_dir() or path.parent.name == "weights"
    return Run(folder) if ours and (folder / "config.json").is_file() else None


def _learned_from(weights: Weights, run: Run | None) -> str:
    """The argument of `load_data` for the pictures that a generator was trained on."""
    from ganmodel.data import DATASETS
    from ganmodel.runs import place_of

    if run is not None:
        return place_of(run)
    name = str(weights.about.get("dataset"))
    if name in DATASETS or os.path.exists(name):  # earlier editions stored a path
        return name
    raise InputError("learned-from-unknown", name=weights.path.name)


def _fit(weights: Weights) -> str:
    """How the generator's training pictures became squares; earlier editions cropped them all."""
    from ganmodel.config import SETTINGS

    config = weights.about.get("config")
    fit = config.get("fit") if isinstance(config, dict) else None
    facts = SETTINGS["fit"]
    return fit if fit in facts.metadata["choices"] else facts.default


def _known(weights: Weights, run: Run | None) -> Known:
    """What is known of the generator's training data; earlier editions recorded less."""
    from ganmodel.data import Known
    from ganmodel.runs import known_data

    known = Known.of(weights.about)
    return known if known.fingerprint or run is None else known_data(run)
