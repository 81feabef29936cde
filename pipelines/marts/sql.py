"""The files of `models/sql/mart`, and the column list that fills their one blank."""

from __future__ import annotations

from models.tables.settle import STATEMENT_KEY
from pipelines import sql


def statement(name: str) -> str:
    """One statement of `models/sql/mart`; `{key}` stands for a statement's key."""
    return sql.statement("mart", name).replace("{key}", ", ".join(STATEMENT_KEY))
