"""The flags of `ganmodel train`: `RunConfig`'s own fields, with what the catalogue says of each."""

from __future__ import annotations

import argparse
import textwrap
from typing import Any

from ganmodel.cli.shared import add_data_dir, flag_help, help_of, path_type
from ganmodel.config import (
    GROUPS,
    PRESETS,
    SETTINGS,
    ConfigError,
    make_config,
    read_number,
    setting_explanation,
    setting_label,
)
from ganmodel.words import message, say

DEFAULT = "quick"  # the recipe without --preset
DEVICE = "auto"
# The examples' flags, and what each of them does, by its id below "cli.train.example.".
EXAMPLES = {
    "": "defaults",
    "--objective wgan-gp --images 500000": "rule",
    "--preset article --run runs/article": "article",
    "--no-conditional": "no-classes",
    "--dataset photos.zip --augment translation": "own-pictures",
    "--run runs/first --resume": "resume",
    "--run runs/first --resume --images 900000": "longer",
    "--start-from weights/mnist.safetensors --dataset kmnist --lr-g 2e-4 --lr-d 2e-4": "other-data",
}
COMMAND_WIDTH, WIDTH = 59, 96  # columns of an example's command, and of the whole help


def add_flags(commands: Any) -> argparse.ArgumentParser:
    """Adds the command with all its flags."""
    parser = commands.add_parser(
        "train",
        help=flag_help("cli.train.help"),
        # Wrapped here, because argparse can leave the examples alone only along with this.
        description=textwrap.fill(say("cli.train.description"), WIDTH),
        epilog=_examples(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--run", type=path_type, metavar="DIR",
                        help=flag_help("cli.train.run-help"))  # fmt: skip
    parser.add_argument("--resume", action="store_true", help=flag_help("cli.train.resume-help"))
    add_data_dir(parser)
    # Used by a page that strangers share for its trainers.
    parser.add_argument("--reading-seconds", type=int, default=None, metavar="N",
                        help=flag_help("cli.train.reading-seconds-help"))  # fmt: skip
    parser.add_argument("--reading-pixels", type=int, default=None, metavar="N",
                        help=flag_help("cli.train.reading-pixels-help"))  # fmt: skip
    parser.add_argument("--untrusted", action="store_true",
                        help=flag_help("cli.train.untrusted-help"))  # fmt: skip
    parser.add_argument("--wait", action="store_true", help=flag_help("cli.train.wait-help"))
    parser.add_argument("--device", default=DEVICE, metavar="NAME",
                        help=flag_help("cli.train.device-help", default=DEVICE))  # fmt: skip
    parser.add_argument("--preset", default=None, metavar="NAME", help=_preset_help())
    for key in GROUPS:
        group = parser.add_argument_group(say(f"groups.{key}"))
        for name, setting in SETTINGS.items():
            if name == "preset" or setting.metadata["group"] != key:
                continue
            flag, words = flag_of(name), _setting_help(name)
            if isinstance(setting.default, bool):
                action = argparse.BooleanOptionalAction
                group.add_argument(flag, action=action, default=None, help=words)
            else:
                shown = "NAME" if isinstance(setting.default, str) else "N"
                shown = "PATH" if name == "start_from" else shown
                group.add_argument(flag, default=None, metavar=shown, help=words)
    return parser


def _examples() -> str:
    lines = [say("cli.train.examples")]
    for flags, name in EXAMPLES.items():
        command = f"  ganmodel train {flags}".rstrip()
        if len(command) > COMMAND_WIDTH:  # what it does goes below
            lines.append(command)
            command = ""
        lines.append(f"{command:{COMMAND_WIDTH}}  {say(f'cli.train.example.{name}')}")
    return "\n".join(lines) + "\n"


def _preset_help() -> str:
    recipes = [
        message("cli.train.preset", name=name, explanation=preset.explanation)
        for name, preset in PRESETS.items()
    ]
    return help_of([message("cli.train.preset-help", default=DEFAULT), *recipes])


def _setting_help(name: str) -> str:
    facts = SETTINGS[name].metadata
    named = {"label": setting_label(name), "explanation": setting_explanation(name)}
    told = [message("cli.train.setting", **named)]
    if facts["choices"]:
        told.append(message("cli.train.setting-choices", choices=list(facts["choices"])))
    elif facts["low"] is not None:
        told.append(message("cli.train.setting-range", low=facts["low"], high=facts["high"]))
    default = getattr(make_config(DEFAULT), name)
    if not isinstance(default, bool) and default != "":
        told.append(message("cli.train.setting-default", default=default))
    return help_of(told)


def flag_of(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def chosen_settings(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that flags name, but for the recipe, by name."""
    return {
        name: _number(name, text)
        for name in SETTINGS
        if name != "preset" and (text := getattr(options, name)) is not None
    }


def _number(name: str, text: Any) -> Any:
    """A flag's text as a value of its setting's type if possible; the config rejects the rest."""
    setting = SETTINGS[name]
    if isinstance(setting.default, str | bool):
        return text
    try:
        found = read_number(text, whole=isinstance(setting.default, int))
    except ConfigError as error:
        label = message("settings.named", label=setting_label(name), name=name)
        raise ConfigError("setting-no-number", label=label, why=error.message) from None
    return text if found is None else found
