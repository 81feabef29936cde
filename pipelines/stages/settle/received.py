"""Invoices as received, for settlement: read from the files that people took in, each file once.

What an earlier settlement read stands in the tables; it is read again where the reader changed.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection as DuckDB

from models.settle.imports import InvoiceImport
from models.settle.received import ReceivedInvoice, UnreadableInvoice
from models.tables.invoices import INVOICE_KEY
from pipelines.invoices.reading import read_import
from pipelines.landing.objects import LandingError
from pipelines.stages.settle.invoices import ReceivedFrames
from pipelines.stages.stage import source_digest
from pipelines.warehouse.sql_files import fetch_frame, registered

_READER = ("models/settle/received.py", "models/settle/imports.py", "pipelines/invoices")


@dataclass(frozen=True)
class Reading:
    """The outcome of reading all invoices."""

    frames: ReceivedFrames  # what was read
    # `(number, reason)` of each that cannot be read any more
    unreadable: tuple[tuple[str, str], ...]


def read_received(
    con: DuckDB, invoices: Sequence[InvoiceImport], body: Callable[[str], bytes]
) -> Reading:
    """Return every invoice that was taken in, as received."""
    known = _known(con)
    heads, lines, taxes, unreadable, reused = [], [], [], [], []
    for i, one in enumerate(invoices):
        read_by = _digest(one)
        if known.get(one.key) == read_by:
            reused.append((i, *one.key))
            continue
        try:
            document = read_import(one, body)
        except (UnreadableInvoice, LandingError) as error:
            unreadable.append((one.number, str(error)))
            continue
        heads.append(_head(i, one, document, read_by))
        lines.append(document.lines.with_columns(pl.lit(i, pl.Int32).alias("i")))
        taxes.append(document.vat_rows().with_columns(pl.lit(i, pl.Int32).alias("i")))
    before = _read_before(con, reused)
    head_schema, line_schema = ReceivedFrames.head_schema(), ReceivedFrames.line_schema()
    fresh = pl.DataFrame(heads, schema=head_schema, orient="row")
    return Reading(
        ReceivedFrames(
            pl.concat([before.heads, fresh]).sort("i"),
            _concat([before.lines.drop("n"), *lines], line_schema, number="n"),
            _concat([before.vat, *taxes], ReceivedFrames.vat_schema()),
        ),
        tuple(unreadable),
    )


def _concat(
    frames: Sequence[pl.DataFrame], schema: dict[str, Any], *, number: str | None = None
) -> pl.DataFrame:
    names = [name for name in schema if name != number]
    whole = pl.concat([frame.select(names) for frame in frames])
    if number is None:
        return whole
    counted = pl.int_range(pl.len(), dtype=pl.Int32).alias(number)
    return whole.sort("i", "line_number").with_columns(counted).select(list(schema))


def _digest(one: InvoiceImport) -> str:
    """Return what the rows of an invoice rest on: its files, what was typed in, and the reader."""
    stated = repr((one.files, sorted((one.head or {}).items()), one.month, one.order))
    return hashlib.sha256(f"{source_digest(*_READER)}{stated}".encode()).hexdigest()


def _known(con: DuckDB) -> dict[tuple[str, ...], str]:
    keys = ", ".join(INVOICE_KEY)
    rows = con.execute(f"select {keys}, read_by from settle.invoices").fetchall()  # noqa: S608
    return {tuple(key): read_by for *key, read_by in rows}


def _head(i: int, one: InvoiceImport, document: ReceivedInvoice, read_by: str) -> dict[str, Any]:
    partner, country_code, party_id, number = one.key
    return {
        "i": i,
        **document.header(),
        "partner": partner,
        "country_code": country_code,
        "party_id": party_id,
        "number": number,
        "sources": [file.sha256 for file in one.files],
        "formats": [file.format for file in one.files] or ["typed"],
        "imported_at": one.at,
        "imported_by": one.who,
        "import_order": one.order,
        "stated_month": one.month,
        "read_by": read_by,
    }


def _read_before(con: DuckDB, reused: Sequence[tuple[Any, ...]]) -> ReceivedFrames:
    """Return what an earlier settlement read of these, as it stands in the tables."""
    schema = {"i": pl.Int32(), **dict.fromkeys(INVOICE_KEY, pl.String())}
    with registered(con, invoice_reused=pl.DataFrame(reused, schema=schema, orient="row")):
        return ReceivedFrames(
            _select(con, "settle.invoices", ReceivedFrames.head_schema()),
            _select(con, "settle.invoice_lines", ReceivedFrames.line_schema()),
            _select(con, "settle.invoice_vat", ReceivedFrames.vat_schema()),
        )


def _select(con: DuckDB, table: str, schema: dict[str, Any]) -> pl.DataFrame:
    made = {"i": "r.i", "n": "0"}
    names = ", ".join(f"{made.get(name, f't.{name}')} as {name}" for name in schema)
    text = (
        f"select {names} from {table} as t "  # noqa: S608 - our own names
        f"inner join invoice_reused as r using ({', '.join(INVOICE_KEY)}) order by r.i"
    )
    return fetch_frame(con, text).cast(pl.Schema(schema))
