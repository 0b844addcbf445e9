"""The project's own files agree with each other and know no particular machine."""

from __future__ import annotations

import re
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


def test_every_package_folder_is_named_for_the_build() -> None:
    """setuptools is told the packages by name, and would silently leave a new one out."""
    named = tomllib.loads(pyproject.read_text())["tool"]["setuptools"]["packages"]
    found = {
        ".".join(p.parent.relative_to(ROOT).parts) for p in ROOT.glob("ganmodel/**/__init__.py")
    }
    assert found <= set(named)  # weights/ is mapped in beside them


def test_no_file_names_a_path_of_one_machine() -> None:
    # Written in two parts, so that this file does not find itself.
    pattern = re.compile("|".join(["/wo" + "rk/", "/opt/" + "venv", "/ro" + "ot/", "/ho" + "me/"]))
    for folder in ("ganmodel", "tests", "benchmarks", "."):
        for path in (ROOT / folder).glob("*" if folder == "." else "**/*"):
            if path.suffix in (".py", ".toml", ".md", ".js", ".css", ".html", ".txt"):
                found = pattern.search(path.read_text("utf-8"))
                assert found is None, f"{path.relative_to(ROOT)} names {found.group()}"


def test_every_source_module_has_a_docstring_of_its_own() -> None:
    for path in (ROOT / "ganmodel").rglob("*.py"):
        assert path.read_text("utf-8").startswith('"""'), path.relative_to(ROOT)
