"""The catalogue of errors: every code that is raised has its sentence, whose holes are filled."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import ganmodel
from ganmodel.errors import PREFIX, KnownError
from ganmodel.hosting.bodies import MisunderstoodError
from ganmodel.words import HOLE, of_parts

ROOT = Path(ganmodel.__file__).parent
ERRORS = {id.removeprefix(PREFIX): entry for id, entry in of_parts("errors").items()}
# First arguments that are no literal, and why; those that name codes, with the codes.
SENTENCES = {"data/pictures.py": "why one picture was left out"}
ANOTHER_ERRORS = {  # code of an error that was caught
    "hosting/gate.py",
    "runs/folder.py",
    "runs/starts.py",
}
CHOSEN = {
    "hosting/crowd.py": {"queue-full", "queue-full-here"},
    "ui/http/errors.py": {"number-too-low", "number-too-high"},
}
# Those that nobody raises by their code.
MADE_ELSEWHERE = {"said": "by `KnownError` itself"}


@dataclass(frozen=True)
class Made:
    """One place where an error is made; no `codes` where they are not in the source."""

    module: str
    line: int
    codes: frozenset[str]
    keywords: frozenset[str] | None  # None: others than those in the source may be given

    def __str__(self) -> str:
        return f"{self.module}:{self.line}"


def subclasses(kind: type) -> Iterator[type]:
    yield kind
    for under in kind.__subclasses__():
        yield from subclasses(under)


def literals(node: ast.expr | None) -> frozenset[str]:
    """The texts that an expression can be, where the source tells."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return frozenset({node.value})
    if isinstance(node, ast.IfExp):
        both = literals(node.body), literals(node.orelse)
        return both[0] | both[1] if all(both) else frozenset()
    return frozenset()


def all_made() -> list[Made]:
    for module in walk_packages([str(ROOT)], "ganmodel."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    names = {kind.__name__ for kind in (*subclasses(KnownError), MisunderstoodError)}
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            called = getattr(call.func, "id", getattr(call.func, "attr", None))
            if called not in names or (called == "MisunderstoodError" and not call.args):
                continue
            keywords = [keyword.arg for keyword in call.keywords]
            found.append(
                Made(
                    path.relative_to(ROOT).as_posix(),
                    call.lineno,
                    literals(call.args[0] if call.args else None),
                    None if None in keywords else frozenset(keywords),
                )
            )
    return found


MADE = all_made()


def holes_of(code: str) -> frozenset[str]:
    return frozenset(name for name, _ in HOLE.findall(_longest(code)))


def _longest(code: str) -> str:
    entry = ERRORS[code]
    return entry if isinstance(entry, str) else entry["other"]


@pytest.mark.parametrize("made", [one for one in MADE if one.codes], ids=str)
def test_a_code_that_is_raised_has_a_sentence_whose_holes_are_all_filled(made: Made) -> None:
    assert made.codes <= ERRORS.keys()
    for code in made.codes if made.keywords is not None else ():
        assert made.keywords == holes_of(code)


def test_where_no_code_is_in_the_source_it_is_known_why() -> None:
    without = {made.module for made in MADE if not made.codes}
    assert without <= SENTENCES.keys() | ANOTHER_ERRORS | CHOSEN.keys()
    assert SENTENCES.keys() | CHOSEN.keys() <= without


def test_every_sentence_is_needed() -> None:
    raised = {code for made in MADE for code in made.codes}.union(*CHOSEN.values())
    assert ERRORS.keys() == raised | MADE_ELSEWHERE.keys()


@pytest.mark.parametrize("code", ERRORS)
def test_a_sentence_is_whole_with_its_holes_filled(code: str) -> None:
    told = str(KnownError(code, **dict.fromkeys(holes_of(code), 1234.5)))
    assert "{" not in told
    assert "}" not in told
    assert told.endswith((".", "1234.5"))


def test_an_unknown_code_is_taken_for_a_sentence_and_lists_are_words() -> None:
    error = KnownError("There is no more of it.")
    assert (error.code, str(error)) == ("said", "There is no more of it.")
    assert str(KnownError("no-such-data", names=["mnist", "kmnist"])).endswith("mnist, kmnist.")
