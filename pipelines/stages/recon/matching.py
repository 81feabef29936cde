"""Sets CDRs against sessions, credits, invoices and one another, in temporary tables."""

from __future__ import annotations

from collections.abc import Collection

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
    "cdr_invoices",
    "places",
    "tokens",
    "periods",
    "carried_tariffs",
)


def match_invoices(con: duckdb.DuckDBPyConnection, left: Collection[str] = ()) -> None:
    """Set invoice records against CDRs, which facts about both are read from."""
    execute(con, "invoice_entries", {"former": sorted(left)})


def match(con: duckdb.DuckDBPyConnection, left: Collection[str] = ()) -> None:
    """Make the tables that facts about CDRs are read from.

    Args:
        con: after `terms.create_contract_table`, `changes.create_focus_table` and
            `match_invoices`.
        left: the partners that are no longer in the partners file.
    """
    execute(con, "superseded", {"former": sorted(left)})
    for name in _TABLES:
        execute(con, name)
    execute(con, "limits", {"limit_dimension": LINE_DIMENSIONS.index("LIMIT")})
