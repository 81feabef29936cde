"""Sets CDRs against sessions, credits, invoices and one another, in temporary tables."""

from __future__ import annotations

import duckdb

from models.tables.rating import LINE_DIMENSIONS
from pipelines.stages.recon.queries import execute

#: Each query makes the table of its name, `recon_…`, or adds to one, from those before it.
_TABLES = (
    "sessions",
    "open_claims",
    "replacements",
    "partly_credited_claims",
    "duplicates",
    "near_duplicates",
    "charges",
    "overlaps",
    "travel",
    "peers",
    "outages",
    "invoice_entries",
    "cdr_invoices",
    "places",
    "tokens",
    "periods",
    "carried_tariffs",
)


def match(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that facts are read from.

    Args:
        con: after `terms.create_contract_table` and `changes.create_focus_table`.
    """
    for name in _TABLES:
        execute(con, name)
    execute(con, "limits", {"limit_dimension": LINE_DIMENSIONS.index("LIMIT")})
