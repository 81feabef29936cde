"""The one description of every warehouse table.

Each table is declared once, as a `Table`; its DuckDB definition, its pandera schema, its
Dagster column schema and its page in `docs/tables.md` are all derived from that declaration.
"""

from models.tables.charging import (
    CDR_CONFLICTS,
    CDRS,
    CHARGING_PERIODS,
    EMBEDDED_TARIFFS,
    SESSIONS,
)
from models.tables.kinds import Column, Table
from models.tables.operations import (
    PAGES,
    PARTNER_HEALTH,
    PULLS,
    RUNS,
    WATERMARKS,
)
from models.tables.parties import HUB_CLIENTS, INVOICES, TOKENS
from models.tables.places import CONNECTORS, EVSE_STATUS, EVSES, LOCATIONS, TARIFFS
from models.tables.quality import DEVIATIONS, QUARANTINE
from models.tables.rating import RATING_CDRS, RATING_LINES
from models.tables.recon import FINDINGS, RECON_CDRS
from models.tables.settle import DISPUTES, LINE_VAT, STATEMENT_LINES, STATEMENT_VAT, STATEMENTS

TABLES: tuple[Table, ...] = (
    RUNS,
    PULLS,
    PAGES,
    WATERMARKS,
    PARTNER_HEALTH,
    LOCATIONS,
    EVSES,
    CONNECTORS,
    EVSE_STATUS,
    TARIFFS,
    EMBEDDED_TARIFFS,
    SESSIONS,
    CDRS,
    CHARGING_PERIODS,
    CDR_CONFLICTS,
    TOKENS,
    HUB_CLIENTS,
    INVOICES,
    QUARANTINE,
    DEVIATIONS,
    RATING_LINES,
    RATING_CDRS,
    FINDINGS,
    RECON_CDRS,
    STATEMENTS,
    STATEMENT_LINES,
    LINE_VAT,
    STATEMENT_VAT,
    DISPUTES,
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}

__all__ = [
    "BY_NAME",
    "CDRS",
    "CDR_CONFLICTS",
    "CHARGING_PERIODS",
    "CONNECTORS",
    "DEVIATIONS",
    "DISPUTES",
    "EMBEDDED_TARIFFS",
    "EVSES",
    "EVSE_STATUS",
    "FINDINGS",
    "HUB_CLIENTS",
    "INVOICES",
    "LINE_VAT",
    "LOCATIONS",
    "PAGES",
    "PARTNER_HEALTH",
    "PULLS",
    "QUARANTINE",
    "RATING_CDRS",
    "RATING_LINES",
    "RECON_CDRS",
    "RUNS",
    "SESSIONS",
    "STATEMENTS",
    "STATEMENT_LINES",
    "STATEMENT_VAT",
    "TABLES",
    "TARIFFS",
    "TOKENS",
    "WATERMARKS",
    "Column",
    "Table",
]
