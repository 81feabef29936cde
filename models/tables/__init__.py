"""The one description of every warehouse table.

Each table is declared once, as a `Table`; its DuckDB definition, its pandera schema, its
Dagster column schema and its page in `docs/tables.md` are all derived from that declaration.
"""

from models.tables import (
    charging,
    invoices,
    ledger,
    mart,
    mart_places,
    mart_prices,
    objects,
    operations,
    rating,
    recon,
    settle,
)
from models.tables.kinds import Table

_DECLARATIONS = (
    *(operations, objects, charging, rating, recon, settle),
    *(invoices, ledger, mart, mart_places, mart_prices),
)

BY_NAME: dict[str, Table] = {
    table.name: table
    for module in _DECLARATIONS
    for table in vars(module).values()
    if isinstance(table, Table)
}
TABLES: tuple[Table, ...] = tuple(BY_NAME.values())
