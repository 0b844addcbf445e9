"""The page's HTML, rendered once at launch for every language: Jinja templates of the rooms.

They name their words by id, as `early.js` says, which puts them in.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=PackageLoader("ganmodel", "ui"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def rendered(name: str, **values: Any) -> str:
    """A template such as "train/train.html".

    Raises:
        jinja2.UndefinedError: the template names a value that does not exist.
    """
    return _ENVIRONMENT.get_template(name).render(**values)
