"""All that the product says stands in the catalogue by id, and all that stands there is said."""

from __future__ import annotations

import ast
import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

import ganmodel
from ganmodel.words import FORMATS, HOLE, catalogue, message, parts, say, with_texts, worded

PACKAGE = Path(ganmodel.__file__).parent
PAGE = PACKAGE / "ui"
TEMPLATES = sorted(path.relative_to(PAGE).as_posix() for path in PAGE.rglob("*.html"))
SCRIPTS = sorted(path.relative_to(PAGE).as_posix() for path in PAGE.rglob("*.js"))
LANGUAGES = sorted(path.stem for path in (PACKAGE / "words").glob("*.json"))
SAID = ("aria-label", "title", "alt", "placeholder")  # attributes that a person is told
# Letters that name things in formulas and on buttons, the same in every language.
NAMES = {"A", "B", "C", "D", "G", "x", "ganmodel", "×", "½×"}
ID = re.compile(rf"(?:{'|'.join(parts())})(?:\.[\w-]+)+")
SAYING = ("say", "message")  # functions of `words` that take an id
COMPUTED = r"[\w-]+"  # a part of an id that the source does not tell
ELSEWHERE = ("errors",)  # what is raised by code is checked by test_errors


class WordsIn(HTMLParser):
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
def test_a_template_holds_no_words_only_their_ids(name: str) -> None:
    template = (PAGE / name).read_text("utf-8")
    words = WordsIn()
    words.feed(re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " ", template, flags=re.DOTALL))
    assert words.found == []


def test_a_script_says_nothing_that_is_not_in_the_catalogue() -> None:
    """Strings that read like a sentence: a capital, a space, more letters."""
    for name in SCRIPTS:
        source = re.sub(r"^\s*//.*$", "", (PAGE / name).read_text("utf-8"), flags=re.M)
        strings = re.findall(r'"([^"\n]*)"', source)
        sentences = [s for s in strings if re.match(r"[A-Z][a-z]+ [a-z]+ ", s) and "${" not in s]
        assert sentences == [], name


@dataclass(frozen=True)
class Named:
    """An id that the code names: `ids` match it, which is a pattern where a part is computed.

    `holes`: the names that get values there; None where that is not in the source.
    """

    where: str
    ids: re.Pattern[str]
    holes: frozenset[str] | None = None


def _pattern(*pieces: str | None) -> re.Pattern[str]:
    """Of an id put together from texts and, for None, from what is computed."""
    return re.compile("".join(COMPUTED if one is None else re.escape(one) for one in pieces))


def is_whole(ids: re.Pattern[str]) -> bool:
    """Whether no part of it is computed."""
    return "+" not in ids.pattern


@functools.cache
def in_python() -> list[Named]:
    """Every id in the Python source: in calls of `SAYING`, and any other text that is one."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found += _called(node, where)
            elif isinstance(node, ast.Constant | ast.JoinedStr):
                found += [Named(where, ids) for ids in _texts(node) if _is_one(ids)]
    return found


def _called(node: ast.Call, where: str) -> Iterator[Named]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name not in SAYING or not node.args:
        return
    whole = all(keyword.arg for keyword in node.keywords)
    holes = frozenset(keyword.arg or "" for keyword in node.keywords) if whole else None
    for ids in _texts(node.args[0]):
        yield Named(f"{where}:{node.lineno}", ids, holes)


def _texts(node: ast.expr) -> list[re.Pattern[str]]:
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [_pattern(node.value)]
    if isinstance(node, ast.JoinedStr):
        return [
            _pattern(*(one.value if isinstance(one, ast.Constant) else None for one in node.values))
        ]
    return []


def _is_one(ids: re.Pattern[str]) -> bool:
    """Whether a text that no function of `words` gets is an id, of which all but the beginning may
    be computed."""
    begins = not ids.pattern.startswith(COMPUTED)
    return begins and any(ids.fullmatch(id) for id in catalogue())


@functools.cache
def in_page() -> list[Named]:
    """Every id in the page's scripts and templates."""
    found = []
    for name in SCRIPTS:
        source = (PAGE / name).read_text("utf-8")
        for match in re.finditer(r'\bwords\(\s*"([^"]+)"', source):
            holes = _holes_behind(source, match.end())
            found.append(Named(name, _pattern(match[1]), holes))
        for match in re.finditer(rf'"({ID.pattern})"', source):
            found.append(Named(name, _pattern(match[1])))
        for match in re.finditer(r"\bwordsFor\(\s*`([^`]+)`", source):
            found.append(Named(name, _computed(match[1], r"\$\{[^}]*\}")))
    for name in TEMPLATES:
        source = (PAGE / name).read_text("utf-8")
        for match in re.finditer(r'data-say[\w-]*="([^"]+)"', source):
            ids = _computed(match[1], r"\{\{[^}]*\}\}")
            if not ids.pattern.startswith(COMPUTED):  # from a table, which is in the Python source
                found.append(Named(name, ids, frozenset()))
    return found


