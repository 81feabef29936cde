"""XML from partners, read as hostile: no document type, no entity, nothing from elsewhere, bounded.

A document type, and with it every entity, can only be declared ahead of the root: what stands there
is looked at first, and the document is parsed only if there is none. It is read as a stream: each
line is handed over, and let go, as it is complete.
"""

import io
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, ParseError, iterparse
from xml.parsers import expat

from models.settle.received import UnreadableInvoice

MAX_LINES = 1_000_000
_LONGEST = 1000
_LONGEST_PROLOG = 1 << 20
_CHUNK = 1 << 14

Row = dict[str, Any]


def read_stream(
    data: bytes, line_tags: frozenset[str], read_line: Callable[[Element], Row]
) -> tuple[Element, list[Row]]:
    """Parse a document.

    `line_tags`: tags of lines, with their namespaces.

    Returns:
        The root without its lines, and a row for each line, in order.

    Raises:
        UnreadableInvoice: it is no well-formed XML, declares a document type or entities, or has
            too many lines.
    """
    root_tag(data)
    rows: list[Row] = []
    try:
        events = iterparse(io.BytesIO(data), events=("end",))  # noqa: S314 - see root_tag
        node = None
        for _, node in events:
            if node.tag in line_tags:
                rows.append(read_line(node))
                node.clear()
                if len(rows) > MAX_LINES:
                    raise UnreadableInvoice(f"more than {MAX_LINES:,} lines")
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableInvoice(f"no well-formed XML: {error}") from None
    if node is None:
        raise UnreadableInvoice("an empty document")
    return node, rows


class _Found(Exception):
    """The root has begun."""


def root_tag(data: bytes) -> str:
    """Return the tag of the document's root, with its namespace; what follows is not looked at.

    Raises:
        UnreadableInvoice: it is no XML, or declares a document type or entities.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    found: list[str] = []

    def begin(name: str, _attributes: object) -> None:
        found.append(f"{{{name}" if "}" in name else name)
        raise _Found

    def refuse(*_declared: object) -> None:
        raise UnreadableInvoice(
            "the XML declares a document type or entities, which no invoice needs"
        )

    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        for start in range(0, min(len(data), _LONGEST_PROLOG), _CHUNK):
            parser.Parse(data[start : start + _CHUNK], False)
    except _Found:
        return found[0]
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise UnreadableInvoice(f"no well-formed XML: {error}") from None
    raise UnreadableInvoice("no XML: it has no root")


def node_at(node: Element, *path: str) -> Element | None:
    """Return the first node at a path of tags below `node`."""
    found: Element | None = node
    for tag in path:
        if found is None:
            return None
        found = found.find(tag)
    return found


def text_at(node: Element, *path: str) -> str | None:
    """Return the text at a path of tags below `node`, bounded; None: it is not there, or empty."""
    found = node_at(node, *path)
    if found is None or not found.text:
        return None
    return found.text.strip()[:_LONGEST] or None


def required_text(node: Element, what: str, *path: str) -> str:
    """Return the text at a path of tags below `node`.

    Raises:
        UnreadableInvoice: it is not there; `what` names it.
    """
    found = text_at(node, *path)
    if found is None:
        raise UnreadableInvoice(f"the document states no {what}")
    return found
