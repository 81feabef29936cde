"""Undoing pulls, so that loading them again gives the same tables as loading everything.

Where the first row of a key stays (CDRs, their periods and conflicts, embedded tariffs, bad
objects), the effect of a pull is the rows its pages brought: they are taken out, and nothing
else has to be. Tables of latest states, histories and removals have forgotten what was before:
there everything of the (partner, module) is taken out and has to be loaded again from its first
landed pull. `Reload` says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from models.ocpi.modules import MODULES, modules_sharing_tables
from models.tables import TABLES
from models.tables.operations import PAGES, PUSH_AUDIT, PUSHES, REMOVALS_SKIPPED
from models.tables.recon import RECON_INPUTS
from pipelines.warehouse.operations import remake_watermarks
from pipelines.warehouse.sql_files import transaction
from pipelines.warehouse.table_queries import forget_pages, query


@dataclass(frozen=True)
class Reload:
    """The pulls that have to be loaded again, in the order of `pull_id`."""

    partner: str  # the connection
    module: str  # OCPI module identifier
    # every landed pull that began then or later, UTC; None: every landed pull
    since: datetime | None


def rewind(con: duckdb.DuckDBPyConnection, since: datetime) -> tuple[Reload, ...]:
    """Take out the effect of every pull that began at `since` or later.

    Returns:
        What to load again so that the tables are as if everything had been loaded in order.
    """
    touched = set(con.execute(query("modules_since"), {"since": since}).fetchall())
    for partner, module in tuple(touched):
        touched |= {(partner, other) for other in modules_sharing_tables(module)}
    pushed = set(con.execute(query("pushed_lists")).fetchall())  # their proof is a fold, too
    reloads = tuple(
        Reload(partner, module, since if MODULES[module].immutable else None)
        if (partner, module) not in pushed
        else Reload(partner, module, None)
        for partner, module in sorted(touched)
    )
    with transaction(con):
        for reload in reloads:
            _forget(con, reload)
    return reloads


def clear(con: duckdb.DuckDBPyConnection, partner: str, module: str) -> tuple[Reload, ...]:
    """Take out everything that a partner's module brought.

    Returns:
        What to load again; more than one module where they fill a table together.
    """
    reloads = tuple(Reload(partner, name, None) for name in sorted(modules_sharing_tables(module)))
    with transaction(con):
        for reload in reloads:
            _forget(con, reload)
    return reloads


def _forget(con: duckdb.DuckDBPyConnection, reload: Reload) -> None:
    partner = {"partner": reload.partner}
    pulls = partner | {"module": reload.module, "since": reload.since}
    con.execute(query("forgotten_pages"), pulls)
    con.execute(query("forgotten_copies"), partner)
    con.execute(query("forget_charging_periods"), partner)
    for table in TABLES:
        columns = {column.name for column in table.columns}
        if table.stage == "core" and {"partner", "page_id"} <= columns:
            con.execute(forget_pages(table), partner)
    con.execute(query("current_copies"))
    for table in (PUSHES, PAGES):
        con.execute(forget_pages(table), partner)
    con.execute(query("forget_pulls"), pulls)
    for table in (REMOVALS_SKIPPED, PUSH_AUDIT):
        con.execute(
            f"delete from {table.name} where partner = $partner and module = $module",  # noqa: S608
            partner | {"module": reload.module},
        )
    # Reconciliation looks at what came since the last time; what went it cannot see.
    # Contracts stay: no landing knows those of partners that left the partners file.
    con.execute(f"delete from {RECON_INPUTS.name} where source <> 'contract'")  # noqa: S608
    remake_watermarks(con, reload.partner, reload.module)
    for name in ("forgotten_pages", "touched_copies"):
        con.execute(f"drop table temp.{name}")
