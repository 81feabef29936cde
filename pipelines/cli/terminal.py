"""Printing where partners' words may stand: nothing in them steers or disguises the terminal."""

import json
from collections.abc import Callable
from typing import Any

import click

_INSTEAD = "\N{REPLACEMENT CHARACTER}"
#: No printable characters to Python, and none that hide or move anything: line ends, spaces that
#: do not break, and the joiners that some scripts spell with.
_KEPT = frozenset("\n\u00a0\u202f\u3000\u200c\u200d")


def harmless(text: str) -> str:
    """Return a text without control characters, escape sequences and direction marks.

    Each is shown as one replacement character, so that it is seen that something stood there.
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(char if char.isprintable() or char in _KEPT else _INSTEAD for char in text)


def say(message: str, *, err: bool = False) -> None:
    """Print lines of text."""
    click.echo(harmless(message), err=err)


def print_json(
    value: Any, *, indent: int | None = None, default: Callable[[Any], Any] | None = None
) -> None:
    """Print one JSON object: in ASCII, so that any output can carry it and nothing is raw in it."""
    click.echo(json.dumps(value, indent=indent, default=default))
