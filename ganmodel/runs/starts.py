"""The trained networks that a run starts from: finds them and checks that they fit the run.

A config names a path or, by a bare name, bundled networks. These are on every machine, so that
presets can use them, and so can pages that accept no paths.
"""

from __future__ import annotations

from pathlib import Path

from ganmodel.config import RunConfig, names_shipped
from ganmodel.data import DATASETS
from ganmodel.networks import NetworkSpec
from ganmodel.runs.data_names import data_name
from ganmodel.runs.folder import RunError, weights_of
from ganmodel.runs.throughput import data_shape
from ganmodel.weights import SHIPPED, Weights, WeightsError, read_about

STARTS = "starts"  # below the bundled weights: networks that serve only as a start


def shipped_start(name: str) -> Path | None:
    """The file of the bundled networks of that name; None if there are none."""
    if not names_shipped(name):
        return None
    places = (SHIPPED / STARTS / f"{name}.safetensors", SHIPPED / f"{name}.safetensors")
    return next((path for path in places if path.is_file()), None)


def start_weights(config: RunConfig, channels: int, size: int, classes: int) -> Weights | None:
    """The weights that a run starts from; None if its networks are initialised randomly.

    Args:
        channels, size, classes: of the data, as for `NetworkSpec.of`.

    Raises:
        RunError, WeightsError: there are no such weights, or they do not fit the run.
    """
    if not config.start_from:
        return None
    path = shipped_start(config.start_from) or Path(config.start_from).expanduser()
    weights = weights_of(path)
    if not weights.has_D:
        raise WeightsError("start-without-d", name=path.name)
    _check_fits(path, weights.spec, config, NetworkSpec.of(config, channels, size, classes))
    return weights


def check_start(config: RunConfig) -> None:
    """Checks, before any data is read, that `start_from` names bundled networks that fit the run.

    Raises:
        RunError: there are no such networks, or they do not fit; names what differs.
    """
    path = shipped_start(config.start_from)
    if path is None and config.start_from:
        raise RunError("no-such-networks", start_from=f"{config.start_from!r:.60}")
    if path is not None and config.dataset in DATASETS:
        spec = NetworkSpec.from_json(read_about(path).get("spec"))
        try:
            _check_fits(path, spec, config, NetworkSpec.of(config, *data_shape(config)))
        except WeightsError as error:
            raise RunError(error.code, **error.values) from None


def _check_fits(path: Path, spec: NetworkSpec, config: RunConfig, wanted: NetworkSpec) -> None:
    needed = wanted.to_json()
    for name, own in spec.to_json().items():
        if own != needed[name]:
            raise WeightsError(
                "start-does-not-fit",
                name=path.name,
                data=data_name(config),
                name_2=name,
                own=own,
                name_3=needed[name],
            )
