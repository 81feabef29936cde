"""SQL text: the files of `models/sql/rating`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def _text(name: str) -> str:
    return (files("models") / "sql" / "rating" / f"{name}.sql").read_text(encoding="utf-8")


def statement(name: str, **blanks: str) -> str:
    """One statement of `models/sql/rating`, its blanks filled.

    Args:
        name: the file's name without `.sql`.
        blanks: blank → identifier.
    """
    return _text(name).format_map(blanks) if blanks else _text(name)
