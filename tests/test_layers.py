"""Who may import whom: the floors written down here against the source, read with `ast`."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ganmodel

PACKAGE = Path(ganmodel.__file__).parent
LEAVES = {
    "augment",
    "latents",
    "images",
    "objectives",
    "penalties",
    "files",
    "words",
    "schedule",
    "memory",
    "processor",
    "signals",
    "units",
}
ALLOWED: dict[str, set[str]] = {
    **{leaf: set() for leaf in LEAVES - {"files", "objectives"}},
    "files": {"errors", "words"},
    "objectives": {"words"},
    "health": {"objectives", "words", "units"},
    "errors": {"words"},
    "config": {"objectives", "errors", "words"},
    "snapshots": {"errors", "words"},
    "places": {"latents", "errors", "words"},
    "listening": {"errors", "files"},
    "networks": {"config", "errors", "words"},
    "skeleton": {"networks"},
    "flops": {"config", "networks", "objectives", "skeleton"},
    "data": {"config", "files", "errors", "words"},
    "weights": {"networks", "files", "errors", "words"},
    "metrics": {"networks", "weights", "files", "images", "units", "words"},
    "training": {
        "augment",
        "networks", "objectives", "penalties", "data", "latents", "config", "images", "snapshots",
        "schedule", "processor", "errors", "words",
    },
    "runs": {
        "flops", "skeleton", "processor", "config", "data", "weights", "networks", "files",
        "images", "schedule", "words", "units", "errors",
    },
    "recording": {
        "runs", "config", "data", "images", "weights", "networks", "skeleton", "snapshots", "files",
        "schedule", "words", "memory",
    },
    "judging": {"runs", "health", "config"},
    "sampling": {"weights", "latents", "images", "metrics", "data"},
    "hosting": {"runs", "flops", "config", "files", "listening", "words", "errors"},
    "ui": {
        "runs", "sampling", "data", "config", "health", "latents", "images", "files", "words",
        "objectives", "places", "hosting", "listening", "signals", "judging", "errors",
    },
    "extensions": {"errors"},
    "cli": {
        "api", "extensions",
        "training", "recording", "runs", "sampling", "metrics", "ui", "health", "data", "config",
        "images", "weights", "files", "snapshots", "latents", "places", "memory", "listening",
        "signals", "judging", "words", "errors",
    },
    "api": {
        "training", "recording", "runs", "sampling", "metrics", "data", "config", "objectives",
        "networks", "images", "latents", "places", "snapshots", "words",
    },
    "__main__": {"cli"},
    "__init__": {"api", "data", "networks", "objectives"},
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
    "objectives": {"torch"},  # when a loss is computed
    "penalties": {"torch"},
    "augment": {"torch"},
    "images": {"torch", "numpy", "PIL", "av"},
    "networks": {"torch"},
    "skeleton": {"torch"},
    "flops": {"torch"},
    "training": {"augment", "torch"},
    "weights": {"torch", "safetensors"},
    "runs": {"torch", "filelock", "psutil"},
    "recording": {"torch", "filelock"},
}


def _floor(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@functools.cache
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


# What only the trainer's process loads.
TRAINERS = {"training", "penalties", "recording"}


def _reached(floor: str) -> set[str]:
    """The floors that a floor may import, and those that these may import in turn."""
    reached, new = set(), {floor}
    while new:
        reached |= new
        new = set().union(*(ALLOWED[name] for name in new)) - reached
    return reached


def test_the_page_never_imports_training_penalties_or_recording() -> None:
    assert not _reached("ui") & TRAINERS
    for path in SOURCES:
        if _floor(path) in ("ui", "hosting", "runs", "sampling"):
            assert not _floors_used(path) & TRAINERS


def test_the_floors_have_no_circle() -> None:
    below: dict[str, set[str]] = {floor: set() for floor in FLOORS}
    for path in SOURCES:
        below[_floor(path)] |= _floors_used(path) - {_floor(path)}
    while below:
        lowest = {floor for floor, uses in below.items() if not uses}
        assert lowest, f"a circle among {sorted(below)}"
        below = {floor: uses - lowest for floor, uses in below.items() if floor not in lowest}


def _modules_used(path: Path) -> set[Path]:
    """The files of the same floor that a file imports; `TYPE_CHECKING` hides none."""
    used = set()
    for name in _imports(path):
        parts = name.split(".")
        if len(parts) < 2 or parts[:2] != ["ganmodel", _floor(path)]:
            continue
        file = PACKAGE.joinpath(*parts[1:])
        # The last part may be a name in a module; a package's own names are in its `__init__`.
        for module in (file, file.parent) if len(parts) > 2 else (file,):
            known = [m for m in (module.with_suffix(".py"), module / "__init__.py") if m in SOURCES]
            if known:
                used.add(known[0])
                break
    return used - {path}


@pytest.mark.parametrize("floor", sorted(FLOORS))
def test_the_modules_of_a_floor_have_no_circle(floor: str) -> None:
    below = {path: _modules_used(path) for path in SOURCES if _floor(path) == floor}
    while below:
        lowest = {path for path, uses in below.items() if not uses}
        left = sorted(str(path.relative_to(PACKAGE)) for path in below)
        assert lowest, f"a circle among {left}"
        below = {path: uses - lowest for path, uses in below.items() if path not in lowest}


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
def test_runs_sampling_and_hosting_load_no_code_of_trainers(environment: dict[str, str]) -> None:
    script = (
        "import sys, ganmodel.runs, ganmodel.sampling, ganmodel.hosting; "
        f"print([n for n in {sorted(TRAINERS)} if 'ganmodel.' + n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


# --- the page's rooms ----------------------------------------------------------------------------

UI = PACKAGE / "ui"
# Which rooms each may import, in Python; one that is not named, what all share. The modules right
# below `ui` put all of them together.
ROOMS: dict[str, set[str]] = {
    "http": set(),
    "shared": {"http"},
    "playground": {"shared", "http"},
    "train": {"shared", "http"},
    "runs_drawer": {"train", "shared", "http"},
}
SCRIPTS = sorted(UI.rglob("*.js"))
IMPORTED = re.compile(r"""\bfrom\s+["']([^"']+)["']|\bimport\s*\(?\s*["']([^"']+)["']""")


def _room(path: Path) -> str:
    return path.relative_to(UI).parts[0].removesuffix(".py")


@functools.cache
def _scripts_used(path: Path) -> list[Path]:
    """The modules that a script imports; what only its types come from is none."""
    code = re.sub(r"(?s:/\*.*?\*/)|^\s*//[^\n]*", "", path.read_text("utf-8"), flags=re.MULTILINE)
    names = [name for pair in IMPORTED.findall(code) for name in pair if name]
    assert all(name.startswith(".") for name in names), f"{path.name} imports what is not ours"
    return [(path.parent / name).resolve() for name in names]


def test_a_room_imports_only_from_the_rooms_below() -> None:
    for path in UI.rglob("*.py"):
        if path.parent == UI:
            continue
        room = _room(path)
        names = (name.split(".") for name in _imports(path))
        used = {name[2] for name in names if name[:2] == ["ganmodel", "ui"] and len(name) > 2}
        assert used - {room} <= ROOMS.get(room, {"shared", "http"}), path


def test_a_script_imports_only_its_own_room_and_what_all_share() -> None:
    for path in SCRIPTS:
        for used in _scripts_used(path):
            assert used.is_file(), f"{path}: {used}"
            assert _room(used) in {_room(path), "shared"}, path


def test_scripts_have_no_circle() -> None:
    below = {path: set(_scripts_used(path)) for path in SCRIPTS}
    while below:
        lowest = {path for path, uses in below.items() if not uses}
        assert lowest, f"a circle among {sorted(path.name for path in below)}"
        below = {path: uses - lowest for path, uses in below.items() if path not in lowest}


def test_a_script_is_checked_and_short() -> None:
    for path in SCRIPTS:
        lines = path.read_text("utf-8").splitlines()
        assert lines[0] == "// @ts-check", path
        assert len(lines) <= 250, path


def test_the_page_has_one_global() -> None:
    """What else a script put on `window` would be everybody's to change; one wraps what was."""
    name = r"(?!requestAnimationFrame)\w+"
    written = re.compile(
        rf"\b(?:window|globalThis)\.{name}\s*=[^=]|Object\.assign\(\s*(?:window|globalThis)"
    )
    found = [path.name for path in SCRIPTS if written.search(path.read_text("utf-8"))]
    assert found == ["hook.js"]
