"""Who may import whom: the floors written down here against the source, read with `ast`."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ganmodel

PACKAGE = Path(ganmodel.__file__).parent
LEAVES = {
    "augment",
    "config",
    "latents",
    "images",
    "objectives",
    "files",
    "texts",
    "snapshots",
    "schedule",
    "memory",
    "processor",
    "signals",
    "units",
}
ALLOWED: dict[str, set[str]] = {
    **{leaf: set() for leaf in LEAVES},
    "health": {"texts", "units"},
    "places": {"latents"},
    "listening": {"files", "texts"},
    "networks": {"config"},
    "data": {"config", "files"},
    "weights": {"networks", "files"},
    "metrics": {"networks", "weights", "files", "images", "units"},
    "training": {
        "augment",
        "networks", "objectives", "data", "latents", "config", "images", "snapshots",
        "schedule", "processor",
    },
    "runs": {
        "processor",
        "config", "data", "images", "weights", "networks", "snapshots", "files", "schedule",
        "texts",
        "memory", "units",
    },
    "judging": {"runs", "health", "config"},
    "sampling": {"weights", "latents", "images", "metrics", "data"},
    "hosting": {"runs", "config", "files", "listening", "texts"},
    "ui": {
        "runs", "sampling", "data", "config", "health", "latents", "images", "files", "texts",
        "places", "hosting", "listening", "signals", "judging",
    },
    "cli": {
        "training", "runs", "sampling", "metrics", "ui", "health", "data", "config", "images",
        "weights", "files", "snapshots", "latents", "networks", "places", "memory", "listening",
        "signals", "judging",
    },
    "__main__": {"cli"},
    "__init__": {"runs", "networks", "images", "places"},
}  # fmt: skip
# What a floor may use besides the standard library; a floor not named here is free.
FOREIGN: dict[str, set[str]] = {
    "config": set(),
    "files": set(),
    "health": set(),
    "listening": set(),
    "memory": {"torch"},
    "schedule": set(),
    "snapshots": {"torch"},
    "units": set(),
    "latents": {"torch"},
    "processor": {"torch"},
    "places": {"torch"},
    "objectives": {"torch"},
    "augment": {"torch"},
    "images": {"torch", "numpy", "PIL", "av"},
    "networks": {"torch"},
    "training": {"augment", "torch"},
    "weights": {"torch", "safetensors"},
    "runs": {"torch", "filelock"},
}


def _floor(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path, text: str | None = None) -> list[str]:
    """Every module that a file imports anywhere, in functions too, with its full name."""
    found, text = [], path.read_text("utf-8") if text is None else text
    package = ["ganmodel", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            # `from ganmodel import training` names a module after the import.
            found += [f"{module}.{alias.name}" for alias in node.names]
    return found


SOURCES = sorted(PACKAGE.rglob("*.py"))
FLOORS = {_floor(path) for path in SOURCES}


def _floors_used(path: Path, text: str | None = None) -> set[str]:
    names = (name.split(".") for name in _imports(path, text))
    return {n[1] for n in names if n[0] == "ganmodel" and len(n) > 1 and n[1] in FLOORS}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_the_floors_below(path: Path) -> None:
    floor = _floor(path)
    assert floor in ALLOWED, f"{floor} has no floor in ALLOWED"
    assert _floors_used(path) - {floor} <= ALLOWED[floor]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_low_floor_uses_no_foreign_package_beyond_its_own(path: Path) -> None:
    allowed = FOREIGN.get(_floor(path))
    if allowed is None:
        return
    used = {name.split(".")[0] for name in _imports(path)} - set(sys.stdlib_module_names)
    assert used - {"ganmodel"} <= allowed


def test_the_page_never_imports_training_or_objectives() -> None:
    assert not ALLOWED["ui"] & {"training", "objectives"}
    for path in SOURCES:
        if _floor(path) == "ui":
            assert not _floors_used(path) & {"training", "objectives"}


def test_the_floors_have_no_circle() -> None:
    below: dict[str, set[str]] = {floor: set() for floor in FLOORS}
    for path in SOURCES:
        below[_floor(path)] |= _floors_used(path) - {_floor(path)}
    while below:
        lowest = {floor for floor, uses in below.items() if not uses}
        assert lowest, f"a circle among {sorted(below)}"
        below = {floor: uses - lowest for floor, uses in below.items() if floor not in lowest}


def test_the_reader_of_imports_sees_every_way_to_import() -> None:
    """A test of the test: a way that it overlooked would let anything through."""
    path = PACKAGE / "ui" / "imagined.py"
    text = (
        "import ganmodel.training\nfrom ganmodel import objectives\nfrom ..runs import Run\n"
        "def late():\n    from ganmodel.data.sets import Data\n    import numpy as np\n"
    )
    assert _floors_used(path, text) == {"training", "objectives", "runs", "data"}
    assert "numpy" in _imports(path, text)


@pytest.mark.slow
def test_runs_and_sampling_load_no_training_code(environment: dict[str, str]) -> None:
    script = (
        "import sys, ganmodel.runs, ganmodel.sampling; "
        "print(sorted({'ganmodel.training', 'ganmodel.objectives'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
