"""What Python tells the page's scripts: each name is defined once there, and read by a script."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

from ganmodel.ui.contract import NOT_SENT, as_html, contract, words
from ganmodel.ui.routes import ROUTES
from ganmodel.words import catalogue

UI = Path(str(files("ganmodel.ui")))
SOURCES = {path.relative_to(UI).as_posix(): path.read_text("utf-8") for path in UI.rglob("*.js")}
COMMENT = re.compile(r"(?s:/\*.*?\*/)|^\s*//[^\n]*", re.MULTILINE)
CODE = "\n".join(COMMENT.sub("", source) for source in SOURCES.values())
TOLD = contract()


def test_every_name_of_the_contract_is_read_by_a_script() -> None:
    read = set(re.findall(r"(?<!/)\bcontract\.(\w+)", CODE))
    read |= {
        name.strip().split(":")[0]
        for names in re.findall(r"const \{([^}]*)\} = contract;", CODE)
        for name in names.split(",")
    }
    assert set(TOLD) - read == set()
    assert read - set(TOLD) == set()


def test_every_route_is_asked_by_a_script_or_for_programs_and_every_script_asks_routes() -> None:
    asked = set(re.findall(r"\broutes\.(\w+)", CODE))
    asked |= set(re.findall(r"""\b(?:ask|file|lines)\(\s*["'](\w+)["']""", CODE))
    assert asked <= set(TOLD["routes"])
    named = set(re.findall(r"""["'](\w+)["']""", CODE))
    for_programs = {route.name for route in ROUTES if route.published}
    assert set(TOLD["routes"]) - named - asked == for_programs - named


def test_no_script_types_a_route_or_a_prefix_again() -> None:
    """What both sides must know is sent: a second spelling would be changed on one side alone."""
    sent = {value for key, value in TOLD.items() if key.endswith(("Prefix", "Header"))}
    sent |= {*TOLD["routes"].values(), TOLD["firstBundled"]}
    long = [value for value in sent if len(value) > 1]
    typed = {
        name: [text for text in strings if any(value in text for value in long)]
        for name, source in SOURCES.items()
        if (strings := re.findall(r"""["'`]([^"'`\n]*)["'`]""", source))
    }
    assert {name: texts for name, texts in typed.items() if texts} == {}


def test_columns_are_read_by_name_and_not_by_place() -> None:
    """The curves' rows are lists; a bare index means another column once one is added before it."""
    for name, source in SOURCES.items():
        assert not re.search(r"\brow\[[1-9]\d*\]", source), name


def test_nothing_that_is_told_can_end_its_element() -> None:
    """A run's title or a class's address may hold anything."""
    told = {"text": "</script><script>alert(1)</script> & \u2028"}
    written = as_html(told, "some")
    assert written.count("<") == 2
    assert json.loads(written[written.index(">") + 1 : written.rindex("<")]) == told


def test_all_words_are_sent_but_those_of_errors_and_of_the_command_line() -> None:
    left_out = catalogue().keys() - words().keys()
    assert {id.partition(".")[0] for id in left_out} == set(NOT_SENT)
