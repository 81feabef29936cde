"""Checks of what the tables of the warehouse promise: plain results, for any caller to report.

DuckDB and DuckLake tables here carry no keys and no checks of the engine's (see the design), so
these functions are what makes a promise of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import duckdb
import polars as pl

from models.tables.charging import CHARGING_PERIODS
from models.tables.kinds import Table
from models.tables.objects import EVSE_STATUS
from models.tables.schema_failures import schema_failures
from pipelines.warehouse import table_queries
from pipelines.warehouse.sql_files import fetch_batches
from pipelines.warehouse.table_queries import names, query

# Rows validated at once: bounds memory, large enough to be quick.
_CHUNK_ROWS: Final = 200_000
_EXAMPLES: Final = 5


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check of one table."""

    name: str  # what was checked, for example `keys_unique`
    table: str  # the table
    violations: int  # how many things are wrong; 0: the check passed
    examples: tuple[str, ...] = ()  # a few of them, in words or keys
    # figures beside, for example the rows looked at
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """True where nothing is wrong."""
        return self.violations == 0


def keys_unique(
    con: duckdb.DuckDBPyConnection, table: Table, page_ids: Sequence[str] | None = None
) -> CheckResult:
    """No two rows of the table have one key.

    Args:
        con: a connection to the warehouse.
        table: any table, or with `page_ids` a core table.
        page_ids: look only for keys that these pages brought, for example those of one pull:
            the cost is that of the pull, not of the table; None: all keys.
    """
    if page_ids is None:
        return _violations(con, "keys_unique", table.name, table_queries.repeated_keys(table))
    of_pages = table_queries.repeated_keys_of_pages(table)
    return _violations(con, "keys_unique", table.name, of_pages, {"page_ids": list(page_ids)})


def key_sum(
    con: duckdb.DuckDBPyConnection, relation: str, key: Sequence[str]
) -> tuple[int, int | None]:
    """Count the keys of a relation, and sum up their hashes.

    Equal for two relations: they hold the same keys, each as often as the other. It is the quick
    way to see that nothing is wrong; what is wrong takes looking at the keys themselves.

    Args:
        con: a connection to the warehouse.
        relation: what follows `from`: a table of ours, and conditions.
        key: its columns, in the order of the other relation's.
    """
    query = f"select count(*), sum(hash({', '.join(key)})) from {relation}"  # noqa: S608 - our own names
    rows = con.execute(query).fetchall()
    return rows[0][0], rows[0][1]


def periods_complete(con: duckdb.DuckDBPyConnection) -> CheckResult:
    """Every CDR brought all its charging periods: the sums agree, partner by partner."""
    return _violations(con, "periods_complete", CHARGING_PERIODS.name, query("check_periods"))


def status_intervals_sane(con: duckdb.DuckDBPyConnection) -> CheckResult:
    """Check that status intervals follow each other and were seen within themselves."""
    return _violations(con, "status_intervals_sane", EVSE_STATUS.name, query("check_status"))


def versions_disjoint(con: duckdb.DuckDBPyConnection, table: Table) -> CheckResult:
    """At any moment at most one version of an object is valid.

    `table`: `core.tariffs` or `core.invoices`.
    """
    con.execute(table_queries.create_known_versions(table))
    return _violations(con, "versions_disjoint", table.name, query("check_versions"))


def dangling_tariffs(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Count the tariffs that connectors name and nobody knows, by partner."""
    return dict(con.execute(query("dangling_tariffs")).fetchall())


def rows_valid(
    con: duckdb.DuckDBPyConnection, table: Table, page_ids: Sequence[str]
) -> CheckResult:
    """Every row that the given pages brought fits the table's pandera schema.

    Args:
        con: a connection of its own: the result is read in chunks.
        table: a core table with its origin, or `core.charging_periods`.
        page_ids: the pages, for example those of one pull.

    Returns:
        One violation for each failing value; `counts["rows"]` says how many rows were read.
    """
    of_periods = table.name == CHARGING_PERIODS.name
    rows_query = query("periods_of_pages") if of_periods else table_queries.rows_of_pages(table)
    rows = violations = 0
    examples: list[str] = []
    batches = fetch_batches(con, rows_query, {"page_ids": list(page_ids)}, _CHUNK_ROWS)
    for batch in batches:
        frame = pl.DataFrame(batch).select(names(table))
        rows += frame.height
        failures = schema_failures(table, frame)
        if failures is not None:
            violations += failures.height
            examples += _described(failures)
    return CheckResult(
        "rows_valid", table.name, violations, tuple(examples[:_EXAMPLES]), {"rows": rows}
    )


def _described(failures: pl.DataFrame) -> list[str]:
    """Which column broke which check; never the value, which may be a person's."""
    distinct = failures.select("column", "check").unique().sort("column", "check")
    return [f"{column}: {check}" for column, check in distinct.iter_rows()]


def _violations(
    con: duckdb.DuckDBPyConnection,
    name: str,
    table: str,
    text: str,
    values: Mapping[str, list[str]] | None = None,
) -> CheckResult:
    count, examples = con.execute(text, values).fetchall()[0]
    return CheckResult(name, table, count, tuple((examples or ())[:_EXAMPLES]))
