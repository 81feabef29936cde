"""The files of `models/sql/marts`, and the column list that fills their one blank."""

from __future__ import annotations

from models.tables.settle import STATEMENT_KEY
from pipelines.warehouse import sql_files


def statement(name: str) -> str:
    """One statement of `models/sql/marts`; `{key}` stands for a statement's key."""
    return sql_files.query("marts", name).replace("{key}", ", ".join(STATEMENT_KEY))
