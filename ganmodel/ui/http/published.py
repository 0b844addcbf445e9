"""Publishes routes as endpoints of Gradio's API, from the models of the table.

An endpoint takes a request's values as arguments and, where a route needs one, the `token` first.
A value with parts is given as JSON text: the gate lets Gradio have no other values than plain ones,
since it takes some objects for files to fetch.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, get_args, get_origin

import gradio as gr
from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

from ganmodel.errors import KnownError
from ganmodel.ui.http.door import Door
from ganmodel.ui.http.route import Route
from ganmodel.ui.http.visitors import Who, owner_of

log = logging.getLogger(__name__)

PLAIN = (str, int, float, bool)  # the types of an argument that Gradio describes


def publish(door: Door) -> None:
    """Adds the published routes' endpoints to the current Blocks context."""
    for route in door.table.values():
        if route.published:
            gr.api(endpoint(door, route), api_name=route.name)


def endpoint(door: Door, route: Route) -> Callable[..., Awaitable[Any]]:
    """The function of a route's endpoint."""
    needs_token = route.who is not Who.ANYONE

    async def answer(*given: Any) -> Any:
        values = dict(zip(parameters, given, strict=True))
        owner = owner_of(str(values.pop("token"))) if needs_token else None
        try:
            values |= {name: _parsed(values[name]) for name in with_parts}
            found: BaseModel = await door.answer(route.name, values, owner)
        except KnownError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception:
            log.exception("%s failed", route.name)
            raise gr.Error(str(KnownError("unexpected")), print_exception=False) from None
        return found.model_dump(mode="json", exclude_unset=True, by_alias=True)

    parameters = {"token": _parameter("token", str)} if needs_token else {}
    for name, field in route.request.model_fields.items():
        default = inspect.Parameter.empty if field.is_required() else field.default
        kind = field.annotation if field.annotation in PLAIN else str
        parameters[name] = _parameter(name, kind, default)
    with_parts = [one for one, field in route.request.model_fields.items() if _has_parts(field)]
    answer.__name__ = route.name
    answer.__doc__ = route.function.__doc__
    returned = _returned(route.answer)
    answer.__signature__ = inspect.Signature([*parameters.values()], return_annotation=returned)
    answer.__annotations__ = {name: one.annotation for name, one in parameters.items()}
    return answer


def _has_parts(field: FieldInfo) -> bool:
    kinds = {get_origin(one) or one for one in (field.annotation, *get_args(field.annotation))}
    return not kinds.isdisjoint((dict, list))


def _parsed(text: Any) -> Any:
    """The value of a JSON text; anything else as it is, which the model judges."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        raise KnownError("bad-call") from None


def _returned(model: type[BaseModel]) -> type:
    """What an answer's model becomes as JSON values."""
    root = model.model_fields["root"].annotation if issubclass(model, RootModel) else dict
    return get_origin(root) or root


def _parameter(name: str, kind: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind
    )
