"""The page's own HTML, CSS and JavaScript as files, and the functions that read them."""

import html
from collections.abc import Iterable
from importlib.resources import files

from ganmodel.texts import words_of


def read_asset(name: str) -> str:
    """The text of a file in this folder, or below it as "folder/name"."""
    return files(__name__).joinpath(*name.split("/")).read_text("utf-8")


def read_template(name: str, part: str) -> str:
    """A template with the words of a part of the page in the place of its @NAME@s, escaped.

    Raises:
        ValueError: the template has an @NAME@ that is no word of the part.
    """
    template = read_asset(name)
    for key, words in words_of(part).items():
        if isinstance(words, str):
            template = template.replace(f"@{key}@", html.escape(words))
    if "@" in template:
        start = template.index("@")
        raise ValueError(f"{name} asks for words that {part} lacks: {template[start : start + 40]}")
    return template


def read_scripts(names: Iterable[str]) -> str:
    """Several scripts as one, in this order: they share one scope."""
    return "\n".join(read_asset(name) for name in names)
