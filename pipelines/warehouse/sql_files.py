"""SQL text: the files of `models/sql`, a folder for each stage, one statement a file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def _text(stage: str, name: str) -> str:
    return (files("models") / "sql" / stage / f"{name}.sql").read_text(encoding="utf-8")


def statement(stage: str, name: str, **blanks: str) -> str:
    """One statement, its blanks filled.

    Args:
        stage: the folder: ops, core, rating, recon, settle or mart.
        name: the file's name without `.sql`.
        blanks: blank, written `{name}` in the text → identifiers or expressions of our own, never
            values: those are bound as `$name`. Without any, the text is left as it is.
    """
    text = _text(stage, name)
    return text.format_map(blanks) if blanks else text
