"""The files of `models/sql/mart`, and the column list that fills their one blank."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from models.tables.settle import STATEMENT_KEY


@cache
def statement(name: str) -> str:
    """One statement of `models/sql/mart`; `{key}` stands for a statement's key."""
    text = (files("models") / "sql" / "mart" / f"{name}.sql").read_text(encoding="utf-8")
    return text.replace("{key}", ", ".join(STATEMENT_KEY))
