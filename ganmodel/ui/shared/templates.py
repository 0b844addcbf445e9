"""The page's HTML, rendered once at launch: Jinja templates of the rooms, with their texts."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ganmodel.texts import words_of

_ENVIRONMENT = Environment(
    loader=PackageLoader("ganmodel", "ui"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def rendered(name: str, words: str, **values: Any) -> str:
    """A template such as "train/train.html", with `words`, a part of `texts`, and further values.

    Raises:
        jinja2.UndefinedError: the template names a text or a value that does not exist.
    """
    return _ENVIRONMENT.get_template(name).render(words=words_of(words), **values)
