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
from models.tables.mart import (
    ATTENTION,
    CHANGES,
    DEVIATION_KINDS_SEEN,
    PARTNER_QUALITY,
    PULL_DAILY,
    QUARANTINE_REASONS,
    SETTLEMENT_CAUSES,
    VOLUME_DAILY,
)
from models.tables.mart_places import (
    AVAILABILITY,
    AVAILABILITY_DAILY,
    MART_EVSES,
    OUTAGES,
    STATUS_DOUBTS,
    USAGE,
    UTILISATION,
)
from models.tables.mart_prices import PRICE_BASKETS, PRICE_CHANGES
from models.tables.operations import (
    PAGES,
    PARTNER_HEALTH,
    PULLS,
    REMOVALS_SKIPPED,
    RUNS,
    WATERMARKS,
)
from models.tables.parties import HUB_CLIENTS, INVOICES, TOKENS
from models.tables.places import CONNECTORS, EVSE_STATUS, EVSES, LOCATIONS, TARIFFS
from models.tables.quality import DEVIATIONS, QUARANTINE
from models.tables.rating import RATING_CDRS, RATING_LINES
from models.tables.recon import FINDINGS, RECON_CDRS, RECON_CHANGED, RECON_INPUTS
from models.tables.settle import (
    DISPUTES,
    LINE_VAT,
    SETTLE_INPUTS,
    STATEMENT_LINES,
    STATEMENT_VAT,
    STATEMENTS,
)

TABLES: tuple[Table, ...] = (
    RUNS,
    PULLS,
    PAGES,
    WATERMARKS,
    REMOVALS_SKIPPED,
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
    RECON_INPUTS,
    RECON_CHANGED,
    STATEMENTS,
    STATEMENT_LINES,
    LINE_VAT,
    STATEMENT_VAT,
    DISPUTES,
    SETTLE_INPUTS,
    PARTNER_QUALITY,
    VOLUME_DAILY,
    PULL_DAILY,
    QUARANTINE_REASONS,
    DEVIATION_KINDS_SEEN,
    SETTLEMENT_CAUSES,
    CHANGES,
    ATTENTION,
    MART_EVSES,
    AVAILABILITY,
    AVAILABILITY_DAILY,
    OUTAGES,
    STATUS_DOUBTS,
    USAGE,
    UTILISATION,
    PRICE_BASKETS,
    PRICE_CHANGES,
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}

__all__ = [
    "ATTENTION",
    "BY_NAME",
    "CDRS",
    "CDR_CONFLICTS",
    "CHANGES",
    "CHARGING_PERIODS",
    "CONNECTORS",
    "DEVIATIONS",
    "DEVIATION_KINDS_SEEN",
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
    "PARTNER_QUALITY",
    "PULLS",
    "PULL_DAILY",
    "QUARANTINE",
    "QUARANTINE_REASONS",
    "RATING_CDRS",
    "RATING_LINES",
    "RECON_CDRS",
    "RECON_CHANGED",
    "RECON_INPUTS",
    "REMOVALS_SKIPPED",
    "RUNS",
    "SESSIONS",
    "SETTLEMENT_CAUSES",
    "SETTLE_INPUTS",
    "STATEMENTS",
    "STATEMENT_LINES",
    "STATEMENT_VAT",
    "TABLES",
    "TARIFFS",
    "TOKENS",
    "VOLUME_DAILY",
    "WATERMARKS",
    "Column",
    "Table",
]
