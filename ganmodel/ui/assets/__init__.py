"""The page's own HTML, CSS and JavaScript as files, and the one function that reads them."""

from importlib.resources import files


def read_asset(name: str) -> str:
    """The text of a file in this folder."""
    return files(__name__).joinpath(name).read_text("utf-8")
