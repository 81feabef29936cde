"""The shape of the warehouse file: schemas and tables as declared, grown where they grew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import duckdb

from models.tables import TABLES
from models.tables.kinds import Table
from pipelines.warehouse.locking import WarehouseError
from pipelines.warehouse.sql_files import fetch_row, literal, macros, row_count, transaction

SCHEMAS = ("ops", "core", "rating", "recon", "settle", "mart")
# A file without this table is either new or not ours.
_LANDMARK = "ops.pulls"


def prepare(
    con: duckdb.DuckDBPyConnection,
    *,
    macros_in: str = "",
    lay_out: Callable[[Table], None] = lambda _: None,
) -> tuple[str, ...]:
    """Create what is missing, and give tables the columns and the order that are declared.

    Args:
        con: the writer's connection, outside of a transaction.
        macros_in: another database's schema for the macros, with its dot; none: beside the tables.
        lay_out: told of each table that is new, to say how its rows are stored.

    Returns:
        The columns that were added to tables of what partners sent, which hold rows: unknown there
        until they are loaded again.

    Raises:
        WarehouseError: the file holds other people's tables, or a column of another type.
    """
    found = _columns(con)
    if found and _LANDMARK not in found:
        some = ", ".join(sorted(found)[:3])
        raise WarehouseError(
            f"not a roamhouse warehouse: the file holds other tables ({some}); name another file"
        )
    gained: list[str] = []
    # Before the transaction: in DuckDB 2 it would end with the call of a macro that is not there.
    made = None if macros_in else _macros_digest(con)
    with transaction(con):
        for schema in SCHEMAS:
            con.execute(f"create schema if not exists {schema}")
        for table in TABLES:
            if table.query is None and table.name in found:
                gained += _grow(con, table, found[table.name])
            elif table.query is None:
                con.execute(table.ddl())
                lay_out(table)
        if not macros_in:
            _create_macros(con, made)
        for view in TABLES:
            if view.query is not None:
                _give_way(con, view)
                con.execute(view.ddl())
    if macros_in:  # one transaction writes one database only
        with transaction(con):
            _create_macros(con, made, macros_in)
    return tuple(gained)


def _create_macros(con: duckdb.DuckDBPyConnection, made: str | None, place: str = "") -> None:
    """Create the macros, unless the file has these: the engine takes a millisecond for each."""
    texts = macros()
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()
    if made == digest:
        return
    create = "create or replace macro "
    for macro in (*texts, f"{create}macros_digest() as '{digest}'"):
        con.execute(macro.replace(create, f"{create}{place}", 1))


def _macros_digest(con: duckdb.DuckDBPyConnection) -> str | None:
    """Return the digest of the macros that the file has; None: it has none, or older ones."""
    try:
        row = fetch_row(con, "select macros_digest()")
    except duckdb.CatalogException:
        return None
    return None if row is None else str(row[0])


def _give_way(con: duckdb.DuckDBPyConnection, view: Table) -> None:
    """Drop the table that `view` was before, and empty its stage for the next run to derive anew.

    Rows that were made beside that table lack what the view looks for in them.
    """
    was_table = "select 1 from duckdb_tables() where schema_name || '.' || table_name = $name"
    if fetch_row(con, was_table, {"name": view.name}) is None:
        return
    con.execute(f"drop table {view.name}")
    for table in TABLES:
        if table.stage == view.stage and table.query is None:
            con.execute(f"delete from {table.name}")  # noqa: S608 - declared names


def _columns(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return qualified table name → column name → type, in the order of the columns."""
    found: dict[str, dict[str, str]] = {}
    rows = con.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and not internal "
        "order by schema_name, table_name, column_index"
    ).fetchall()
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def _grow(con: duckdb.DuckDBPyConnection, table: Table, found: dict[str, str]) -> list[str]:
    """Add the columns that the table lacks, and put all of them into the declared order.

    Returns:
        The added ones that only a replay fills for the rows that are there.
    """
    missing = [column for column in table.columns if column.name not in found]
    for column in table.columns:
        kind = found.get(column.name)
        expected = column.duckdb_type.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE")
        if kind is not None and kind != expected:
            raise WarehouseError(
                f"{table.name}.{column.name} is {kind} in the file, {expected} is expected: "
                "move the file away and rebuild it with `roamhouse replay`"
            )
    declared = [column.name for column in table.columns]
    if [*found, *(column.name for column in missing)] == declared:
        for column in missing:
            con.execute(f'alter table {table.name} add column "{column.name}" {column.duckdb_type}')
    else:
        _reorder(con, table, [name for name in declared if name in found])
    added = [f"{table.name}.{column.name}" for column in missing]
    # What is derived from core is derived anew by itself: stages keep a digest of their source.
    return added if table.stage == "core" and row_count(con, table.name) else []


def _reorder(con: duckdb.DuckDBPyConnection, table: Table, kept: list[str]) -> None:
    """Copy the columns to keep into a table made as a new home has it; the others go.

    A lake cannot add columns to a table and put another in its place in one transaction.
    """
    schema, name = table.name.split(".")
    con.execute(f'alter table {table.name} rename to "{name}_before"')
    con.execute(table.ddl())
    columns = ", ".join(f'"{name}"' for name in kept)
    con.execute(
        f"insert into {table.name} by name "  # noqa: S608 - declared names
        f'select {columns} from {schema}."{name}_before"'
    )
    con.execute(f'drop table {schema}."{name}_before"')


def write_comments(con: duckdb.DuckDBPyConnection) -> None:
    """Give every table, view and column the comment that is declared, where it has another.

    `con`: the writer's connection, outside of a transaction.
    """
    found = _comments(con)
    queries = [
        f"comment on {kind} is {literal(text)}"
        for kind, name, text in _declared()
        if found.get(name) != text
    ]
    with transaction(con):
        con.execute("; ".join(queries))


def _declared() -> list[tuple[str, str, str]]:
    """Return what is commented, its name in the catalogue, and the comment."""
    declared = []
    for table in TABLES:
        kind = "table" if table.query is None else "view"
        declared.append((f"{kind} {table.name}", table.name, table.description))
        declared += [
            (f'column {table.name}."{column.name}"', f"{table.name}.{column.name}", text)
            for column in table.columns
            if (text := column.description)
        ]
    return declared


def _comments(con: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    rows = con.execute(
        "select schema_name || '.' || table_name as name, comment from duckdb_tables() "
        "union all select schema_name || '.' || view_name, comment from duckdb_views() "
        "union all select schema_name || '.' || table_name || '.' || column_name, comment "
        "from duckdb_columns() where database_name = current_database()"
    ).fetchall()
    return dict(rows)
