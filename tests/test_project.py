"""The project's own files agree with each other and know no particular machine."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pyproject = ROOT / "pyproject.toml"


def test_requirements_txt_equals_the_projects_dependencies() -> None:
    """A Space installs requirements.txt and nothing else."""
    path = ROOT / "requirements.txt"
    if not path.exists():
        pytest.skip("there is no requirements.txt yet")
    lines = [line.split("#")[0].strip() for line in path.read_text().splitlines()]
    wanted = tomllib.loads(pyproject.read_text())["project"]["dependencies"]
    assert sorted(filter(None, lines)) == sorted(wanted)


def test_every_package_folder_is_found_by_the_build() -> None:
    """What setuptools finds here, `pip install` installs; anything else it leaves out silently."""
    asked = [sys.executable, "setup.py", "--quiet", "egg_info", "--egg-base"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*asked, folder], cwd=ROOT, check=True, capture_output=True)
        sources = Path(folder, "ganmodel.egg-info", "SOURCES.txt").read_text().splitlines()
    packaged = {str(path.relative_to(ROOT)) for path in ROOT.glob("ganmodel/**/*.py")}
    assert packaged <= set(sources)
    assert {"ganmodel/ui/train/main.js", "weights/README.md"} <= set(sources)


def test_no_file_names_a_path_of_one_machine() -> None:
    # Written in two parts, so that this file does not find itself.
    pattern = re.compile("|".join(["/wo" + "rk/", "/opt/" + "venv", "/ro" + "ot/", "/ho" + "me/"]))
    for folder in ("ganmodel", "tests", "benchmarks", "."):
        for path in (ROOT / folder).glob("*" if folder == "." else "**/*"):
            if path.suffix in (".py", ".toml", ".md", ".js", ".css", ".html", ".txt"):
                found = pattern.search(path.read_text("utf-8"))
                assert found is None, f"{path.relative_to(ROOT)} names {found.group()}"


def test_the_readmes_walk_names_files_that_exist_each_once() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    walk = readme[readme.index("### From Start to the first row") : readme.index("## What comes")]
    named = re.findall(r"`([a-z_/]+/[a-z_]+\.(?:py|js)|places\.py|latents\.py)`", walk)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / "ganmodel" / name).is_file()] == []
    assert [name for name in named if named.count(name) > 1] == []


def test_every_source_module_has_a_docstring_of_its_own() -> None:
    for path in (ROOT / "ganmodel").rglob("*.py"):
        assert path.read_text("utf-8").startswith('"""'), path.relative_to(ROOT)


def test_no_test_waits_for_seconds_or_gives_up_after_a_few() -> None:
    """Beside other work, what takes one second alone takes twenty. Tests wait for what they mean,
    at most for PATIENCE, see `tests.patient`."""
    waits = r"wait_for_timeout\(|timeout=[\d._]+[,)]|\.(?:wait|join|result)\([\d._]+\)"
    for path in (ROOT / "tests").rglob("*.py"):
        found = re.search(waits, path.read_text("utf-8"))
        assert found is None, f"{path.relative_to(ROOT)}: {found.group()}"
