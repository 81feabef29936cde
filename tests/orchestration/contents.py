"""What a warehouse holds, for comparing one with another."""

import hashlib

import duckdb

STAGES = ("core", "rating", "recon", "settle")


def contents(con: duckdb.DuckDBPyConnection, stages: tuple[str, ...] = STAGES) -> dict[str, str]:
    """Table name → row count and digest of its rows in a fixed order."""
    names = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables()"
        " where list_contains($stages, schema_name) order by all",
        {"stages": list(stages)},
    ).fetchall()
    return {name: _digest(con, name) for (name,) in names}


def _digest(con: duckdb.DuckDBPyConnection, table: str) -> str:
    rows = con.execute(f"select * from {table} order by all").fetchall()  # noqa: S608
    digest = hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
    return f"{len(rows)} rows {digest}"
