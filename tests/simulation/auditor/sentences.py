"""Sentences about what differs, in the auditor's words."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def key_of(row: Row, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(row[name]).lower() for name in names)


def same(what: str, expected: set[Any], shown: set[Any]) -> Iterator[str]:
    for each in sorted(expected - shown):
        yield f"{what}: {each} is missing"
    for each in sorted(shown - expected):
        yield f"{what}: {each} should not be there"


def equal(what: str, expected: Any, shown: Any) -> Iterator[str]:
    if isinstance(expected, Fraction) and shown is not None and not isinstance(shown, str):
        shown = Fraction(shown)
    if expected != shown:
        yield f"{what} is {text(shown)}, should be {text(expected)}"


def text(value: Any) -> str:
    return f"{float(value):g}" if isinstance(value, Fraction) else str(value)
