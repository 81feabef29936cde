"""From a validator's errors to problems that name line, key and remedy."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from pipelines.config.errors import Problem
from pipelines.config.partners import FeedPartner, OcpiPartner
from pipelines.config.values import RefusedValue
from pipelines.config.yaml_nodes import Mapping, Node, Scalar, Sequence

_SECRET_KEY = re.compile(r"token(_[abc])?|secret|password|authori[sz]ation|api_?key|credentials?")
_SHAPES = {
    "tuple_type": "a list",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "dict_type": "keys and values",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
}


def explain(error: ErrorDetails, root: Node, model: type[BaseModel], where: str) -> Problem:
    """Make one problem of one validation error."""
    steps = [step for step in error["loc"] if step != "[key]"]
    *outer, last = steps or [""]
    if error["type"] == "missing":
        holder = _follow(root, outer)
        fields = _fields(model, outer)
        message = f"is missing; expected {fields[str(last)].description}"
        return Problem(where, message, holder.line, _join(holder.path, last))
    if error["type"] == "extra_forbidden" or error["loc"][-1:] == ("[key]",):
        holder = _follow(root, outer)
        line = holder.key_lines.get(str(last)) if isinstance(holder, Mapping) else None
        if error["type"] == "extra_forbidden":
            message = _unknown_key(str(last), list(_fields(model, outer)), model)
        else:
            message = f"expected {_cause(error)}"
        return Problem(where, message, line or holder.line, _join(holder.path, last))
    node = _follow(root, steps)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, RefusedValue):
        return Problem(where, str(cause), node.line, node.path)
    return Problem(where, f"expected {_cause(error)}, found {describe(node)}", node.line, node.path)


def describe(node: Node) -> str:
    """Describe the value at a place, short enough for a message."""
    match node:
        case Scalar(text=None):
            return "nothing"
        case Scalar(text=str() as text):
            return repr(text if len(text) <= 60 else f"{text[:57]}...")
        case Sequence():
            return "a list"
        case _:
            return "keys and values"


def suggestion(word: str, known: list[str]) -> str:
    """Hint at the nearest known word, or at nothing."""
    close = get_close_matches(word.lower().replace("-", "_"), known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _unknown_key(key: str, known: list[str], model: type[BaseModel]) -> str:
    if model is OcpiPartner and key in FeedPartner.model_fields:
        return "only a partner of kind feed has this key"
    if model is FeedPartner and key in OcpiPartner.model_fields:
        return "only a partner of kind ocpi or hub has this key"
    if _SECRET_KEY.fullmatch(key.lower().replace("-", "_")):
        return (
            "a secret must not be in this file; put it into an environment variable and write "
            "the variable's name as token_env"
        )
    hint = suggestion(key, known) or f"; expected one of {', '.join(sorted(known))}"
    return f"unknown key{hint}"


def _cause(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if error["type"] == "literal_error":
        return str(context["expected"]).replace("'", "")
    return _SHAPES.get(error["type"]) or str(context.get("error", "a text"))


def _follow(root: Node, steps: list[int | str]) -> Node:
    node = root
    for step in steps:
        if isinstance(node, Mapping) and str(step) in node.entries:
            node = node.entries[str(step)]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
    return node


def _fields(model: type[BaseModel], steps: list[int | str]) -> dict[str, FieldInfo]:
    fields = model.model_fields
    for step in steps:
        if isinstance(step, int):
            continue  # a place in a list: the list's own key said what is in it
        annotation = fields[step].annotation
        inner = next(iter(get_args(annotation)), annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            fields = inner.model_fields
    return fields


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