def _computed(text: str, hole: str) -> re.Pattern[str]:
    pieces = re.split(hole, text)
    return re.compile(COMPUTED.join(map(re.escape, pieces)))


def _holes_behind(source: str, at: int) -> frozenset[str] | None:
    """The names in the object that follows an id in a call; None where it is no literal."""
    rest = source[at:].lstrip(" ,\n")
    if rest.startswith(")"):
        return frozenset()
    if not rest.startswith("{"):
        return None
    depth, top = 0, ""
    for letter in rest:
        depth -= letter in ")}]"
        if depth == 1:
            top += letter
        depth += letter in "({["
        if depth == 0:
            break
    if "..." in top:
        return None
    return frozenset(re.match(r"\s*(\w+)", one)[1] for one in top.split(",") if one.strip(" ;\n"))


def holes_of(entry: str | dict[str, str]) -> dict[str, str]:
    """The holes of an entry, by name, with their formats."""
    forms = [entry] if isinstance(entry, str) else [entry["one"], entry["other"]]
    return {name: form or "" for text in forms for name, form in HOLE.findall(text)}


def test_no_id_is_written_twice_in_the_file() -> None:
    """JSON would silently take the last."""
    text = (PACKAGE / "words" / "en.json").read_text("utf-8")
    names = [name for name, _ in json.loads(text, object_pairs_hook=list)]
    assert len(names) == len(set(names)) == len(catalogue())


def test_every_id_that_the_code_names_is_in_the_catalogue() -> None:
    missing = [
        f"{one.where} {one.ids.pattern}"
        for one in (*in_python(), *in_page())
        if not any(one.ids.fullmatch(id) for id in catalogue())
    ]
    assert missing == []


def test_every_id_of_the_catalogue_is_named_by_the_code() -> None:
    """Any other is work to translate for nobody."""
    patterns = {one.ids for one in (*in_python(), *in_page())}
    named = {id for id in catalogue() if any(ids.fullmatch(id) for ids in patterns)}
    unsaid = {id for id in catalogue() if id.partition(".")[0] not in ELSEWHERE} - named
    assert sorted(unsaid) == []


def test_what_is_said_gets_a_value_for_each_hole_and_no_others() -> None:
    wrong = [
        f"{one.where} {id}: {sorted(one.holes)} for {sorted(holes_of(entry))}"
        for one in (*in_python(), *in_page())
        if one.holes is not None and is_whole(one.ids)
        for id, entry in catalogue().items()
        if one.ids.fullmatch(id)
        and (set(holes_of(entry)) | ({entry["by"]} if isinstance(entry, dict) else set()))
        != one.holes
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_id_with_its_holes_and_known_formats(language: str) -> None:
    entries = catalogue(language)
    assert entries.keys() == catalogue().keys()
    for id, entry in entries.items():
        assert holes_of(entry).keys() == holes_of(catalogue()[id]).keys(), id
        assert all(FORMATS.fullmatch(form) for form in holes_of(entry).values()), id
        if isinstance(entry, dict):
            assert {"by", "other"} <= entry.keys()
            assert entry["by"] in holes_of(entry)


def test_numbers_are_written_as_their_hole_says() -> None:
    assert say("train.of-images", seen=1234, total=300_000) == "1,234 of 300,000 images"
    assert say("train.by-hand", steps=1) == "1 step by hand"
    assert say("train.by-hand", steps=2000) == "2,000 steps by hand"
    assert say("train.n-distance-value", value=9.96) == "10×"
    assert say("train.n-distance-value", value=1.04) == "1×"


def test_messages_are_worded_where_they_are_read_within_others_too() -> None:
    name = message("datasets.mnist.title")
    told = json.loads(json.dumps([message("page.by-class", data=name), "x.", ""]))
    assert worded(told) == "MNIST, by class x."
    assert say("page.made-room", titles=["a", "b"]).endswith("deleted: a, b.")


def test_what_another_version_wrote_is_shown_as_well_as_it_can_be() -> None:
    assert worded("Training stopped, as an earlier edition said it.").startswith("Training")
    assert "no.such-id" in worded({"id": "no.such-id", "values": {"n": 1}})
    assert worded({"id": "train.of-images"}) == "{seen:,} of {total:,} images"
    with pytest.raises(KeyError):
        message("no.such-id")


def test_only_texts_of_somebodys_are_changed_in_words() -> None:
    told = [message("page.by-class", data="/data/x"), "/data/x"]
    assert with_texts(told, str.upper) == [message("page.by-class", data="/DATA/X"), "/DATA/X"]


def test_a_distance_is_told_in_times_everywhere() -> None:
    """As "9×", on the page and the command line: a letter R told nobody what it stands for."""
    told = {id: entry for id, entry in catalogue().items() if re.search(r"[}\d] R\b", str(entry))}
    assert told == {}
