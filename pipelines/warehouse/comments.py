"""Comments in the database: what `models.tables` says of each table and column."""

from __future__ import annotations

import duckdb

from models.tables import TABLES


def write_comments(con: duckdb.DuckDBPyConnection) -> None:
    """Give every table, view and column the comment that is declared, where it has another.

    Args:
        con: the writer's connection, outside of a transaction.
    """
    found = _comments(con)
    queries = [
        f"comment on {kind} is {_literal(text)}"
        for kind, name, text in _declared()
        if found.get(name) != text
    ]
    con.begin()
    try:
        con.execute("; ".join(queries))
        con.commit()
    except BaseException:
        con.rollback()
        raise


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


def _literal(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"
