"""YAML as text with places: every value keeps its line and its key path.

Nothing is constructed and nothing is guessed: a scalar stays the text that was written, so
that `0.02` never passes through a float and `NO` never becomes false. What any key means does
not belong here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from pipelines.config.errors import ConfigError, Problem

MAX_BYTES = 1 << 20
MAX_DEPTH = 20
MAX_VALUES = 100_000

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("bool", "float", "int", "map", "null", "seq", "str", "timestamp", "value")
)


@dataclass(frozen=True)
class Scalar:
    """A value as written; None for an empty one or `null`."""

    text: str | None
    line: int
    path: str


@dataclass(frozen=True)
class Sequence:
    """A list of values."""

    items: tuple[Node, ...]
    line: int
    path: str


@dataclass(frozen=True)
class Mapping:
    """Keys and values; `key_lines` says where each key stands."""

    entries: dict[str, Node]
    line: int
    path: str
    key_lines: dict[str, int] = field(default_factory=dict)


Node: TypeAlias = Scalar | Sequence | Mapping
Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"


def read_yaml(text: str, where: str) -> Node:
    """Read one YAML document.

    Returns:
        Its root; an empty document is an empty scalar.

    Raises:
        ConfigError: it is not YAML, repeats a key, is nested or expands beyond reason, or
            uses a feature that a configuration has no need of (tags, merge keys).
    """
    try:
        try:  # in C, where PyYAML has it: a tenth of the time
            root = _compose(text, where, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.YAMLError:  # said in the same words everywhere
            root = _compose(text, where, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        # The error's own text quotes the file, which may hold a secret.
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise ConfigError([Problem(where, f"not valid YAML: {error.problem}", line)]) from None
    except yaml.YAMLError:
        raise ConfigError([Problem(where, "not valid YAML: it has control characters")]) from None
    reader = _Reader(where)
    node = reader.read(root, "") if root is not None else Scalar(None, 1, "")
    if reader.problems:
        raise ConfigError(reader.problems)
    return node


def read_yaml_file(path: Path, what: str, *, missing: str) -> Node:
    """Read one YAML document from a file.

    `missing`: what to say where it is not there.

    Raises:
        ConfigError: it cannot be read, is no text, or no such document as `read_yaml` reads.
    """
    where = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError([Problem(where, missing)]) from None
    except OSError as error:
        raise ConfigError([Problem(where, f"cannot be read: {error.strerror}")]) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError([Problem(where, f"larger than {MAX_BYTES >> 20} MiB: not {what}")])
    try:
        return read_yaml(raw.decode("utf-8-sig"), where)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8: byte 0x{raw[error.start]:02x}"
        raise ConfigError([Problem(where, message, line)]) from None


def without_places(node: Node) -> Plain:
    """Return the value without its places."""
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [without_places(item) for item in node.items]
        case Mapping():
            return {key: without_places(value) for key, value in node.entries.items()}


def _compose(text: str, where: str, loader: Any) -> yaml.Node | None:
    """Compose the nodes of a document; deep nesting is refused before, since it recurses."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ConfigError([Problem(where, f"nested deeper than {MAX_DEPTH} levels")])
    return yaml.compose(text, Loader=loader)


class _Reader:
    """Turns composed nodes into ones with places; collects problems on the way."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.problems: list[Problem] = []
        self._values = 0

    def read(self, node: yaml.Node, path: str) -> Node:
        self._values += 1
        line = node.start_mark.line + 1
        # An alias repeats what it names: a few lines can expand to more than memory holds.
        if self._values > MAX_VALUES or path.count(".") + path.count("[") > MAX_DEPTH:
            raise ConfigError([Problem(self.where, "aliases expand beyond reason", line)])
        if node.tag not in _PLAIN_TAGS:
            self.problems.append(Problem(self.where, "YAML tags are not supported", line, path))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, line)
        if isinstance(node, yaml.SequenceNode):
            items = tuple(self.read(item, f"{path}[{i}]") for i, item in enumerate(node.value))
            return Sequence(items, line, path)
        empty = node.tag == "tag:yaml.org,2002:null"
        return Scalar(None if empty else str(node.value), line, path)

    def _mapping(self, node: yaml.MappingNode, path: str, line: int) -> Mapping:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key, key_line, value in self._keys(node, path):
            inner = f"{path}.{key}" if path else key
            if key in entries:
                message = f"the key is there twice, first on line {lines[key]}; keep one"
                self.problems.append(Problem(self.where, message, key_line, inner))
                continue
            entries[key] = self.read(value, inner)
            lines[key] = key_line
        return Mapping(entries, line, path, lines)

    def _keys(self, node: yaml.MappingNode, path: str) -> Iterator[tuple[str, int, yaml.Node]]:
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag == "tag:yaml.org,2002:merge":
                message = "merge keys (<<) are not supported; use `defaults`, or repeat the keys"
            elif not isinstance(key, yaml.ScalarNode):
                message = "a key must be a plain word"
            else:
                yield str(key.value), line, value
                continue
            self.problems.append(Problem(self.where, message, line, path))
