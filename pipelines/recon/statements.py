"""SQL text: the files of `models/sql/recon`, their blanks filled with identifiers only."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from models.tables import Table

#: How an EVSE is known: by its eMI3 id without separators, else by its uid within the party.
EVSE_KEY = (
    "coalesce(nullif(replace(replace(replace(upper(c.evse_id), '*', ''), '-', ''), ' ', ''), ''), "
    "c.country_code || '/' || c.party_id || '/' || upper(c.location_id) || '/' "
    "|| upper(c.evse_uid))"
)


@cache
def _text(name: str) -> str:
    return (files("models") / "sql" / "recon" / f"{name}.sql").read_text(encoding="utf-8")


def statement(name: str, **blanks: str) -> str:
    """One statement of `models/sql/recon`.

    Args:
        name: the file's name without `.sql`.
        blanks: blank → identifiers or expressions of our own, never values.
    """
    return _text(name).format_map(blanks) if blanks else _text(name)


def columns(table: Table) -> str:
    """The columns of a table as a select list."""
    return ", ".join(f'"{column.name}"' for column in table.columns)
