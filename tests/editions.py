"""What earlier editions left under tests/fixtures, for the tests that open it in this one."""

from __future__ import annotations

import json
import platform
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

FIXTURES = Path(__file__).parent / "fixtures"


@dataclass(frozen=True)
class Edition:
    folder: Path

    @cached_property
    def facts(self) -> dict[str, Any]:
        return json.loads((self.folder / "facts.json").read_text("utf-8"))

    def unpack(self, runs: Path) -> Path:
        """Its folder of runs, at `runs`, which may hold others already."""
        with tarfile.open(self.folder / "runs.tar.xz") as archive:
            archive.extractall(runs, filter="data")
        return runs

    def is_of_this_machine(self) -> bool:
        """Whether equal bits can be asked for: the same processor and torch computed them."""
        here = {
            "torch": torch.__version__,
            "machine": platform.machine(),
            "capability": torch.backends.cpu.get_cpu_capability(),
            "processor": torch.cpu.get_capabilities().get("cpu_name", ""),
        }
        return all(self.facts[name] == value for name, value in here.items())


EDITIONS = [Edition(path.parent) for path in sorted(FIXTURES.glob("*/facts.json"))]
