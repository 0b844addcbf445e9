"""All that the page says stands in `texts`; its templates and scripts hold no words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from ganmodel import texts

ASSETS = Path(str(files("ganmodel.ui")))
TEMPLATES = sorted(path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*.html"))
SCRIPTS = sorted(path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*.js"))
SAID = ("aria-label", "title", "alt", "placeholder")  # attributes that a person is told
# Letters that name things in formulas and on buttons, the same in every language.
NAMES = {"A", "B", "C", "D", "G", "x", "ganmodel", "×", "½×"}


class Words(HTMLParser):
    """Collects what a template itself would say."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self._note(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SAID and value:
                self._note(value)

    def _note(self, text: str) -> None:
        self.found += [w for w in re.findall(r"[^\W\d_]{2,}|[A-Z]\b", text) if w not in NAMES]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_holds_no_words_only_their_names(name: str) -> None:
    template = (ASSETS / name).read_text("utf-8")
    words = Words()
    words.feed(re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " ", template, flags=re.DOTALL))
    assert words.found == []


def test_a_script_says_nothing_that_is_not_in_texts() -> None:
    """Strings that read like a sentence: a capital, a space, more letters."""
    for name in SCRIPTS:
        source = re.sub(r"^\s*//.*$", "", (ASSETS / name).read_text("utf-8"), flags=re.M)
        strings = re.findall(r'"([^"\n]*)"', source)
        sentences = [s for s in strings if re.match(r"[A-Z][a-z]+ [a-z]+ ", s) and "${" not in s]
        assert sentences == [], name


@pytest.mark.parametrize("part", texts.PARTS)
def test_every_hole_in_a_text_has_a_name(part: str) -> None:
    for name, said in texts.words_of(part).items():
        if isinstance(said, str):
            holes = re.findall(r"\{([^}]*)\}", said)
            assert all(re.fullmatch(r"[A-Za-z_]\w*", hole) for hole in holes), name


@pytest.mark.parametrize("part", texts.PARTS)
def test_every_text_of_a_part_is_said_somewhere(part: str) -> None:
    """In a script, a template, or what builds them: any other is work to translate for nobody."""
    said = "\n".join(
        path.read_text("utf-8")
        for path in ASSETS.rglob("*")
        if path.suffix in (".js", ".html", ".py")
    )
    names = [name for name in texts.words_of(part) if not re.search(rf"\b{name}\b", said)]
    assert names == []


# The words that scripts say whose names begin so.
SPOKEN = {
    "runs_drawer/": "drawer",
    "train/form/own_": "pictures",
    **{f"train/form/{name}.js": "pictures" for name in ("picking", "sending", "smaller")},
    "train/form/": "form",
    "playground/": "playground",
    "train/": "train",
}


def test_what_a_script_says_has_words() -> None:
    """A name without them would be read as nothing, and the page would say "undefined"."""
    for name in (name for name in SCRIPTS if not name.startswith("shared/")):
        source = (ASSETS / name).read_text("utf-8")
        known = (part for begin, part in SPOKEN.items() if name.startswith(begin))
        part = next(known, name.split("/")[0])
        names = set(re.findall(r"(?<!\.)\bwords\.([A-Z_]+)\b", source))
        assert names <= texts.words_of(part).keys()


def test_a_distance_is_told_in_times_everywhere() -> None:
    """As "9×", on the page and the command line: a letter R told nobody what it stands for."""
    sources = [*ASSETS.parent.glob("texts/*.py"), *ASSETS.parent.glob("cli/*.py")]
    told = {path.stem: re.findall(r"[}\d] R\b", path.read_text("utf-8")) for path in sources}
    assert not any(told.values()), told
