"""Reads a partners file: YAML → values with places → defaults merged → validated partners."""

import re
from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from pipelines.config.errors import ConfigError, Problem
from pipelines.config.partners import (
    CommonKeys,
    Defaults,
    FeedPartner,
    OcpiPartner,
    Partner,
    Partners,
    ReceiverKeys,
)
from pipelines.config.values import RefusedValue
from pipelines.config.yaml_nodes import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    read_yaml_file,
    without_places,
)

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


_KINDS: dict[str, type[OcpiPartner] | type[FeedPartner]] = {
    "ocpi": OcpiPartner,
    "hub": OcpiPartner,
    "feed": FeedPartner,
}
_TOP = ("defaults", "receiver", "partners")
_NO_FILE = "there is no such file; copy data/partners.example.yaml and edit it"
_M = TypeVar("_M", bound=BaseModel)


def load_partners(path: Path, *, only: Iterable[str] = ()) -> Partners:
    """Read and check a partners file.

    `only`: names of the partners to ask; none: all.

    Returns:
        All partners, in the order of the file.

    Raises:
        ConfigError: with every problem of the file, or every unknown name.
    """
    where = str(path)
    root = read_yaml_file(path, "a partners file", missing=_NO_FILE)
    partners, receiver, problems = _read_file(root, path.absolute().parent, where)
    if problems:
        # A fault in `defaults` shows up in every partner that inherits it: say it once.
        in_order = sorted(problems, key=lambda problem: problem.line or 0)
        raise ConfigError(dict.fromkeys(in_order))
    wanted = set(only)
    unknown = sorted(wanted - {partner.name for partner in partners})
    if unknown:
        names = [partner.name for partner in partners]
        raise ConfigError(_unknown_name(where, name, names) for name in unknown)
    return Partners(path, tuple(partners), frozenset(wanted), receiver)


def _read_file(
    root: Node, folder: Path, where: str
) -> tuple[list[Partner], ReceiverKeys | None, list[Problem]]:
    if not isinstance(root, Mapping):
        message = f"expected the keys defaults and partners, found {describe(root)}"
        return [], None, [Problem(where, message, root.line)]
    problems = [
        Problem(where, f"unknown key{suggestion(key, list(_TOP))}", line, key)
        for key, line in root.key_lines.items()
        if key not in _TOP
    ]
    reader = _PartnerReader(folder, where, problems)
    defaults = root.entries.get("defaults")
    if defaults is not None:
        reader.validate(Defaults, defaults)
    ours = root.entries.get("receiver")
    receiver = None if ours is None else reader.validate(ReceiverKeys, ours)
    listed = root.entries.get("partners", Scalar(None, root.line, "partners"))
    if not isinstance(listed, Sequence) or not listed.items:
        got = "an empty one" if isinstance(listed, Sequence) else describe(listed)
        message = f"expected a list of at least one partner, found {got}"
        problems.append(Problem(where, message, listed.line, "partners"))
        return [], receiver, problems
    inherited = defaults if isinstance(defaults, Mapping) else Mapping({}, root.line, "defaults")
    read = [reader.read(item, inherited) for item in listed.items]
    _refuse_repeated_names(listed, where, problems)
    return [partner for partner in read if partner is not None], receiver, problems


class _PartnerReader:
    """Reads one partner after another, collecting problems."""

    def __init__(self, folder: Path, where: str, problems: list[Problem]) -> None:
        self.folder = folder
        self.where = where
        self.problems = problems

    def read(self, node: Node, defaults: Mapping) -> Partner | None:
        """Read a partner; None where something is wrong with it."""
        if not isinstance(node, Mapping):
            self._fail(f"expected keys and values, found {describe(node)}", node)
            return None
        kind = node.entries.get("kind")
        model = _KINDS.get(kind.text or "") if isinstance(kind, Scalar) else None
        if model is None:
            self._fail_kind(node, kind)
            guess = (
                "feed"
                if {"locations_url", "tariffs_url", "tokens_url"} & set(node.entries)
                else "ocpi"
            )
            model = _KINDS[guess]
            node = _with(node, "kind", Scalar(guess, node.line, f"{node.path}.kind"))
        partner = self.validate(model, _inherit(node, defaults, model))
        if isinstance(partner, FeedPartner) and not partner.urls:
            self._fail("a feed needs locations_url, tariffs_url or tokens_url", node)
        if isinstance(partner, OcpiPartner) and partner.kind == "hub" and partner.party is None:
            self._fail("a hub needs party: who we are, such as NL/EMS", node)
        return partner

    def validate(self, model: type[_M], node: Node) -> _M | None:
        """Return the validated value, or None with its problems noted."""
        try:
            return model.model_validate(without_places(node), context={"folder": self.folder})
        except ValidationError as error:
            self.problems.extend(
                explain(detail, node, model, self.where) for detail in error.errors()
            )
            return None

    def _fail_kind(self, node: Mapping, kind: Node | None) -> None:
        if kind is None:
            message, line = "is missing; expected ocpi, hub or feed", node.line
        else:
            hint = suggestion(kind.text or "", list(_KINDS)) if isinstance(kind, Scalar) else ""
            message, line = f"expected ocpi, hub or feed, found {describe(kind)}{hint}", kind.line
        self.problems.append(Problem(self.where, message, line, f"{node.path}.kind"))

    def _fail(self, message: str, node: Node) -> None:
        self.problems.append(Problem(self.where, message, node.line, node.path))


def _inherit(node: Mapping, defaults: Mapping, model: type[BaseModel]) -> Mapping:
    """Fill in what a partner does not say from `defaults`, where that concerns it.

    A feed takes only what every connection has: an OCPI page's bounds would not fit a file.
    """
    heirs = CommonKeys if issubclass(model, FeedPartner) else Defaults
    known = {key: value for key, value in defaults.entries.items() if key in heirs.model_fields}
    return _merge(replace(defaults, entries=known), node)


def _merge(under: Mapping, over: Mapping) -> Mapping:
    """Merge two mappings at every depth; where both have a key, `over` wins."""
    entries = dict(under.entries)
    for key, value in over.entries.items():
        below = entries.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            value = _merge(below, value)
        entries[key] = value
    return replace(over, entries=entries, key_lines={**under.key_lines, **over.key_lines})


def _with(node: Mapping, key: str, value: Node) -> Mapping:
    return replace(node, entries={**node.entries, key: value})


def _refuse_repeated_names(listed: Sequence, where: str, problems: list[Problem]) -> None:
    first: dict[str, int] = {}
    for item in listed.items:
        name = item.entries.get("name") if isinstance(item, Mapping) else None
        if not isinstance(name, Scalar) or name.text is None:
            continue
        if name.text in first:
            message = f"{name.text} is the name of the partner on line {first[name.text]}, too"
            problems.append(Problem(where, message, name.line, name.path))
        first.setdefault(name.text, name.line)


def _unknown_name(where: str, name: str, known: list[str]) -> Problem:
    hint = suggestion(name, known) or f"; it has {', '.join(known)}"
    return Problem(where, f"there is no partner {name!r}{hint}")
