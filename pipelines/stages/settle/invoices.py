"""Partners' invoices against CDRs and statements: matching, findings, what is to be paid.

Set-based, in temporary tables only: `settle.*` is written at the end, so that a dry run can look at
the same on a connection that may not write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.contract import Contract
from models.recon.evaluate import find
from models.recon.registry import rules_about
from models.tables.invoices import (
    HEADER_COLUMNS,
    INVOICE_KEY,
    INVOICE_LINES,
    LINE_COLUMNS,
    RECEIVED_INVOICES,
    VAT_COLUMNS,
)
from pipelines.stages.settle import query
from pipelines.warehouse.sql_files import fetch_frame, row_count

INVOICE_TABLES = (
    *("settle.invoices", "settle.invoice_lines", "settle.invoice_vat", "settle.invoice_cdrs"),
    "settle.invoice_findings",
)
_BEFORE = ("cdrs", "candidates", "matches")
_AFTER = ("documents", "pools", "units", "events", "sums", "line_facts")
_ROUNDS = 8
_IMPORT_COLUMNS = (
    *("sources", "formats", "imported_at", "imported_by", "import_order", "stated_month"),
    "read_by",
)


@dataclass(frozen=True)
class ReceivedFrames:
    """Invoices as received, as frames."""

    # the key of `settle.invoices`, its columns as received, and `i`, a number of its own
    heads: pl.DataFrame
    lines: pl.DataFrame  # `i`, and the columns of `settle.invoice_lines` as received, and `n`
    vat: pl.DataFrame  # `i`, `position` and the columns of `settle.invoice_vat`

    def under(self, named_now: Callable[[str, str, str, str], tuple[str, ...]]) -> ReceivedFrames:
        """Return the invoices under other keys; of one that has two of them the first counts."""
        keys = [named_now(*key) for key in self.heads.select(INVOICE_KEY).iter_rows()]
        named = pl.DataFrame(keys, schema=dict.fromkeys(INVOICE_KEY, pl.String()), orient="row")
        heads = self.heads.with_columns(named)
        return replace(self, heads=heads.unique(INVOICE_KEY, keep="first", maintain_order=True))

    @classmethod
    def head_schema(cls) -> dict[str, Any]:
        """Return the schema of `heads`."""
        known = RECEIVED_INVOICES.polars_schema()
        names = (*INVOICE_KEY, *(column.name for column in HEADER_COLUMNS), *_IMPORT_COLUMNS)
        return {"i": pl.Int32(), **{name: known[name] for name in names}}

    @classmethod
    def line_schema(cls) -> dict[str, Any]:
        """Return the schema of `lines`."""
        columns = {column.name: column.dtype for column in LINE_COLUMNS}
        return {"i": pl.Int32(), "n": pl.Int32(), **columns}

    @classmethod
    def vat_schema(cls) -> dict[str, Any]:
        """Return the schema of `vat`."""
        columns = {column.name: column.dtype for column in VAT_COLUMNS}
        return {"i": pl.Int32(), "position": pl.Int32(), **columns}


@contextmanager
def matched_invoices(
    con: DuckDB, received: ReceivedFrames, contracts: Mapping[str, Contract]
) -> Iterator[None]:
    """Match invoices into the temporary tables `received_…`, which last until the end.

    Args:
        con: a settled warehouse or snapshot, with the terms registered.
        received: the invoices, all of them: what is billed twice is seen across them.
        contracts: partner → terms.
    """
    frames = {
        "invoice_heads": received.heads,
        "invoice_rows": received.lines,
        "invoice_taxes": received.vat,
    }
    try:
        for name, frame in frames.items():
            con.register(name, frame)
        _match(con)
        con.register("invoice_found", _find(con, contracts))
        for name in ("findings", "lines", "invoices"):
            con.execute(query(f"create_received_{name}"))
        yield
    finally:
        for name in (*frames, "invoice_found"):
            con.unregister(name)
        for (table,) in con.execute(
            "select table_name from duckdb_tables() where temporary and "
            "(starts_with(table_name, 'invoice_') or starts_with(table_name, 'received_'))"
        ).fetchall():
            con.execute(f"drop table temp.{table}")


def _match(con: DuckDB) -> None:
    for name in _BEFORE:
        con.execute(query(f"create_invoice_{name}"))
    matched = -1
    for _ in range(_ROUNDS):
        if matched == (matched := row_count(con, "invoice_matches")):
            break
        con.execute(query("insert_invoice_matches"))
    con.execute(query("insert_invoice_repeats"))
    for name in _AFTER:
        con.execute(query(f"create_invoice_{name}"))
    for name in ("update_invoice_credits", "update_invoice_unknown_credits"):
        con.execute(query(name))
    for name in ("cdr_links", "facts", "credits", "releases"):
        con.execute(query(f"create_invoice_{name}"))


def _find(con: DuckDB, contracts: Mapping[str, Contract]) -> pl.DataFrame:
    """Return the findings about lines and invoices, the heaviest of each first (`position`)."""
    found = []
    for subject, table in (
        ("invoice_line", "invoice_line_facts"),
        ("received_invoice", "invoice_facts"),
    ):
        facts = fetch_frame(con, f"select * from {table} order by n")  # noqa: S608 - our own names
        numbered = facts.with_columns(pl.col("n").cast(pl.UInt32).alias("row"))
        findings = find(numbered, rules_about(subject), contracts)  # type: ignore[arg-type]
        keys = numbered.select("row", "i", "n", "line_number")
        found.append(findings.join(keys, on="row", how="left", maintain_order="left"))
    return pl.concat(found).with_row_index("position")


def store_invoices(con: DuckDB) -> None:
    """Put what is matched into the tables of `settle`."""
    for name in INVOICE_TABLES:
        con.execute(f"delete from {name}")  # noqa: S608 - our own names
    for table, source in ((RECEIVED_INVOICES, "invoices"), (INVOICE_LINES, "lines")):
        columns = ", ".join(table.polars_schema())
        con.execute(
            f"insert into {table.name} by name select {columns} from received_{source}"  # noqa: S608
        )
    for name in ("vat", "cdrs", "findings"):
        con.execute(query(f"insert_invoice_{name}"))


def forget_invoices(con: DuckDB) -> None:
    """Empty the tables of invoices: none was taken in."""
    for name in INVOICE_TABLES:
        con.execute(f"delete from {name}")  # noqa: S608 - our own names
