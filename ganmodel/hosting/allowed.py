"""Which settings of a run a shared page accepts, at its start and when they change.

Every way to train is checked here: start, fork, resume, a new length, a knob. Which settings are
valid at all is decided in `config`, how many runs there may be in `quotas`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ganmodel.config import RunConfig
from ganmodel.flops import step_operations
from ganmodel.hosting.limits import MEBIBYTE, Limits
from ganmodel.runs import RunError, data_shape, expected_bytes
from ganmodel.words import message


def check_run(config: RunConfig, limits: Limits) -> None:
    """Refuses a run that would take too much of a shared machine.

    Raises:
        RunError: a sentence that names the setting and its allowed values.
    """
    for name, (low, high) in limits.settings.items():
        _check_value(name, getattr(config, name), low, high)
    if limits.rows is not None and config.images > limits.rows * config.log_every:
        raise RunError(
            "too-many-rows",
            label=message("settings.log_every.label"),
            count=-(-config.images // config.log_every),
            most=limits.rows,
            least=-(-config.images // limits.rows),
        )
    if limits.evaluations is not None and config.evaluate_every:
        _check_evaluations(config, limits.evaluations)
    if limits.step_operations is not None:
        share = step_operations(config, *data_shape(config)) / limits.step_operations
        if share > 1:
            raise RunError("step-too-heavy", times=share)
    if limits.bytes_each is not None and (size := expected_bytes(config)) > limits.bytes_each:
        sizes = {"size": size / MEBIBYTE, "most": limits.bytes_each / MEBIBYTE}
        raise RunError("run-too-large", **sizes)


def check_change(config: RunConfig, changes: Mapping[str, Any], limits: Limits) -> RunConfig:
    """A run's settings after changing some of them; raises if they exceed the limits.

    Raises:
        ConfigError: a value that is invalid, alone or in combination with the others.
        RunError: as `check_run`.
    """
    changed = dataclasses.replace(config, **changes)
    check_run(changed, limits)
    return changed


def _check_value(name: str, value: float, low: float, high: float) -> None:
    if value and not low <= value <= high:  # 0 is off, or never
        label = message(f"settings.{name}.label")
        raise RunError("not-on-this-page", label=label, low=low, high=high, value=value)


def _check_evaluations(config: RunConfig, most: int) -> None:
    count = config.images // config.evaluate_every
    if count > most:
        raise RunError(
            "too-many-evaluations",
            label=message("settings.evaluate_every.label"),
            count=count,
            most=most,
            least=-(-config.images // most),
        )
