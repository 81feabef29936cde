"""Invoices for tests, as they would be received, and settled worlds to match them with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl
from settle_builder import AS_OF, SettleBuilder, rates

from models.settle.received import ReceivedInvoice, TaxAmount, lines_frame
from models.settle.view import DecisionsView
from pipelines.stages.settle.inputs import Terms, registered_inputs
from pipelines.stages.settle.invoices import ReceivedFrames, matched_invoices

CENT = Decimal("0.01")


def invoice(
    number: str,
    lines: Sequence[dict[str, Any]],
    *,
    issued_on: date = date(2026, 11, 3),
    currency: str = "EUR",
    period: tuple[date, date] | None = (date(2026, 10, 1), date(2026, 10, 31)),
    net_beyond: Decimal = Decimal(),
    tax_beyond: Decimal = Decimal(),
    **fields: Any,
) -> ReceivedInvoice:
    """An invoice whose totals are those of its lines, and what is asked for beyond them."""
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        rate = line.get("vat_rate", Decimal(21))
        bases[rate] = bases.get(rate, Decimal()) + line["amount_excl_vat"]
    net = sum(bases.values(), Decimal()) + net_beyond
    taxes = [
        TaxAmount("S", rate, base, (base * rate / 100).quantize(CENT, ROUND_HALF_UP))
        for rate, base in bases.items()
    ]
    if tax_beyond:
        first = taxes[0]
        taxes[0] = TaxAmount("S", first.rate, first.taxable, first.tax + tax_beyond)
    tax = sum((one.tax for one in taxes), Decimal())
    return ReceivedInvoice(
        number=number,
        type_code=fields.pop("type_code", "380"),
        issued_on=issued_on,
        currency=currency,
        total_excl_vat=net,
        lines=lines_frame({"vat_rate": Decimal(21), **line} for line in lines),
        period_from=period[0] if period else None,
        period_to=period[1] if period else None,
        total_vat=tax,
        total_incl_vat=net + tax,
        taxes=tuple(taxes),
        **fields,
    ).signed()


def received(*invoices: ReceivedInvoice, partners: Sequence[str] = ()) -> ReceivedFrames:
    """Invoices in the order in which they were taken in; of voltix, or of one partner each."""
    heads, lines, taxes = [], [], []
    for i, one in enumerate(invoices):
        own = {
            "i": i,
            "partner": partners[i] if partners else "voltix",
            "country_code": "NL",
            "party_id": "VOL",
            "sources": [f"sha-{i}"],
            "formats": ["ubl"],
            "imported_at": AS_OF,
            "imported_by": "ada",
            "import_order": i,
            "read_by": "digest",
        }
        heads.append({**one.header(), **own})
        lines.append(one.lines.with_columns(pl.lit(i, pl.Int32).alias("i")))
        taxes.append(one.vat_rows().with_columns(pl.lit(i, pl.Int32).alias("i")))
    numbered = pl.concat(lines).with_columns(pl.int_range(pl.len(), dtype=pl.Int32).alias("n"))
    return ReceivedFrames(
        pl.DataFrame(heads, schema=ReceivedFrames.head_schema(), orient="row"),
        numbered.select(list(ReceivedFrames.line_schema())),
        pl.concat(taxes).select(list(ReceivedFrames.vat_schema())),
    )


@contextmanager
def matched(world: SettleBuilder, frames: ReceivedFrames) -> Iterator[None]:
    """Match without writing: the temporary tables `received_…` are there meanwhile."""
    terms = Terms(world.contracts, DecisionsView(), rates())
    with registered_inputs(world.con, terms), matched_invoices(world.con, frames, world.contracts):
        yield


def moment(day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)
