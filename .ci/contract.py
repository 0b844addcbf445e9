"""Writes what the page tells its scripts as JSON, from which the type checker knows every name, and
the models of all routes as a JSON schema, of which `json2ts` makes their types."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from ganmodel.ui.contract import contract, words
from ganmodel.ui.http.asks import File
from ganmodel.ui.routes import ROUTES
from ganmodel.words import of_parts

TYPES = Path(__file__).parent / "types"


def routes() -> dict[str, Any]:
    """A schema with the question and the answer of every route, by its name."""
    asks: list[tuple[type[BaseModel], JsonSchemaMode]] = []
    for route in ROUTES:
        asks.append((route.request, "validation"))
        if route.answer is not File:
            asks.append((route.answer, "serialization"))
    refs, schema = models_json_schema(asks, ref_template="#/definitions/{model}")
    for definition in schema["$defs"].values():
        for told in definition.get("properties", {}).values():
            told.pop("title", None)  # or each would become a type of its own
            told.pop("default", None)

    def pair(route: Any) -> dict[str, Any]:
        question = refs[route.request, "validation"]
        answer = {} if route.answer is File else refs[route.answer, "serialization"]
        return _whole({"question": question, "answer": answer})

    table = {route.name: pair(route) for route in ROUTES}
    return {"title": "Routes", **_whole(table), "definitions": schema["$defs"]}


def _whole(properties: dict[str, Any]) -> dict[str, Any]:
    """An object that has these properties and no others."""
    closed = {"type": "object", "required": [*properties], "additionalProperties": False}
    return {**closed, "properties": properties}


TYPES.mkdir(exist_ok=True)
said = {**words(), **of_parts("errors")}
for name, told in (("contract", contract()), ("words", said), ("routes", routes())):
    (TYPES / f"{name}.json").write_text(json.dumps(told))
