"""How fast a partner's invoice is read, and matched with as many CDRs.

    python -m benchmarks.invoices [--lines 100000]

A warehouse in memory with one partner's charges of October, settled; then its invoice in UBL with a
line for each, every hundredth of them dearer, every thousandth twice. Times are of one processor.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import polars as pl

from models.contract import Contract
from models.settle.fx import QUOTES_SCHEMA, fx_table
from models.settle.received import LINE_SCHEMA, ReceivedInvoice
from models.settle.view import DecisionsView
from pipelines.invoices.ubl import read_ubl
from pipelines.sandbox.invoicing import BilledCdr, PartnerInvoice, invoice_xml
from pipelines.stages.settle.invoices import ReceivedFrames
from pipelines.stages.settle.warehouse import settle_warehouse
from pipelines.warehouse.structure import prepare

AS_OF = datetime(2026, 12, 1, tzinfo=UTC)
_KEY = "'voltix' as partner, 'NL' as country_code, 'VOL' as party_id, 'CDR-' || i as id"
_CDRS = f"""
insert into core.cdrs by name
select
    {_KEY}, end_at - interval 1 hour as start_at, end_at, end_at as last_updated_at,
    'EUR' as currency, 'NLD' as country, 20 as total_energy_kwh, false as credit,
    i % 4000 / 100 + 1 as total_cost_excl_vat, false as home_charging_compensation,
    1 as period_count, 'h' as content_hash, end_at as fetched_at, 'p' as page_id
from (
    select i, timestamptz '2026-10-02 00:00:00+00' + to_seconds(i % 2400000) as end_at
    from range($count) as r(i)
)
"""  # noqa: S608 - our own words
_VERDICTS = f"""
insert into recon.cdrs by name
select
    {_KEY}, 'agreed' as verdict, 'EUR' as currency, 20 as energy_kwh, false as credit,
    i % 4000 / 100 + 1 as claimed_excl_vat, i % 4000 / 100 + 1 as expected_excl_vat,
    i % 4000 / 100 + 1 as payable_excl_vat, 0 as disputed_excl_vat, 0 as rejected_excl_vat,
    'published' as tariff_source, 0 as finding_count, false as home_charging_compensation,
    [] as rule_ids
from range($count) as r(i)
"""  # noqa: S608 - our own words


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print what something took, in processor and in wall clock time."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    print(f"{what}: {time.process_time() - cpu:.1f} s of processor, "
          f"{time.perf_counter() - wall:.1f} s")  # fmt: skip


def document(count: int) -> bytes:
    """Return the invoice, with its planted differences."""
    lines = []
    for i in range(count):
        amount = Decimal(i % 4000) / 100 + 1
        one = BilledCdr(f"CDR-{i}", amount + (not i % 100), Decimal(21), Decimal(20))
        lines += [one, one] if not i % 1000 else [one]
    return invoice_xml(
        PartnerInvoice(
            "INV-1", date(2026, 11, 3), "EUR", (date(2026, 10, 1), date(2026, 10, 31)),
            ("Voltix", "NL123456789B01"), ("Nord", "NL987654321B01"), lines,
        )
    )  # fmt: skip


def as_taken_in(invoice: ReceivedInvoice) -> ReceivedFrames:
    """Return the invoice as a settlement reads it."""
    head = {
        **{"i": 0, **invoice.header(), "partner": "voltix", "country_code": "NL"},
        **{"party_id": "VOL", "sources": ["s"], "formats": ["ubl"], "imported_at": AS_OF},
        **{"imported_by": "bench", "import_order": 0, "read_by": "bench"},
    }
    number = pl.lit(0, pl.Int32).alias("i")
    lines = invoice.lines.select(
        number, pl.int_range(pl.len(), dtype=pl.Int32).alias("n"), *LINE_SCHEMA
    )
    return ReceivedFrames(
        pl.DataFrame([head], schema=ReceivedFrames.head_schema(), orient="row"),
        lines.select(list(ReceivedFrames.line_schema())),
        invoice.vat_rows().with_columns(number).select(list(ReceivedFrames.vat_schema())),
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=100_000)
    count = parser.parse_args().lines
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'; set threads = 1")
    prepare(con)
    for text in (_CDRS, _VERDICTS):
        con.execute(text, {"count": count})
    con.execute(
        "insert into recon.changed select partner, country_code, party_id, id from recon.cdrs"
    )
    fx = fx_table("EUR", pl.DataFrame(schema=QUOTES_SCHEMA))
    contracts, nobody = {"voltix": Contract()}, DecisionsView()
    settle_warehouse(con, contracts, nobody, as_of=AS_OF, fx=fx)
    data = document(count)
    with timed(f"reading {len(data) >> 20} MiB of UBL"):
        invoice = read_ubl(data).signed()
    received = as_taken_in(invoice)
    with timed("settling again without it"):
        settle_warehouse(con, contracts, nobody, as_of=AS_OF, fx=fx)
    with timed(f"settling again with its {invoice.lines.height:,} lines"):
        settle_warehouse(con, contracts, nobody, as_of=AS_OF, fx=fx, received=received)
    found = con.execute(
        "select rule_id, count(*) from settle.invoice_findings group by all order by all"
    ).fetchall()
    print(", ".join(f"{rule} {times:,}" for rule, times in found))
    print(con.execute("select message from settle.invoices").fetchone())


if __name__ == "__main__":
    main()
