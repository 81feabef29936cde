"""SQL text: the files of `models/sql/recon`, their blanks filled with identifiers only."""

from __future__ import annotations

from functools import partial

from models.tables import Table
from pipelines.warehouse import sql_files

statement = partial(sql_files.statement, "recon")

#: How an EVSE is known: by its eMI3 id without separators, else by its uid within the party.
EVSE_KEY = (
    "coalesce(nullif(replace(replace(replace(upper(c.evse_id), '*', ''), '-', ''), ' ', ''), ''), "
    "c.country_code || '/' || c.party_id || '/' || upper(c.location_id) || '/' "
    "|| upper(c.evse_uid))"
)


def columns(table: Table) -> str:
    """The columns of a table as a select list."""
    return ", ".join(f'"{column.name}"' for column in table.columns)
